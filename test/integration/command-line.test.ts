import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readReport } from '../../cli/commands/report-schema';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import type { Report } from '../../lambda/domain/types';
import { commandLine } from '../support/command-line';
import type { CommandLine, Environment, Finished } from '../support/command-line';
import { embedded, moto, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { readXml, schemaProblems } from '../support/junit';
import { letIn } from '../support/let-in';
import { motoIsThere } from '../support/moto';

// Each command is a process, which takes its time on a busy machine.
jest.setTimeout(60_000);

const ARTICLE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const IN_SYNC = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const DRIFTED = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const MISSING = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';

let cli: CommandLine;
let issuer: Issuer;
let root: Identity;
let top: Identity;
let publicRoots: string;

beforeAll(async () => {
  cli = commandLine();
  root = await mint({ commonName: 'Public Root', ca: true });
  top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
  issuer = await startIssuer({ chain: [leaf, top] });
  publicRoots = cli.file('roots.pem', root.pem);
});

afterAll(async () => {
  await issuer.close();
  cli.remove();
});

const reportOf = ({ stdout }: Finished): Report => readReport(JSON.parse(stdout));
const account = (url: string): Environment => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  ...withPublicRoots(publicRoots),
});
const audit = (...flags: string[]): string[] => ['audit', '--allow-private-networks', ...flags];
const of = (org: string): string[] => ['--issuer', issuer.issuerOf(org)];
/** Issuers on private addresses must be named, so those of the test are named, too. */
const everything = (): string[] => ['--all', ...of(IN_SYNC), ...of(DRIFTED)];

async function create(url: string, org: string, thumbprint: string): Promise<void> {
  await letIn(new IAMClient(settings(url)), {
    issuer: issuer.issuerOf(org),
    thumbprints: [thumbprint],
    audiences: [org],
  });
}

