import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { readReport } from '../../cli/commands/report-schema';
import { mint } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { recordedShell } from '../support/recorded-shell';
import type { RecordedShell } from '../support/recorded-shell';
import { commonSigningKey } from '../support/signing-key';

jest.setTimeout(60_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
let issuer: Issuer;
let folder: string;

beforeAll(async () => {
  const root = await mint({ commonName: 'Root', ca: true });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  issuer = await startIssuer({ chain: [leaf, root], signingKey: commonSigningKey() });
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-command-'));
  writeFileSync(join(folder, 'root.pem'), root.pem);
});

afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true });
});

/** Ten times as fast as the clock, so that nothing waits for long. */
const BEGIN = Date.now();
const quick = (): Date => new Date(BEGIN + 10 * (Date.now() - BEGIN));

const shellOf = (interrupted: AbortSignal, onError?: (text: string) => void): RecordedShell =>
  recordedShell({ interrupted, now: quick, ...(onError === undefined ? {} : { onError }) });

const never = new AbortController().signal;

describe('runCommand', () => {
  it('prints the partial report after Ctrl-C, and before it what it waits for', async () => {
    issuer.onRequest(({ url }) => url.includes(OTHER));
    const interruption = new AbortController();
    const shell = shellOf(interruption.signal, (text) => {
      if (text.includes('1 of 2 targets, waiting for localhost')) interruption.abort();
    });
    const flags = ['--no-aws', '--allow-private-networks', '--output', 'json'];
    const anchors = ['--ca-file', join(folder, 'root.pem')];
    const code = await runCommand(
      [...flags, ...anchors, '--issuer', issuer.issuerOf(ORG), '--issuer', issuer.issuerOf(OTHER)],
      shell,
    );
    issuer.onRequest(undefined);
    expect(code).toBe(130);
    const report = readReport(JSON.parse(shell.out.join('')));
    const codes = new Map(report.targets.map((target) => [target.issuer, target.failure?.code]));
    expect(codes.get(issuer.issuerOf(ORG))).toBe('AWS_SKIPPED');
    expect(codes.get(issuer.issuerOf(OTHER))).toBe('DEADLINE_EXCEEDED');
    // The line is cleared before anything else is printed.
    expect(shell.err.slice(-2)).toEqual([
      '\r\u001b[K',
      'thumbprint-monitor: Interrupted. The report shows everything that was not read by then as not audited.\n',
    ]);
  });

  it('exits with 2 with --fail-on-skipped if a check was skipped, and says which on stderr', async () => {
    const flags = ['--no-aws', '--quiet', '--allow-private-networks', '--fail-on', 'critical'];
    const anchors = ['--ca-file', join(folder, 'root.pem'), '--issuer', issuer.issuerOf(ORG)];
    const [plainly, strictly] = [shellOf(never), shellOf(never)];
    expect(await runCommand([...flags, ...anchors], plainly)).toBe(0);
    expect(plainly.err.join('')).toBe('');
    expect(await runCommand([...flags, ...anchors, '--fail-on-skipped'], strictly)).toBe(2);
    expect(strictly.err.join('')).toMatch(
      /^thumbprint-monitor: --fail-on-skipped: Skipped.*IAM was not read.*\n$/,
    );
    expect(strictly.out.join('')).toContain('Exit code 2: checks were skipped (--fail-on-skipped).');
  });

  it('warns of suppressions without a subject, since an audit saves no state', async () => {
    const warningsFor = async (subject: object, output: string): Promise<readonly string[]> => {
      const file = join(folder, 'wide.json');
      const entry = { check: 'TRUST001', issuer: ORG, reason: 'x', until: '2999-01-31', ...subject };
      writeFileSync(file, JSON.stringify([entry]));
      const shell = shellOf(never);
      const flags = ['--no-aws', '--quiet', '--output', output, '--accept', file];
      await runCommand([...flags, '--issuer', issuer.issuerOf(ORG)], shell);
      return shell.err.filter((text) => text.startsWith('Warning: '));
    };
    expect(await warningsFor({}, 'json')).toEqual([expect.stringContaining('without a subject')]);
    expect(await warningsFor({ subject: 'deploy' }, 'json')).toEqual([]);
    // The table prints the note of the report, which says the same.
    expect(await warningsFor({}, 'table')).toEqual([]);
  });

  it.each([
    ['--ca-file', 'gone.pem', null, '--ca-file: "FILE": there is no such file. Correct the path.'],
    ['--ca-file', 'empty.pem', '', /^--ca-file: .*PEM/],
    ['--accept', 'gone.json', null, '--accept: "FILE": there is no such file. Correct the path.'],
    ['--accept', 'text.json', 'no', /^--accept: "FILE" is not JSON: .* Correct the file\.$/],
    ['--accept', 'object.json', '{}', /^--accept: "FILE": must be a list of objects .*; it is an object\.$/],
    [
      '--accept',
      'check.json',
      `[{"check":"THUMB01","issuer":"${ORG}","reason":"x","until":"2027-01-31"}]`,
      /^--accept: "FILE": \[0\]\.check: "THUMB01" is not known\. Use one of: THUMB001, /,
    ],
    [
      '--ca-file',
      'ca.json',
      '{"ci.example.com:8443": "no PEM"}',
      /^--ca-file: "FILE": \["ci\.example\.com:8443"\]: .*PEM/,
    ],
  ])('reports the problem of %s %s', async (flag, name, content, complaint) => {
    const file = join(folder, name);
    if (content !== null) writeFileSync(file, content);
    const shell = shellOf(never);
    const code = await runCommand(['--no-aws', '--issuer', issuer.issuerOf(ORG), flag, file], shell);
    expect(code).toBe(2);
    expect(shell.out).toEqual([]);
    const words = shell.err.join('').replace('thumbprint-monitor: ', '').replaceAll(file, 'FILE').trimEnd();
    if (typeof complaint === 'string') expect(words).toBe(complaint);
    else expect(words).toMatch(complaint);
  });

  it('names the flag that selects an issuer if a CA file is for another host', async () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, JSON.stringify({ 'ci.example.com': readFileSync(join(folder, 'root.pem'), 'utf8') }));
    const shell = shellOf(never);
    const args = ['--no-aws', '--issuer', issuer.issuerOf(ORG), '--ca-file', file];
    expect(await runCommand(args, shell)).toBe(2);
    expect(shell.err.join('')).toBe(
      `thumbprint-monitor: --ca-file: "${file}": ci.example.com:443: no issuer that is named with --issuer has this host. Add the issuer with --issuer, or correct the host.\n`,
    );
  });

  it('says what was checked with --no-aws and what was skipped, and exits 0', async () => {
    const anchors = ['--allow-private-networks', '--ca-file', join(folder, 'root.pem')];
    for (const [output, exit] of [
      ['table', '\nExit code 0: '],
      ['markdown', ''],
      ['json', ''],
      ['junit', ''],
      ['terraform', ''],
    ] as const) {
      const shell = shellOf(never);
      const args = ['--no-aws', '--quiet', ...anchors, '--issuer', issuer.issuerOf(ORG), '--output', output];
      expect(await runCommand(args, shell)).toBe(0);
      const text = shell.out.join('').replaceAll(/\s+/g, ' ');
      expect(text).toContain('IAM was not read. This audit covers the discovery documents');
      expect(text).toContain('Skipped: the providers, their thumbprint lists');
      expect(shell.out.join('')).toContain(exit);
    }
  });

  it('refuses a CA file for well-known public issuers', async () => {
    const shell = shellOf(never);
    const file = join(folder, 'root.pem');
    const args = ['--issuer', `https://oidc.circleci.com/org/${ORG}`, '--ca-file', file];
    expect(await runCommand(args, shell)).toBe(2);
    expect(shell.err.join('')).toBe(
      'thumbprint-monitor: --ca-file: all issuers of --issuer are well-known public ones, which are verified only by public certificate authorities. Omit --ca-file.\n',
    );
  });

  it('reports an internal error as one, with its stack', async () => {
    const shell = { ...shellOf(never), environment: {} };
    class Broken extends Error {}
    const broken = {
      ...shell,
      stdout: { ...shell.stdout, write: () => Promise.reject(new Broken('it broke')) },
    };
    expect(await runCommand(['--version'], broken)).toBe(2);
    expect(shell.err.join('')).toMatch(
      /^thumbprint-monitor: Internal error in thumbprint-monitor \d+\.\d+\.\d+; please report it .*\nError: it broke\n +at /s,
    );
  });
});
