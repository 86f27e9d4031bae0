import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const ROOT = join(__dirname, '..', '..');

/** A monitor.config.json that a developer has in the checkout must have no effect here. */
const NO_FILE = join(ROOT, 'test', 'support', 'empty.config.json');

/** Runs the CDK's own command line with no account, region or way to the internet. */
function synth(...flags: readonly string[]): {
  code: number | null;
  stderr: string;
  files: readonly string[];
} {
  const out = mkdtempSync(join(tmpdir(), 'thumbprint-synth-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      'synth',
      '--quiet',
      '--output',
      out,
      '-c',
      `config=${NO_FILE}`,
      ...flags,
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: out,
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        HTTPS_PROXY: 'http://127.0.0.1:1',
      },
    },
  );
  const files = readdirSync(out);
  rmSync(out, { recursive: true });
  return { code: status, stderr, files };
}

describe('npx cdk synth', () => {
  it('works offline, with one stack, so that deploy needs no name', () => {
    const { code, stderr, files } = synth('-c', 'email=you@example.com');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('rror') });
    expect(files.filter((file) => file.endsWith('.template.json'))).toEqual([
      'ThumbprintDriftMonitor.template.json',
    ]);
  }, 120_000);

  it('creates the stack that lets a project log in if it is requested, and only then', () => {
    const ids = ['-c', `org=${ORG}`, '-c', `project=${PROJECT}`];
    const { code, stderr, files } = synth(...ids, 'CircleCiFederation');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/rror|arning/) });
    expect(files.filter((file) => file.endsWith('.template.json')).sort()).toEqual([
      'CircleCiFederation.template.json',
      'ThumbprintDriftMonitor.template.json',
    ]);
  }, 120_000);

  it('refuses to deploy the monitor without a recipient, but not the other stack (fault 61)', () => {
    const { code, stderr } = synth('-c', 'dashboard=true', 'ThumbprintDriftMonitor');
    expect(code).toBe(1);
    // The CDK wraps long lines.
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `ERROR No recipient is configured: nobody would receive alerts, and the deployment would delete an existing e-mail subscription. Set email, topicArn or chat in ${NO_FILE} (see monitor.config.example.json), or pass -c email=you@example.com. If the monitor is already deployed, this command writes the file from the deployed stack: npx tsx cli/main.ts doctor FUNCTION_NAME --write-config. To deploy without recipients, add -c recipients=none.`,
    );
    expect(synth('-c', 'recipients=none').code).toBe(0);
  }, 120_000);

  it('reads both stacks from the file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'thumbprint-synth-')), 'monitor.config.json');
    const federation = { org: ORG, project: PROJECT };
    writeFileSync(file, JSON.stringify({ email: ['you@example.com'], federation }));
    const { code, stderr, files } = synth('-c', `config=${file}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/rror|arning/) });
    expect(files.filter((name) => name.endsWith('.template.json'))).toHaveLength(2);
    const removing = synth('-c', `config=${file}`, '-c', 'email=other@example.com');
    expect(removing.code).toBe(1);
    expect(removing.stderr).toContain('email: the flag would remove "you@example.com", which ');
  }, 120_000);

  it('names every problem of the configuration, without a stack trace', () => {
    const { code, stderr } = synth('-c', 'emial=x', '-c', 'schedule=cron(* * * * ? *)', '-c', `org=${ORG}`);
    expect(code).toBe(1);
    expect(stderr).toContain('The configuration is wrong:\nemial: is not a known key. Use one of: orgs, ');
    expect(stderr).toContain('schedule: "cron(* * * * ? *)" is not a rate.');
    expect(stderr).toContain('project: is missing. The stack CircleCiFederation requires org and project.');
    expect(stderr).not.toContain('    at ');
  }, 120_000);
});
