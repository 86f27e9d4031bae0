/** The documents on invoking the deployed function. */
import { expect } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReport } from '../../../cli/commands/report-schema';
import { hasTool } from '../tools';
import { TOPIC, bash } from './example';
import type { Example } from './example';

const withAws = hasTool('aws', 'tests of `aws lambda` in README');
const withJq = hasTool('jq', 'the test of `jq` in README');

const invocation = (file: string): string =>
  `aws lambda invoke --function-name NAME --payload fileb://examples/${file} out.json && cat out.json`;

const invokes: Example = {
  lines: ['npx tsx cli/main.ts invoke NAME'],
  test: async ({ lambda }, line = '') => {
    const finished = await bash(line, lambda);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain('in sync 2 of 2 targets in AWS account 123456789012.');
  },
};

const alerts: Example = {
  lines: [invocation('test-alert.json')],
  runs: withAws,
  test: async ({ aws, lambda, folder }, line = '') => {
    const before = aws.published().length;
    const { code, stdout } = await bash(line, lambda, folder);
    expect(code).toBe(0);
    expect(stdout).toContain('"text":"A test message was published. ');
    expect(aws.published().slice(before)).toMatchObject([
      { topicArn: TOPIC, subject: '[info] Test message: alerts arrive (account acme 123456789012)' },
    ]);
  },
};

const reports: Example = {
  lines: [
    invocation('audit.json'),
    'jq -r .text out.json',
    "jq -e '.summary.drifted == 0 and .summary.notAudited == 0' out.json",
  ],
  runs: withAws && withJq,
  test: async ({ lambda, folder }, audit = '', print = '', judge = '') => {
    const file = join(folder, 'out.json');
    expect(await bash(audit, lambda, folder)).toMatchObject({ code: 0 });
    const report = readReport(JSON.parse(readFileSync(file, 'utf8')));
    expect(report).toMatchObject({ action: 'audit', summary: { inSync: 2 } });
    expect(await bash(print, lambda, folder)).toMatchObject({ code: 0, stdout: `${report.text}\n` });
    expect(await bash(judge, lambda, folder)).toMatchObject({ code: 0, stdout: 'true\n' });
    writeFileSync(file, JSON.stringify({ ...report, summary: { ...report.summary, drifted: 1 } }));
    expect(await bash(judge, lambda, folder)).toMatchObject({ code: 1, stdout: 'false\n' });

    // The AWS CLI exits 0 even when the function failed.
    const wrong = mkdtempSync(join(folder, 'wrong-'));
    mkdirSync(join(wrong, 'examples'));
    writeFileSync(join(wrong, 'examples', 'audit.json'), '{ "action": "adit" }');
    const failed = await bash(audit, lambda, wrong);
    expect(failed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/"FunctionError": .*"errorType":"EventError"/s),
    });
  },
};

const prints: Example = {
  lines: [invocation('audit.json').replace('cat out.json', 'jq -r .text out.json')],
  runs: withAws && withJq,
  test: async ({ lambda, folder }, line = '') => {
    const { code, stdout } = await bash(line, lambda, folder);
    expect(code).toBe(0);
    expect(stdout).toContain('in AWS account 123456789012.');
  },
};

/** All of them. */
export const invoking: readonly Example[] = [invokes, alerts, reports, prints];
