/** Made-up reports with values that never change, for messages that are compared to the letter. */
import type { Finding, Report, TargetReport } from '../../lambda/domain/types';
import { assembleReport, withText } from '../../lambda/report/assemble';

/** Listed by the 2022 recipe. */
export const OLD = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
/** The end of the RSA chain. */
export const RSA = '06b25927c42a721631c1efd9431e648fa62e1e39';
/** The end of the ECDSA chain. */
export const ECDSA = '2d95b685579e358cd8d7b3a50186a5b08d8de0e4';

/** An org's issuer, by one hex digit. */
export const issuerOf = (digit: string): string =>
  `https://oidc.circleci.com/org/${digit.repeat(8)}-1111-4111-8111-111111111111`;
const arnOf = (digit: string): string =>
  issuerOf(digit).replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');

const served = (
  keyType: 'rsa' | 'ecdsa',
  thumbprint: string,
  name: string,
): TargetReport['chains'][number] => ({
  host: 'oidc.circleci.com',
  addresses: ['192.0.2.10', '192.0.2.11'],
  keyType,
  tls: 'TLSv1.3',
  publiclyTrusted: true,
  certificates: [
    {
      subject: 'CN=oidc.circleci.com',
      issuer: 'CN=Amazon',
      thumbprint: '1'.repeat(40),
      notAfter: '2027-03-01T00:00:00.000Z',
      onPath: true,
    },
    { subject: name, issuer: 'CN=Starfield', thumbprint, notAfter: '2037-12-31T01:00:00.000Z', onPath: true },
  ],
});

/** An org whose list is good. */
export const inSync = (digit: string): TargetReport => ({
  issuer: issuerOf(digit),
  providerArn: arnOf(digit),
  status: 'in-sync',
  enforced: false,
  enforcedBasis: 'public-ca',
  listed: [RSA, ECDSA],
  expected: [RSA, ECDSA],
  proposed: [RSA, ECDSA],
  chains: [served('rsa', RSA, 'CN=Amazon Root CA 1'), served('ecdsa', ECDSA, 'CN=Amazon Root CA 3')],
  signingKeys: [],
  roles: [],
  findings: [],
});

/** A finding with a command as its remedy. */
export const finding = (
  check: Finding['check'],
  severity: Finding['severity'],
  message: string,
  remedy = '',
): Finding => ({
  check,
  severity,
  message,
  remedy,
});

/** An org whose list is of 2022. */
export const drifted = (digit: string): TargetReport => ({
  ...inSync(digit),
  status: 'drifted',
  listed: [OLD],
  findings: [
    finding(
      'THUMB001',
      'low',
      'The thumbprint list contains none of the certificates that oidc.circleci.com sends. No login is affected. oidc.circleci.com has a certificate of a public CA. According to the AWS documentation, AWS trusts it and does not use the list.',
      `Add the new thumbprints (existing entries stay):\naws iam update-open-id-connect-provider-thumbprint \\\n  --open-id-connect-provider-arn ${arnOf(digit)} \\\n  --thumbprint-list ${OLD} ${RSA} ${ECDSA}`,
    ),
  ],
});

const TIMEOUT = 'oidc.circleci.com did not accept the connection in time (ETIMEDOUT).';

/** An org that could not be audited. */
export const unseen = (digit: string): TargetReport => ({
  ...inSync(digit),
  status: 'not-audited',
  enforced: null,
  enforcedBasis: 'unknown',
  expected: [],
  proposed: [],
  chains: [],
  findings: [finding('DISC001', 'high', TIMEOUT, 'Open the address from outside your network.')],
  failure: {
    step: 'discovery',
    code: 'TCP_TIMEOUT',
    message: TIMEOUT,
  },
});

/** A run of `monitor` at noon. */
export const reportOf = (
  targets: readonly TargetReport[],
  more: Partial<Parameters<typeof assembleReport>[0]> = {},
): Report =>
  withText(
    assembleReport({
      action: 'monitor',
      account: '123456789012',
      startedAt: new Date('2026-11-23T12:00:00Z'),
      finishedAt: new Date('2026-11-23T12:00:03Z'),
      targets,
      ...more,
    }),
  );
