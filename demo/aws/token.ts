/** Web identity tokens: JSON Web Tokens (RFC 7519) signed by RS256, as STS checks them. */
import { createPublicKey, verify } from 'node:crypto';
import * as v from 'valibot';
import type { Claims } from './condition-keys';
import { AwsFault } from './fault';

const HEADER = v.object({ alg: v.literal('RS256'), kid: v.string() });
const PAYLOAD = v.record(v.string(), v.unknown());
const CLAIMS = v.object({
  iss: v.pipe(v.string(), v.url()),
  sub: v.string(),
  aud: v.union([v.string(), v.array(v.string())]),
  iat: v.number(),
  exp: v.number(),
});

/** A token that is not verified yet. */
export interface Token {
  readonly kid: string;
  readonly issuer: URL;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly claims: Claims;
  /** What the signature is for. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A refusal with the code of tokens that are wrong. */
export const invalidToken = (message: string): AwsFault => new AwsFault('InvalidIdentityToken', 400, message);

/** Throws InvalidIdentityToken, in the words of AWS as users report them. */
export function parseToken(text: string): Token {
  const [header = '', payload = '', signature = ''] = text.split('.');
  const [parsedHeader, claims] = [partOf(header, HEADER), partOf(payload, PAYLOAD)];
  for (const name of Object.keys(CLAIMS.entries)) {
    if (claims[name] === undefined) throw invalidToken(`Missing a required claim: ${name}`);
  }
  const { success, output } = v.safeParse(CLAIMS, claims);
  if (!success) throw noJwt();
  return {
    kid: parsedHeader.kid,
    issuer: new URL(output.iss),
    subject: output.sub,
    issuedAt: output.iat,
    expiresAt: output.exp,
    claims,
    signed: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

const noJwt = (): AwsFault => invalidToken('The ID Token provided is not a valid JWT.');

function partOf<const TSchema extends v.GenericSchema>(
  part: string,
  schema: TSchema,
): v.InferOutput<TSchema> {
  try {
    return v.parse(schema, JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    throw noJwt();
  }
}

/** IAM accepts a token for five minutes longer: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html */
const CLOCK_SKEW_S = 300;

/** `now`: ISO 8601. Throws ExpiredTokenException, InvalidIdentityToken. */
export function requireValidTime({ issuedAt, expiresAt }: Token, now: string): void {
  const seconds = Math.floor(Date.parse(now) / 1_000);
  if (seconds >= expiresAt + CLOCK_SKEW_S) {
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${expiresAt}`;
    throw new AwsFault('ExpiredTokenException', 400, message);
  }
  // The words of AWS for this are not documented.
  if (seconds < issuedAt - CLOCK_SKEW_S) throw invalidToken('The ID Token was issued in the future.');
}

const JWKS = v.object({ keys: v.array(v.unknown()) });
const RSA_KEY = v.object({ kty: v.literal('RSA'), kid: v.string(), n: v.string(), e: v.string() });

/** Verifies the signature with the key set of the issuer. Throws InvalidIdentityToken. */
export function requireSignature({ kid, signed, signature }: Token, keySet: unknown): void {
  const parsed = v.safeParse(JWKS, keySet);
  const keys = parsed.success ? parsed.output.keys.filter((key) => v.is(RSA_KEY, key)) : [];
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) throw noKey();
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  // The words of AWS for this are not documented.
  if (!verify('RSA-SHA256', Buffer.from(signed), key, signature))
    throw invalidToken('The signature of the ID Token is not valid.');
}

/** The message of AWS if it cannot use what the issuer publishes. Both blanks are of AWS. */
export const noKey = (): AwsFault =>
  invalidToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  );
