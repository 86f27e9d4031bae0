/** `npm run template`: writes the CloudFormation template that needs no CDK. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, aws_lambda as lambda } from 'aws-cdk-lib';
import { buildSingleFile, packSingleFile } from './single-file';
import { TemplateStack } from '../monitor/template-stack';

const FILE = join(__dirname, '..', '..', 'dist', 'thumbprint-drift-monitor.template.json');

/** The template as JSON. `source`: what its function runs, by default the bundle. */
export function buildTemplate(source = packSingleFile(buildSingleFile())): string {
  const app = new App({
    context: {
      'aws:cdk:enable-path-metadata': false,
      // The old style asks nothing of the account: no bucket, no roles, no bootstrap version.
      '@aws-cdk/core:newStyleStackSynthesis': false,
    },
  });
  const stack = new TemplateStack(app, 'ThumbprintDriftMonitor', lambda.Code.fromInline(source));
  return JSON.stringify(app.synth().getStackArtifact(stack.artifactId).template);
}

if (require.main === module) {
  const template = buildTemplate();
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, template);
  process.stdout.write(`${FILE}: ${Math.ceil(Buffer.byteLength(template) / 1024)} KB\n`);
}
