/** The meaning of an unusable discovery document, and what to do. */
import type { Failure, Finding } from '../domain/types';
import type { FailureCode } from '../domain/errors';
import { discoveryUrl, hostOf } from '../oidc/issuer';
import { escapeForeign } from '../text/escape';
import { handshakeCommand } from '../remedies/command';

/** A remedy that contains a command depends on the issuer. */
interface Meaning extends Pick<Finding, 'check' | 'severity'> {
  readonly remedy: string | ((issuer: string) => string);
}

const unreachableDocument = (remedy: Meaning['remedy']): Meaning => ({
  check: 'DISC001',
  severity: 'high',
  remedy,
});
const otherIssuer = (remedy: string): Meaning => ({ check: 'DISC002', severity: 'critical', remedy });
const badJwksUri = (remedy: string): Meaning => ({ check: 'DISC003', severity: 'high', remedy });

const CONNECT = (issuer: string): string =>
  `Open ${escapeForeign(discoveryUrl(issuer).href)} from another network. If that works, look for a firewall between the monitor and the issuer. If it does not, ask the issuer's operator.`;
const HANDSHAKE = (issuer: string): string => {
  const command = handshakeCommand(hostOf(issuer));
  const test = 'Test the TLS handshake of the issuer (AWS STS connects to the same server)';
  return command === null ? `${test}.` : `${test}:\n${command}`;
};
const REPAIR_DOCUMENT =
  "Ask the issuer's operator to serve a valid document at this address. AWS STS reads the same document.";
const REPAIR_JWKS_URI =
  'Ask the issuer\'s operator to publish a plain https URL as "jwks_uri". AWS STS reads the signing keys from it.';

/**
 * Every code is listed. Null: the failure says nothing about the document. CERT findings report a chain that
 * does not verify, and DISC005 a host that can be taken over; failures of IAM and of the deadline need no
 * finding.
 */
const MEANINGS: Readonly<Record<FailureCode, Meaning | null>> = {
  DNS_NOT_FOUND: unreachableDocument('Check the host name of the issuer and its DNS record.'),
  DNS_UNAVAILABLE: unreachableDocument(
    "If this continues, check the DNS servers of the zone, and the DNS servers of the monitor's network.",
  ),
  DNS_DOMAIN_NOT_FOUND: null,
  DNS_DANGLING_CNAME: null,
  SSRF_ADDRESS_REFUSED: unreachableDocument(
    'AWS STS needs a public address. If the issuer is private intentionally (split DNS), name it in issuers and set allowPrivateNetworks. The monitor never connects to link-local and metadata addresses.',
  ),
  TCP_REFUSED: unreachableDocument(CONNECT),
  TCP_RESET: unreachableDocument(CONNECT),
  TCP_TIMEOUT: unreachableDocument(CONNECT),
  TCP_UNREACHABLE: unreachableDocument(CONNECT),
  TLS_TIMEOUT: unreachableDocument(HANDSHAKE),
  TLS_RESET: unreachableDocument(HANDSHAKE),
  TLS_HANDSHAKE: unreachableDocument(HANDSHAKE),
  TLS_NO_CERTIFICATE: unreachableDocument(HANDSHAKE),
  TLS_TOO_LARGE: unreachableDocument(HANDSHAKE),
  TLS_MALFORMED: unreachableDocument(HANDSHAKE),
  TLS_UNTRUSTED: null,
  HTTP_TIMEOUT: unreachableDocument(
    "If this continues, ask the issuer's operator. AWS STS stops waiting after about 5 seconds.",
  ),
  HTTP_REDIRECT: unreachableDocument(
    "Ask the issuer's operator to serve the document at this address without a redirect.",
  ),
  HTTP_STATUS: unreachableDocument(
    'Check that the issuer still exists, and that the path of its URL is correct. If the issuer no longer exists, delete the provider.',
  ),
  HTTP_NO_SUCH_BUCKET: null,
  HTTP_ENCODING: unreachableDocument("Ask the issuer's operator to serve the document without compression."),
  HTTP_TOO_LARGE: unreachableDocument(REPAIR_DOCUMENT),
  HTTP_BROKEN: unreachableDocument(
    'If this continues, look for a proxy or load balancer that closes the connection too early.',
  ),
  OIDC_NOT_JSON: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_TOO_DEEP: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_NOT_AN_OBJECT: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_DUPLICATE_KEY: unreachableDocument(
    "Ask the issuer's operator to remove the duplicate key. Different JSON parsers may use different values of it.",
  ),
  OIDC_ISSUER_MISSING: otherIssuer(REPAIR_DOCUMENT),
  OIDC_ISSUER_DIFFERS: otherIssuer(
    "If the document is correct, create a provider whose URL is exactly the issuer in the document, and add it to the trust policies of the roles. If it is not correct, ask the issuer's operator: another server may have sent the document.",
  ),
  OIDC_JWKS_URI_MISSING: badJwksUri(REPAIR_JWKS_URI),
  OIDC_JWKS_URI_REFUSED: badJwksUri(REPAIR_JWKS_URI),
  OIDC_JWKS_URI_ADDRESS: badJwksUri(
    "Ask the issuer's operator to publish a host name in jwks_uri. If a private address is intended (tests, private networks), name the issuer in issuers, set allowPrivateNetworks, and serve the signing keys on the host of a configured issuer.",
  ),
  OIDC_JWKS_INVALID: null,
  AWS_ACCESS_DENIED: null,
  AWS_CREDENTIALS: null,
  AWS_NOT_FOUND: null,
  AWS_CONFLICT: null,
  AWS_THROTTLED: null,
  AWS_UNAVAILABLE: null,
  AWS_SKIPPED: null,
  DEADLINE_EXCEEDED: null,
};

/**
 * The finding that explains why a discovery document could not be used: DISC001 (high), DISC002 (critical) or
 * DISC003 (high). Empty if the failure says nothing about the document. At most one.
 */
export function evaluateDiscoveryFailure({ code, message }: Failure, issuer: string): readonly Finding[] {
  const meaning = MEANINGS[code];
  if (meaning === null) return [];
  const { check, severity, remedy } = meaning;
  return [{ check, severity, message, remedy: typeof remedy === 'string' ? remedy : remedy(issuer) }];
}
