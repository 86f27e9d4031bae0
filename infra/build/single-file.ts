/**
 * The function as one text, for templates that carry their code. CloudFormation writes it to `index.js`, which Node
 * takes as CommonJS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
 * Plain, it would not fit a template of 1 MB, so it is compressed.
 */
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { buildSync } from 'esbuild';

/** The bundle itself: CommonJS, one file. */
export function buildSingleFile(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, '..', '..', 'lambda', 'handler.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** A source that unpacks the bundle and runs it. */
export function packSingleFile(bundle: string): string {
  const packed = brotliCompressSync(bundle, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(bundle),
    },
  });
  return `"use strict";
// The bundle of thumbprint-drift-monitor, compressed to fit a template. To read it:
// node -e "process.stdout.write(zlib.brotliDecompressSync(Buffer.from(require('fs').readFileSync('index.js','utf8').match(/BUNDLE = '(.*)'/)[1],'base64')))"
const BUNDLE = '${packed.toString('base64')}';
const source = require('node:zlib').brotliDecompressSync(Buffer.from(BUNDLE, 'base64')).toString();
const run = require('node:vm').compileFunction(source, ['exports', 'require', 'module', '__filename', '__dirname']);
run(exports, require, module, __filename, __dirname);
`;
}
