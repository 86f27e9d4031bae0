import { describe, expect, it } from '@jest/globals';
import { readArguments } from '../../cli/arguments';
import { UsageError } from '../../cli/usage-error';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const COMMON = { org: [], issuer: [], output: 'table', failOn: 'high', color: true, quiet: false };
const AUDIT = { ...COMMON, all: false, aws: true, allowPrivateNetworks: false };

function complaintOf(args: string): string {
  try {
    readArguments(args.split(' ').filter((part) => part !== ''));
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('readArguments', () => {
  it.each<[string, object]>([
    ['', AUDIT],
    ['audit', AUDIT],
    [`--org ${ORG.toUpperCase()} --org ${ORG}`, { ...AUDIT, org: [ORG] }],
    [
      'audit --issuer HTTPS://CI.example.com:443/Org/x --issuer https://b.example',
      { ...AUDIT, issuer: ['https://ci.example.com/Org/x', 'https://b.example'] },
    ],
    ['--discover circleci', { ...AUDIT, discover: 'circleci' }],
    ['--all --discover all', { ...AUDIT, all: true, discover: 'all' }],
    ['--fail-on-skipped', { ...AUDIT, failOnSkipped: true }],
    ['--all --fail-on low --output junit', { ...AUDIT, all: true, failOn: 'low', output: 'junit' }],
    [
      `--no-aws --org ${ORG} --no-color --quiet`,
      { ...AUDIT, aws: false, org: [ORG], color: false, quiet: true },
    ],
    [
      '--issuer https://ci.example.com --ca-file ca.pem --accept a.json --allow-private-networks',
      {
        ...AUDIT,
        issuer: ['https://ci.example.com'],
        caFile: 'ca.pem',
        accept: 'a.json',
        allowPrivateNetworks: true,
      },
    ],
  ])('accepts an audit: %s', (args, flags) => {
    expect(readArguments(args.split(' ').filter((part) => part !== ''))).toEqual({ kind: 'audit', flags });
  });

  it.each([
    ['audit', 'audit'],
    ['invoke', 'invoke Monitor'],
    ['doctor', 'doctor Monitor'],
  ])('accepts a profile and a region: %s', (kind, args) => {
    expect(readArguments([...args.split(' '), '--profile', 'p', '--region', 'eu-west-1'])).toMatchObject({
      kind,
      flags: { profile: 'p', region: 'eu-west-1' },
    });
  });

  it('accepts an invocation', () => {
    expect(readArguments(['invoke', 'Monitor', '--action', 'monitor', '--org', ORG])).toEqual({
      kind: 'invoke',
      functionName: 'Monitor',
      flags: { ...COMMON, action: 'monitor', org: [ORG] },
    });
  });

  it.each<[string, string]>([
    ['--isuer x', "Unknown option '--isuer'. Did you mean --issuer? See thumbprint-monitor --help."],
    ['--nope', "Unknown option '--nope'. See thumbprint-monitor --help."],
    ['audti', '"audti" is not a command. Use one of: audit, invoke, doctor.'],
    ['--org', "Option '--org <id>' argument missing. See thumbprint-monitor --help."],
    [
      '--org --all',
      '--org: "--all" is not a CircleCI org id: it has 5 characters, a UUID has 36. Copy it from Organization Settings > Overview.',
    ],
    [
      '--issuer ci.example.com',
      '--issuer: "ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [
      '--output jason',
      '--output: "jason" is not known. Use one of: table, json, markdown, junit, terraform.',
    ],
    ['--fail-on info', '--fail-on: "info" is not known. Use one of: low, medium, high, critical.'],
    ['--no-aws', '--no-aws: no issuer is selected. Add --org ID or --issuer URL.'],
    ['--discover github', '--discover: "github" is not known. Use one of: all, circleci, none.'],
    [
      '--all --discover circleci',
      '--all: means --discover all, not --discover circleci. Omit one of the two.',
    ],
    [
      `--no-aws --org ${ORG} --discover none`,
      '--discover: has no effect, because --no-aws does not read the account. Omit one of the two.',
    ],
    [
      '--no-aws --all',
      '--all: needs the list of providers of the account, and --no-aws does not read the account. Omit one of the two.',
    ],
    [
      `--org ${ORG} --ca-file ca.pem`,
      '--ca-file: no issuer is selected that could use it. Add --issuer URL.',
    ],
    ...['--profile x', '--region eu-west-1'].map((flag): [string, string] => [
      `--no-aws --org ${ORG} ${flag}`,
      `${flag.replace(/ .*/, '')}: has no effect, because --no-aws does not call AWS. Omit one of the two.`,
    ]),
    ['invoke', "Missing required argument 'function'. See thumbprint-monitor --help."],
    [
      'invoke a b',
      "Too many arguments for 'invoke'. Expected 1 argument but got 2. See thumbprint-monitor --help.",
    ],
    ['invoke a --action look', '--action: "look" is not known. Use one of: audit, monitor, test-alert.'],
    ['invoke a --fail-on-skipped', "Unknown option '--fail-on-skipped'. See thumbprint-monitor --help."],
    ['invoke a --no-aws', "Unknown option '--no-aws'. See thumbprint-monitor --help."],
  ])('refuses: %s', (args, complaint) => {
    expect(complaintOf(args)).toBe(complaint);
  });

  it('escapes what it repeats', () => {
    expect(complaintOf('--output \u001b[2J')).not.toContain('\u001b');
    expect(complaintOf('--\u001b[2J')).not.toContain('\u001b');
  });

  it.each([['--help'], ['-h'], ['audit --help'], ['invoke --help'], ['--version'], ['-V'], ['help']])(
    'shows: %s',
    (args) => {
      const request = readArguments(args.split(' '));
      expect(request.kind).toBe('shown');
    },
  );
});
