/** JSON Web Tokens as STS takes them: compact (RFC 7515 section 7.1), signed by RS256. */
import { createPublicKey, verify } from 'node:crypto';
import * as v from 'valibot';
import { invalidToken, noKey } from './faults';

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken, with the claim that STS maps for CircleCI. */
const CLAIMS = v.looseObject({
  iss: v.string(),
  sub: v.pipe(v.string(), v.nonEmpty()),
  aud: v.union([v.string(), v.array(v.string())]),
  exp: v.number(),
  iat: v.number(),
  nbf: v.optional(v.number()),
  'oidc.circleci.com/project-id': v.optional(v.string()),
});

/** The claims of a token. Nothing of it is true before the signature has been verified. */
export type Claims = v.InferOutput<typeof CLAIMS>;

/** A critical extension (RFC 7515 section 4.1.11) that this code does not know would change what the token means. */
const HEADER = v.looseObject({ alg: v.string(), kid: v.optional(v.string()), crit: v.optional(v.never()) });

/** RFC 7517. The set may also have keys of other kinds than those that can verify. */
export const JWKS = v.looseObject({
  keys: v.array(
    v.looseObject({
      kty: v.string(),
      kid: v.optional(v.string()),
      use: v.optional(v.string()),
      alg: v.optional(v.string()),
      n: v.optional(v.string()),
      e: v.optional(v.string()),
    }),
  ),
});

/** The documents that an issuer publishes. */
export type Jwks = v.InferOutput<typeof JWKS>;

/** A token taken apart. */
export interface Jwt {
  readonly kid: string | undefined;
  readonly claims: Claims;
  readonly input: string;
  readonly signature: Buffer;
}

/** Throws InvalidIdentityToken. */
export function parseJwt(token: string): Jwt {
  const [, input = '', head = '', body = '', signature = ''] =
    /^(([\w-]+)\.([\w-]+))\.([\w-]*)$/.exec(token) ?? [];
  const header = v.safeParse(HEADER, readPart(head));
  if (!header.success) throw invalidToken('The ID Token provided is not a valid JWT.');
  if (header.output.alg !== 'RS256') {
    throw invalidToken(
      `The ID Token provided is not signed by RS256 but by ${JSON.stringify(header.output.alg)}.`,
    );
  }
  const claims = v.safeParse(CLAIMS, readPart(body));
  if (!claims.success) {
    const claim = claims.issues[0].path?.[0].key;
    throw invalidToken(`Missing a required claim: ${typeof claim === 'string' ? claim : 'all'}`);
  }
  return {
    kid: header.output.kid,
    claims: claims.output,
    input,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Throws InvalidIdentityToken. */
export function verifySignature({ kid, input, signature }: Jwt, { keys }: Jwks): void {
  const fitting = keys.filter(
    (key) =>
      kid !== undefined &&
      key.kid === kid &&
      key.kty === 'RSA' &&
      (key.use ?? 'sig') === 'sig' &&
      (key.alg ?? 'RS256') === 'RS256',
  );
  if (fitting.length === 0) throw noKey();
  if (!fitting.some((key) => verifies(key, input, signature))) {
    throw invalidToken('The ID Token provided has an invalid signature.');
  }
}

function verifies({ n = '', e = '' }: Jwks['keys'][number], input: string, signature: Buffer): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    return verify('RSA-SHA256', Buffer.from(input), key, signature);
  } catch {
    return false;
  }
}

function readPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
