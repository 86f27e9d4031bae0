/** The meaning of an unusable discovery document, and what to do. */
import type { Failure, Finding } from '../domain/types';
import type { FailureCode } from '../domain/errors';

type Meaning = Omit<Finding, 'message'>;

const unreachableDocument = (remedy: string): Meaning => ({ check: 'DISC001', severity: 'high', remedy });
const otherIssuer = (remedy: string): Meaning => ({ check: 'DISC002', severity: 'critical', remedy });
const badJwksUri = (remedy: string): Meaning => ({ check: 'DISC003', severity: 'high', remedy });

const CONNECT =
  'Open the address from outside your network. If it works there, look for a firewall in between.';
const HANDSHAKE =
  "Test the issuer's TLS with: openssl s_client -connect HOST:443 -servername HOST. AWS STS meets the same server.";
const REPAIR_DOCUMENT =
  'Ask whoever runs the issuer to serve a valid document there; AWS STS reads the same one.';
const REPAIR_JWKS_URI =
  'Ask whoever runs the issuer to publish a plain https URL as "jwks_uri"; AWS STS fetches the signing keys there.';

/**
 * Every code is listed. Null: the failure says nothing about the document. CERT findings report a chain that
 * does not verify; failures of IAM and of the deadline need no finding.
 */
const MEANINGS: Readonly<Record<FailureCode, Meaning | null>> = {
  DNS_NOT_FOUND: unreachableDocument('Check the host name of the issuer and its DNS record.'),
  DNS_UNAVAILABLE: unreachableDocument(
    'If it lasts, check the DNS servers of the zone and those of the VPC.',
  ),
  SSRF_ADDRESS_REFUSED: unreachableDocument(
    'AWS STS needs a public address. If the issuer is private on purpose (split DNS), name it in issuers and set allowPrivateNetworks. Link-local and metadata addresses are always refused.',
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
    'If it lasts, ask whoever runs the issuer: AWS STS gives up after about 5 seconds.',
  ),
  HTTP_REDIRECT: unreachableDocument(
    'Ask whoever runs the issuer to serve the document itself there, and not behind a redirect.',
  ),
  HTTP_STATUS: unreachableDocument(
    'Check that the issuer still exists, and that the path of its URL is right. Delete the provider if it is gone.',
  ),
  HTTP_ENCODING: unreachableDocument(
    'Ask whoever runs the issuer to serve the document as it is, without compression.',
  ),
  HTTP_TOO_LARGE: unreachableDocument(REPAIR_DOCUMENT),
  HTTP_BROKEN: unreachableDocument('If it lasts, look for a proxy or load balancer that cuts answers short.'),
  OIDC_NOT_JSON: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_TOO_DEEP: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_NOT_AN_OBJECT: unreachableDocument(REPAIR_DOCUMENT),
  OIDC_DUPLICATE_KEY: unreachableDocument(
    'Ask whoever runs the issuer to say it once: of repeated keys each parser may read another value.',
  ),
  OIDC_ISSUER_MISSING: otherIssuer(REPAIR_DOCUMENT),
  OIDC_ISSUER_DIFFERS: otherIssuer(
    'If the document is right, create a provider with exactly its issuer as URL and let the roles trust that one. If it is not, tell whoever runs the issuer: somebody else may answer in its place.',
  ),
  OIDC_JWKS_URI_MISSING: badJwksUri(REPAIR_JWKS_URI),
  OIDC_JWKS_URI_REFUSED: badJwksUri(REPAIR_JWKS_URI),
  OIDC_JWKS_URI_ADDRESS: badJwksUri(
    'Ask whoever runs the issuer to publish a host name. If a private address is meant (tests, private networks), name the issuer in issuers, set allowPrivateNetworks, and serve the keys on the host of a configured issuer.',
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
export function evaluateDiscoveryFailure({ code, message }: Failure): readonly Finding[] {
  const meaning = MEANINGS[code];
  return meaning === null ? [] : [{ ...meaning, message }];
}
