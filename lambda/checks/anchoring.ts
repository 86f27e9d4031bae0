/** CERT007: ends of chains that a host serves and that no anchor of the host verifies. */
import type { NotAnchored } from '../x509/anchoring';
import type { UpdateMode } from '../config/config';
import type { Finding, Severity } from '../domain/types';
import { isVerified, lacksAnchor } from './host';
import type { EvaluatedHost } from './host';
import { missingFrom } from '../x509/thumbprint';
import { hostName } from '../domain/host';
import { joinSteps } from '../remedies/command';

/** What decides the severity. */
export interface UnanchoredContext {
  readonly listed: readonly string[];
  readonly enforced: boolean | null;
  readonly update: UpdateMode;
}

/** One finding for each host that serves such an end. CERT006 or THUMB001 cover a host without any anchor. */
export function* evaluateUnanchored(
  hosts: readonly EvaluatedHost[],
  context: UnanchoredContext,
): Generator<Finding> {
  for (const host of hosts) {
    const rest = host.expected.filter((thumbprint) => !host.proposed.includes(thumbprint));
    const isEvaluated = host.failure === null && !lacksAnchor(host) && host.chains.some(isVerified);
    if (rest.length > 0 && isEvaluated) yield findingOf(host, rest, context);
  }
}

function findingOf(host: EvaluatedHost, rest: readonly string[], context: UnanchoredContext): Finding {
  const certificates = rest.map((thumbprint) => certificateOf(host, thumbprint));
  const named = certificates.map(
    ({ thumbprint, subject, reason }) => `${thumbprint} (${subject}; ${REASONS[reason]})`,
  );
  const against = host.hasAnchors ? 'trustAnchors' : 'the public roots';
  return {
    check: 'CERT007',
    severity: severityOfUnanchored(rest, context),
    subject: rest.join(' '),
    message: `${hostName(host.host)} serves certificates that AWS may compare, but no valid path leads from its leaf certificate through them to ${against}: ${named.join(', ')}. The monitor does not propose them for the list, and no update adds them.`,
    remedy: remedyForUnanchored(host, certificates),
  };
}

interface Unanchored {
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  readonly reason: NotAnchored;
}

function certificateOf({ chains }: EvaluatedHost, thumbprint: string): Unanchored {
  for (const { certificates, notAnchored } of chains) {
    const served = certificates.find((certificate) => certificate.thumbprint === thumbprint);
    const reason = notAnchored.get(thumbprint);
    if (served !== undefined && reason !== undefined) {
      const { subject, issuer, selfSigned } = served;
      return { thumbprint, subject, issuer, selfSigned, reason };
    }
  }
  return { thumbprint, subject: '(no name)', issuer: '(no name)', selfSigned: false, reason: 'no-path' };
}

const REASONS: Readonly<Record<NotAnchored, string>> = {
  'not-verified': 'its chain cannot be verified',
  'not-readable': 'it cannot be read',
  'too-many': 'the server sends too many certificates to evaluate all paths',
  'no-path': 'no path leads through it to a trust anchor',
  'not-a-ca': 'its path contains an issuer that is not a CA',
  'not-valid-now': 'its path contains a certificate that is not valid now',
  usage: 'its path contains a CA that may not issue certificates for TLS servers',
  weak: 'its path contains a weak key or signature',
  'path-length': 'its path is longer than a path length constraint permits',
  constrained:
    'its path contains a CA with name or policy constraints or an unknown critical extension, which the monitor does not evaluate',
};

function severityOfUnanchored(
  rest: readonly string[],
  { listed, enforced, update }: UnanchoredContext,
): Severity {
  const wouldBeWritten = update === 'guarded' && missingFrom(listed, rest).length > 0;
  if (enforced === true || wouldBeWritten) return 'high';
  return enforced === null ? 'medium' : 'info';
}

function remedyForUnanchored({ hasAnchors }: EvaluatedHost, certificates: readonly Unanchored[]): string {
  if (certificates.some(({ reason }) => reason === 'constrained'))
    return "The monitor proposes no CA with constraints. Compare the certificate with the CA file on the issuer's server. Add it to the list yourself only if they are equal.";
  const isOutdated = certificates.some(({ reason }) => reason === 'not-valid-now');
  const isUnknown = certificates.some(({ reason, selfSigned }) => reason === 'no-path' && !selfSigned);
  const issuers = [...new Set(certificates.map(({ issuer }) => issuer))].join(' and ');
  return joinSteps(
    ...(isOutdated ? ['Configure the server to send certificates that are valid now.'] : []),
    ...(hasAnchors && isUnknown
      ? [`If ${issuers} is your own CA, for example the previous root, add its certificate to trustAnchors.`]
      : []),
    "Ask the issuer's operator whether these certificates are correct. If the operator does not know them, somebody may have replaced the chain: do not list them. Otherwise the operator can remove them from the served chain.",
  );
}