function suite(start: () => Promise<Emulator>): void {
  let emulator: Emulator;
  let environment: Environment;
  const run = (...flags: string[]): Promise<Finished> => cli.run(audit(...flags), environment);

  beforeAll(async () => {
    emulator = await start();
    environment = account(emulator.url);
    await create(emulator.url, IN_SYNC, top.thumbprint);
    await create(emulator.url, DRIFTED, ARTICLE);
  }, 90_000);

  afterAll(() => emulator.stop());

  it('exits 0 and prints nothing on stderr if there are no findings', async () => {
    const finished = await run(...of(IN_SYNC), '--output', 'json');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(reportOf(finished)).toMatchObject({
      action: 'audit',
      account: '123456789012',
      summary: { inSync: 1, drifted: 0, worst: null },
      targets: [{ issuer: issuer.issuerOf(IN_SYNC), expected: [top.thumbprint], listed: [top.thumbprint] }],
    });
  });

  it('exits 1 from --fail-on on, 0 below', async () => {
    expect(await run(...everything())).toMatchObject({ code: 0, stderr: '' });
    const failing = await run(...everything(), '--fail-on', 'low');
    expect(failing).toMatchObject({ code: 1, stderr: '' });
    expect(failing.stdout).toContain('THUMB001 low: ');
    expect(failing.stdout).toContain('Exit code 1: 1 finding at or above low.');
  });

  it('exits 1 if a named issuer has no provider', async () => {
    const finished = await run(...of(MISSING), '--output', 'json');
    expect(finished.code).toBe(1);
    expect(reportOf(finished).targets).toMatchObject([
      { status: 'provider-missing', findings: [{ check: 'PROV001' }] },
    ]);
  });

  it('exits 2 if something could not be audited, and 2 outranks 1', async () => {
    const finished = await run(
      '--issuer',
      'https://localhost:1/org/none',
      ...of(MISSING),
      '--output',
      'json',
    );
    expect(finished).toMatchObject({ code: 2, stderr: '' });
    expect(reportOf(finished).summary).toMatchObject({ notAudited: 1, providerMissing: 1 });
  });

  it('audits every provider of the account by default, and contacts none at a private address', async () => {
    const finished = await run('--output', 'json');
    expect(finished).toMatchObject({ code: 2, stderr: '' });
    const { targets } = reportOf(finished);
    expect(targets.length).toBeGreaterThan(1);
    expect(new Set(targets.map(({ failure }) => failure?.code))).toEqual(new Set(['SSRF_ADDRESS_REFUSED']));
  });

  it('audits the CircleCI providers of the account with --discover circleci', async () => {
    const finished = await run('--discover', 'circleci');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain('Nothing to check');
  });

  it('needs no AWS with --no-aws', async () => {
    const finished = await cli.run(audit('--no-aws', ...of(DRIFTED), '--output', 'json'), {
      ...withPublicRoots(publicRoots),
    });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    const report = reportOf(finished);
    expect(report.failures).toEqual([]);
    expect(report.targets).toMatchObject([
      {
        status: 'not-audited',
        expected: [top.thumbprint],
        chains: [{ publiclyTrusted: true }],
        failure: { step: 'iam', code: 'AWS_SKIPPED' },
      },
    ]);
  });

  it('exits 2 with --no-aws if the issuer could not be reached either', async () => {
    const finished = await cli.run(
      audit('--no-aws', '--issuer', 'https://localhost:1/org/none', '--output', 'json'),
    );
    expect(finished.code).toBe(2);
    expect(reportOf(finished).targets).toMatchObject([{ failure: { code: 'TCP_REFUSED' } }]);
  });

  it('accepts private certificate authorities from a file', async () => {
    const flags = audit(...of(IN_SYNC), '--output', 'json');
    const alone = await cli.run(flags, { ...environment, NODE_EXTRA_CA_CERTS: '' });
    expect(reportOf(alone).targets[0]?.findings.map(({ check }) => check)).toContain('CERT006');
    for (const file of [
      cli.file('ca.pem', root.pem),
      cli.file('ca.json', JSON.stringify({ [`localhost:${issuer.port}`]: root.pem })),
    ]) {
      const trusting = await cli.run([...flags, '--ca-file', file], {
        ...environment,
        NODE_EXTRA_CA_CERTS: '',
      });
      expect(trusting).toMatchObject({ code: 0, stderr: '' });
      expect(reportOf(trusting).targets).toMatchObject([
        { status: 'in-sync', enforced: true, findings: [], chains: [{ publiclyTrusted: false }] },
      ]);
    }
  });

  it('ignores suppressed findings until their date', async () => {
    const accept = (until: string): string =>
      cli.file(
        `accept-${until}.json`,
        JSON.stringify([{ check: 'THUMB001', issuer: issuer.issuerOf(DRIFTED), reason: 'PLAT-7', until }]),
      );
    const flags = [...everything(), '--fail-on', 'low', '--output', 'json'];
    const passing = await run(...flags, '--accept', accept('9999-12-31'));
    expect(passing.code).toBe(0);
    // The command line has no state, so such an entry covers later findings, too.
    expect(passing.stderr).toMatch(/^Warning: [^\n]*\(THUMB001\)[^\n]*\n$/);
    expect(reportOf(passing).summary).toMatchObject({ drifted: 1, accepted: 1, worst: null });
    const over = await run(...flags, '--accept', accept('2020-01-31'));
    expect(over.code).toBe(1);
    expect(over.stdout).toContain('It was accepted until 2020-01-31');
  });

  it('prints JUnit XML that the schema permits', async () => {
    const finished = await run(...everything(), '--fail-on', 'low', '--output', 'junit');
    expect(finished.code).toBe(1);
    const xml = readXml(finished.stdout);
    expect(schemaProblems(xml)).toEqual([]);
    expect(xml.attributes.get('failures')).toBe('1');
  });

  it.each([
    ['markdown', '| drifted | no |'],
    ['terraform', `    "${ARTICLE}",`],
  ])('prints %s', async (output, text) => {
    const finished = await run(...everything(), '--output', output);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain(text);
  });
}

