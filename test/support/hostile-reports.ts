/** Reports in which every text that somebody else chose is hostile. */
import fc from 'fast-check';
import type { Failure, Finding, Report, TargetReport } from '../../lambda/domain/types';
import { STEPS } from '../../lambda/domain/errors';
import { SEVERITIES } from '../../lambda/domain/severity';
import { hostileText } from './hostile';
import { inSync, reportOf } from './reports';
import { CHECK_IDS } from '../../lambda/domain/checks';

const issuers = fc
  .oneof(fc.constant('oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34'), hostileText)
  .map((rest) => `https://ci.example.com/${rest}`)
  .filter((url) => URL.canParse(url));

const findings: fc.Arbitrary<Finding> = fc.record(
  {
    check: fc.constantFrom(...CHECK_IDS),
    severity: fc.constantFrom(...SEVERITIES),
    message: hostileText,
    remedy: fc.oneof(
      hostileText,
      fc.tuple(hostileText, hostileText).map((parts) => parts.join('\n')),
    ),
    subject: hostileText,
    accepted: fc.record({ reason: hostileText, until: fc.constant('2027-01-31') }),
  },
  { requiredKeys: ['check', 'severity', 'message', 'remedy'] },
);

const failures: fc.Arbitrary<Failure> = fc.record(
  {
    step: fc.constantFrom(...STEPS),
    code: fc.constantFrom('TLS_TIMEOUT', 'OIDC_NOT_JSON', 'AWS_THROTTLED'),
    message: hostileText,
    detail: hostileText,
  },
  { requiredKeys: ['step', 'code', 'message'] },
);

const certificates = fc.record({
  subject: hostileText,
  issuer: hostileText,
  thumbprint: fc.oneof(fc.constant('1'.repeat(40)), hostileText),
  notAfter: fc.constant('2027-03-01T00:00:00.000Z'),
  onPath: fc.boolean(),
});

const targets: fc.Arbitrary<TargetReport> = fc
  .record({
    issuer: issuers,
    listed: fc.array(fc.oneof(fc.constant('a'.repeat(40)), hostileText), { maxLength: 5 }),
    expected: fc.array(fc.constantFrom('1'.repeat(40), '2'.repeat(40)), { maxLength: 2 }),
    roles: fc.array(hostileText, { maxLength: 3 }),
    findings: fc.array(findings, { maxLength: 4 }),
    status: fc.constantFrom('in-sync', 'drifted', 'provider-missing'),
    failure: fc.option(failures, { nil: null }),
    certificates: fc.array(certificates, { maxLength: 3 }),
    addresses: fc.array(hostileText, { maxLength: 2 }),
    unanswered: fc.array(failures, { maxLength: 2 }),
  })
  .map(({ certificates, addresses, failure, unanswered, status, ...rest }) => {
    const [chain] = inSync('a').chains;
    return {
      ...inSync('a'),
      ...rest,
      providerArn: rest.issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/'),
      status: failure === null ? status : 'not-audited',
      chains: chain === undefined ? [] : [{ ...chain, addresses, certificates }],
      unanswered,
      ...(failure === null ? {} : { failure }),
    };
  });

/** Whole reports. */
export const hostileReports: fc.Arbitrary<Report> = fc
  .record({
    targets: fc.array(targets, { maxLength: 4 }),
    findings: fc.array(findings, { maxLength: 2 }),
    failures: fc.array(failures, { maxLength: 2 }),
    notes: fc.array(hostileText, { maxLength: 2 }),
  })
  .map(({ targets: list, ...more }) => reportOf(list, more));
