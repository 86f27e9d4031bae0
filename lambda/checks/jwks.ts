/** What is wrong with the signing keys that an issuer publishes. */
import { isTakeoverCode } from '../domain/errors';
import type { Finding, Outcome } from '../domain/types';
import type { Jwks } from '../domain/facts';
import { firstAndMore } from '../text/list';

const ASK =
  "Ask the issuer's operator to serve a valid key set at this address. AWS STS reads the same key set.";
const ELSEWHERE =
  "Serve the key set on a public host, because AWS STS reads it there. If its host is private intentionally (split DNS), name the issuer in issuers, set allowPrivateNetworks, and serve the key set on the issuer's own host, or on the host of another issuer that is named in issuers.";
const REPLACE =
  "Ask the issuer's operator to replace the key immediately. Until then, remove the provider from the trust policies of the roles.";

/**
 * JWKS001 and JWKS003 of one issuer. CERT findings report a connection that does not verify, and DISC005 a host
 * that can be taken over, so they cause no finding here; nor does the deadline of the run.
 */
export function evaluateJwks(jwks: Outcome<Jwks>): readonly Finding[] {
  if (jwks.ok) return [...evaluateKeySet(jwks.value)];
  const { code, message } = jwks.failure;
  if (code === 'TLS_UNTRUSTED' || code === 'DEADLINE_EXCEEDED' || isTakeoverCode(code)) return [];
  return [
    {
      check: 'JWKS001',
      severity: 'high',
      message: `${message} Without signing keys, AWS STS cannot verify any token.`,
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
      message: `The issuer publishes private keys: ${listed(secrets)}. Anyone can sign tokens that AWS accepts.`,
      remedy: REPLACE,
    };
  }
  const others = problems.filter(({ kind }) => kind === 'set').map(({ words }) => words);
  if (others.length > 0) {
    yield {
      check: 'JWKS001',
      severity: 'high',
      message: `The key set does not meet the requirements of AWS STS: ${listed(others)}.`,
      remedy: ASK,
    };
  }
  if (weak.length > 0) {
    yield {
      check: 'JWKS003',
      severity: 'medium',
      message: `The key set contains weak or unsupported keys: ${listed(weak)}.`,
      remedy:
        "Ask the issuer's operator to replace them with RSA keys of 2048 bits or more, or with EC keys.",
    };
  }
}

/** A hostile set may contain hundreds of bad keys. */
const MAX_NAMED = 5;

const listed = (words: readonly string[]): string => firstAndMore(words, MAX_NAMED, { separator: '; ' });