describe('the command line, on the embedded AWS', () => {
  suite(embedded);
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('the command line, on moto_server', () => {
  suite(moto);
});

describe('the command line, refused by AWS', () => {
  let aws: EmbeddedAws;

  beforeAll(async () => {
    aws = await startAws();
    await create(aws.url, IN_SYNC, top.thumbprint);
  });

  afterAll(() => aws.close());

  const run = (environment: Environment, ...flags: string[]): Promise<Finished> =>
    cli.run(audit('--all', ...of(IN_SYNC), ...flags), { ...account(aws.url), ...environment });

  /** One line, no stack. */
  const complaint = (words: string): unknown => ({
    code: 2,
    stdout: '',
    stderr: `thumbprint-monitor: ${words}\n`,
  });
  const REMEDY =
    'Log in (aws sso login, aws configure), or choose a profile with --profile. An audit with --no-aws and --org or --issuer needs no credentials.';

  it('reports missing credentials', async () => {
    const finished = await run({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
    expect(finished).toEqual(
      complaint(
        `There are no usable AWS credentials for iam:ListOpenIDConnectProviders: Could not load credentials from any providers. ${REMEDY}`,
      ),
    );
  });

  it('names a profile that does not exist', async () => {
    const finished = await run({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: 'nope' });
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(/, or choose another profile than "nope" with --profile\. /);
    expect(finished.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'reports that AWS does not accept the credentials: %s',
    async (code) => {
      aws.failNext('ListOpenIDConnectProviders', { code, status: 403 });
      expect(await run({})).toEqual(
        complaint(
          `AWS did not accept the credentials for iam:ListOpenIDConnectProviders: renew them (${code}). ${REMEDY}`,
        ),
      );
    },
  );

  it('names the action that is denied', async () => {
    aws.failNext('ListOpenIDConnectProviders', { code: 'AccessDenied', status: 403 });
    expect(await run({})).toEqual(
      complaint(
        'AWS denied iam:ListOpenIDConnectProviders on *: allow it in the caller\'s policy (AccessDenied). AWS said: "A fault on order."',
      ),
    );
  });

  it('needs no region, since IAM is global', async () => {
    expect(await run({ AWS_REGION: '' })).toMatchObject({ code: 0, stderr: '' });
    const { AWS_REGION, ...nowhere } = account(aws.url);
    expect(AWS_REGION).toBe('eu-west-1');
    for (const more of [{}, { AWS_DEFAULT_REGION: '' }]) {
      expect(await cli.run(audit('--all', ...of(IN_SYNC)), { ...nowhere, ...more })).toMatchObject({
        code: 0,
        stderr: '',
      });
    }
  });

  it('reads credentials and endpoint from a profile', async () => {
    const config = cli.file(
      'config',
      `[profile ci]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\nendpoint_url = ${aws.url}\n`,
    );
    const finished = await run({
      AWS_ENDPOINT_URL: '',
      AWS_REGION: '',
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_CONFIG_FILE: config,
      AWS_PROFILE: 'ci',
    });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('reports other faults of IAM, and exits 2', async () => {
    aws.failNext('GetOpenIDConnectProvider', { code: 'NoSuchThing', status: 400 });
    const finished = await run({}, '--output', 'json');
    expect(finished.code).toBe(2);
    expect(reportOf(finished).targets).toMatchObject([{ failure: { code: 'AWS_UNAVAILABLE' } }]);
  });
});

describe('the command line, interrupted', () => {
  it('prints the partial report and exits 130', async () => {
    const asked: string[] = [];
    issuer.onRequest(({ url }) => {
      asked.push(url);
      return url.includes(MISSING);
    });
    const { child, finished } = cli.start(
      audit('--no-aws', ...of(IN_SYNC), ...of(MISSING), '--output', 'json'),
      withPublicRoots(publicRoots),
    );
    for (let turn = 0; turn < 3_000 && !asked.some((url) => url.includes(MISSING)); turn += 1)
      await sleep(10);
    child.kill('SIGINT');
    const result = await finished;
    issuer.onRequest(undefined);
    expect(result).toMatchObject({
      code: 130,
      stderr:
        'thumbprint-monitor: Interrupted. The report shows everything that was not read by then as not audited.\n',
    });
    const report = reportOf(result);
    expect(report.targets).toHaveLength(2);
    expect(report.targets.find((target) => target.issuer === issuer.issuerOf(MISSING))).toMatchObject({
      status: 'not-audited',
      failure: { step: 'deadline', code: 'DEADLINE_EXCEEDED' },
    });
  });
});

describe('the command line and its streams', () => {
  it('exits with the right code if the reader closes the pipe', async () => {
    const { child, finished } = cli.start(
      audit('--no-aws', '--issuer', 'https://localhost:1/org/none', '--output', 'junit'),
    );
    child.stdout?.destroy();
    expect(await finished).toMatchObject({ code: 2, stderr: '' });
  });

  it.each<[string, Environment, readonly string[], boolean]>([
    ['no colours into a pipe', {}, [], false],
    ['colours where FORCE_COLOR asks for them', { FORCE_COLOR: '1' }, [], true],
    ['none where NO_COLOR forbids them', { FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    ['none with --no-color', { FORCE_COLOR: '1' }, ['--no-color'], false],
  ])('prints %s', async (_, environment, flags, colourful) => {
    const finished = await cli.run(audit('--no-aws', ...of(IN_SYNC), ...flags), {
      ...withPublicRoots(publicRoots),
      ...environment,
    });
    expect(finished.code).toBe(0);
    expect(finished.stdout.includes('\u001b[')).toBe(colourful);
  });

  it('prints wrong arguments on stderr, and exits 2', async () => {
    expect(await cli.run(['--isuer', 'x'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "thumbprint-monitor: Unknown option '--isuer'. Did you mean --issuer? See thumbprint-monitor --help.\n",
    });
  });

  it('prints help and version on stdout', async () => {
    const help = await cli.run(['audit', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('--no-aws');
    expect(await cli.run(['--version'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('runs from the source, too, as npm run audit does', async () => {
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'audit', '--output', 'nope'], {
      cwd: `${__dirname}/../..`,
      stdio: 'ignore',
    });
    expect(await once(child, 'close')).toEqual([2, null]);
  });
});
