/** CERT007: ends of chains that a host serves and that no anchor of the host verifies. */
import type { NotAnchored } from '../x509/anchoring';
import type { UpdateMode } from '../config/config';
import type { Finding, Severity } from '../domain/types';
import { isVerified, lacksAnchor } from './host';
import type { EvaluatedHost } from './host';
import { missingFrom } from '../x509/thumbprint';
import { hostName } from '../domain/host';

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
    message: `${hostName(host.host)} serves certificates that AWS may compare, but no valid path leads from its leaf through them to ${against}: ${named.join(', ')}. They are not proposed for the list, and no update adds them.`,
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
  'not-verified': 'its chain does not verify',
  'not-readable': 'it cannot be read',
  'too-many': 'too many certificates are served to evaluate all paths',
  'no-path': 'no anchor stands behind it',
  'not-a-ca': 'a certificate that is not a CA would have to issue another',
  'not-valid-now': 'it, or a certificate that it needs, is not valid now',
  usage: 'it, or a certificate that it needs, may not issue certificates for TLS servers',
  weak: 'it, or a certificate that it needs, has a weak key or signature',
  'path-length': 'a path length constraint forbids it',
  constrained:
    'a CA above it has name or policy constraints or an unknown critical extension, which are not evaluated here',
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
    return "There is no automatic proposal for a CA with constraints. Compare the certificate with the CA file on the issuer's server, and list it yourself only if they are equal.";
  const isOutdated = certificates.some(({ reason }) => reason === 'not-valid-now');
  const isUnknown = certificates.some(({ reason, selfSigned }) => reason === 'no-path' && !selfSigned);
  const issuers = [...new Set(certificates.map(({ issuer }) => issuer))].join(' and ');
  return [
    ...(isOutdated ? ['Let the server send a certificate that is valid now.'] : []),
    ...(hasAnchors && isUnknown
      ? [`If ${issuers} is your own, for example the root before this one, add the old root to trustAnchors.`]
      : []),
    "If the issuer's operator does not know these certificates, somebody may have replaced the chain: do not list them. Otherwise the operator can remove them from the served chain.",
  ].join(' ');
}
