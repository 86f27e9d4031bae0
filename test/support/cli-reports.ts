/** Made-up reports for the outputs of the command line, hostile strings included. */
import { painter } from '../../cli/colour';
import { render } from '../../cli/outputs/render';
import type { Output } from '../../cli/outputs/render';
import { markAccepted } from './accepted';
import { failure } from '../../lambda/domain/errors';
import type { Report, TargetReport } from '../../lambda/domain/types';
import { OLD, RSA, drifted, finding, inSync, issuerOf, reportOf as wholeReportOf, unseen } from './reports';

/** With a text that no test compares. */
const reportOf = (...run: Parameters<typeof wholeReportOf>): Report => ({
  ...wholeReportOf(...run),
  text: 'The report as a person reads it.\n',
});

const NOW = new Date('2026-11-23T12:00:00Z');

/** Text that each format interprets: escapes, markup, templates, line ends, wide characters, bidirectional marks. */
export const HOSTILE =
  'a\u001b[31mb\u009b2J | `c` ``` <img src=x> & "d" \'e\' ${f} %{g} ]]> *h* _i_ [j](https://evil.example) @k\r\n# l\u202em 日本語 \ufffe \u{1f600}';

const hostile: TargetReport = {
  ...drifted('d'),
  issuer: 'https://ci.example.com/org/%22$%7Bx%7D|`',
  providerArn: 'arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/%22$%7Bx%7D|`',
  enforced: true,
  enforcedBasis: 'private-ca',
  listed: [HOSTILE, OLD],
  expected: [RSA],
  proposed: [RSA],
  chains: drifted('d').chains.map((chain) => ({
    ...chain,
    host: 'ci.example.com',
    publiclyTrusted: false,
    certificates: chain.certificates.map((one) => ({ ...one, subject: `CN=${HOSTILE}` })),
  })),
  findings: [
    finding('THUMB001', 'critical', HOSTILE, `${HOSTILE}\naws iam ${HOSTILE}`),
    finding('CERT002', 'high', 'x'.repeat(150), 'Let the server send the chain in order.'),
  ],
};

const accepted = markAccepted(
  drifted('e'),
  [{ check: 'THUMB001', issuer: issuerOf('e'), reason: `See | ${HOSTILE}`, until: '2027-01-31' }],
  NOW,
);

const missing: TargetReport = {
  ...inSync('f'),
  providerArn: null,
  status: 'provider-missing',
  listed: [],
  findings: [
    finding(
      'PROV001',
      'high',
      `The account has no OIDC provider for ${issuerOf('f')}: its jobs cannot log in.`,
      `Create the provider:\naws iam create-open-id-connect-provider \\\n  --url ${issuerOf('f')}`,
    ),
  ],
};

const full: TargetReport = {
  ...drifted('7'),
  listed: ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(40)),
};

const skipped: TargetReport = {
  ...inSync('8'),
  providerArn: null,
  status: 'not-audited',
  listed: [],
  failure: failure('iam', 'AWS_SKIPPED', 'IAM was not read (--no-aws).'),
};

/** Every kind of target, and something that belongs to none. */
export const everything: Report = reportOf(
  [inSync('a'), drifted('b'), unseen('c'), hostile, accepted, missing, full],
  {
    action: 'audit',
    findings: [finding('OPS001', 'high', 'The alert topic has no confirmed subscription.', 'Confirm it.')],
    failures: [
      {
        step: 'iam',
        code: 'AWS_THROTTLED',
        message: 'AWS throttled iam:ListRoles even after retries (Throttling).',
      },
    ],
  },
);

/** Nothing to do. */
export const clean: Report = reportOf([inSync('a'), inSync('b')], { action: 'audit' });

/** An account without providers. */
export const empty: Report = reportOf([], { action: 'audit', account: null });

/** `--no-aws`. */
export const withoutAws: Report = reportOf([skipped], {
  action: 'audit',
  account: null,
  notes: ['With --no-aws, IAM was not read.'],
});

/** Each with a name. */
export const REPORTS: readonly (readonly [string, Report])[] = [
  ['everything', everything],
  ['clean', clean],
  ['empty', empty],
  ['without-aws', withoutAws],
];

/** A report as a file or a pipe receives it. */
export const plain = (report: Report, output: Output, columns = 100): string =>
  render(report, output, {
    failOn: 'high',
    columns,
    paint: painter(false),
    isInterrupted: false,
  });

/** A report that has this text wherever others can write something. */
export const strange = (text: string): Report =>
  wholeReportOf([
    {
      ...drifted('a'),
      listed: [text],
      findings: [
        finding('THUMB001', 'high', text, `${text}\n${text}`),
        { ...finding('CERT001', 'low', text), accepted: { reason: text, until: '2027-01-01' } },
      ],
    },
  ]);
