/** Key sets of simulated issuers. */
import { createHash } from 'node:crypto';

/** A JWK Set (RFC 7517) with an RSA key of 2048 bits for each name, the same one for the same name. */
export const keyDocument = (kids: readonly string[]): string =>
  JSON.stringify({
    keys: kids.map((kid) => ({ kty: 'RSA', kid, use: 'sig', alg: 'RS256', e: 'AQAB', n: modulusOf(kid) })),
  });

/** 2048 bits are 342 characters in base64url. */
const modulusOf = (kid: string): string =>
  `z${createHash('sha256').update(kid).digest('base64url').repeat(8)}`.slice(0, 342);
