import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { startFunction } from '../../demo/function';
import { buildTemplate } from '../../infra/build/template';

/** What CloudFormation takes from a bucket: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_BYTES = 1_000_000;
/** What Lambda takes as source in a template. */
const MAX_CODE_BYTES = 4 * 1024 * 1024;

const TEMPLATE = v.object({ Resources: v.record(v.string(), v.looseObject({ Type: v.string() })) });
const FUNCTION = v.object({ Properties: v.object({ Code: v.object({ ZipFile: v.string() }) }) });

let text: string;
let code: string;
let folder: string;

beforeAll(() => {
  text = buildTemplate();
  const { Resources } = v.parse(TEMPLATE, JSON.parse(text));
  const [monitor] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  code = v.parse(FUNCTION, monitor).Properties.Code.ZipFile;
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-template-'));
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the CloudFormation template without CDK, with its code', () => {
  it('fits the limits of CloudFormation and Lambda', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BYTES);
    expect(Buffer.byteLength(code)).toBeLessThan(MAX_CODE_BYTES);
  });

  it('contains a bundle that Lambda can run, with the code of the other deployments', async () => {
    const bundle = join(folder, 'index.js');
    writeFileSync(bundle, code);
    const deployed = await startFunction({ bundle, environment: { MONITOR_CONFIG: '{"orgs":["x"]}' } });
    const invocation = await deployed.invoke({ action: 'audit' });
    await deployed.stop();
    expect(invocation).toMatchObject({
      ok: false,
      errorType: 'ConfigError',
      errorMessage: expect.stringMatching(/^orgs\[0\]: "x" is not a CircleCI org id/),
    });
  }, 120_000);
});
