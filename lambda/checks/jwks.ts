/** What is wrong with the signing keys that an issuer publishes. */
import type { Finding, Outcome } from '../domain/types';
import type { Jwks } from '../domain/facts';
import { firstAndMore } from '../text/list';

const ASK = 'Ask whoever runs the issuer to serve a valid key set there; AWS STS reads the same one.';
const ELSEWHERE =
  "Serve the key set on a public host: AWS STS fetches it there. If its host is private on purpose (split DNS), name the issuer in issuers, set allowPrivateNetworks, and serve the key set on the issuer's own host, or on the host of another issuer that is named in issuers.";
const REPLACE =
  'Tell whoever runs the issuer at once: the key must be replaced. Until then take the trust away from the roles.';

/**
 * JWKS001 and JWKS003 of one issuer. CERT findings report a connection that does not verify, so it causes no
 * finding here; nor does the deadline of the run.
 */
export function evaluateJwks(jwks: Outcome<Jwks>): readonly Finding[] {
  if (jwks.ok) return [...evaluateKeySet(jwks.value)];
  const { code, message } = jwks.failure;
  if (code === 'TLS_UNTRUSTED' || code === 'DEADLINE_EXCEEDED') return [];
  return [
    {
      check: 'JWKS001',
      severity: 'high',
      message: `${message} Without signing keys AWS STS can verify no token.`,
      remedy: code === 'SSRF_ADDRESS_REFUSED' ? ELSEWHERE : ASK,
    },
  ];
}

function* evaluateKeySet({ problems, weak }: Jwks): Generator<Finding> {
  const secrets = problems.filter(({ kind }) => kind === 'private').map(({ words }) => words);
  if (secrets.length > 0) {
    yield {
      check: 'JWKS001',
      severity: 'critical',
      message: `The key set is open to forgery: ${listed(secrets)}. Anyone can sign tokens that AWS accepts.`,
      remedy: REPLACE,
    };
  }
  const others = problems.filter(({ kind }) => kind === 'set').map(({ words }) => words);
  if (others.length > 0) {
    yield {
      check: 'JWKS001',
      severity: 'high',
      message: `The key set is not as AWS STS needs it: ${listed(others)}.`,
      remedy: ASK,
    };
  }
  if (weak.length > 0) {
    yield {
      check: 'JWKS003',
      severity: 'medium',
      message: `The key set holds keys that no token should rest on: ${listed(weak)}.`,
      remedy: 'Ask whoever runs the issuer to replace them by RSA keys of 2048 bits or more, or by EC keys.',
    };
  }
}

/** A hostile set may contain hundreds of bad keys. */
const MAX_NAMED = 5;

const listed = (words: readonly string[]): string => firstAndMore(words, MAX_NAMED, { separator: '; ' });
