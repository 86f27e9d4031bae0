import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Runs the CDK's own command line with no account, region or way to the internet. */
function synth(...flags: readonly string[]): {
  code: number | null;
  stderr: string;
  files: readonly string[];
} {
  const out = mkdtempSync(join(tmpdir(), 'thumbprint-synth-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', '--quiet', '--output', out, ...flags],
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

  it('names every problem of the context, without a stack trace', () => {
    const { code, stderr } = synth('-c', 'emial=x', '-c', 'schedule=cron(* * * * ? *)');
    expect(code).toBe(1);
    expect(stderr).toContain('The configuration is wrong:\nemial: is not a known key. Did you mean email?\n');
    expect(stderr).toContain('schedule: "cron(* * * * ? *)" is not a rate.');
    expect(stderr).not.toContain('    at ');
  }, 120_000);
});
