/** The issuer's key: RFC 7515 (JWS) and RFC 7517 (JWK), as far as CircleCI uses them. */
import { createPublicKey, generateKeyPair, randomUUID, sign } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** A key pair that signs tokens. */
export interface SigningKey {
  readonly kid: string;
  /** The public half, as a JWKS publishes it. */
  readonly jwk: JsonWebKey;
  /** A compact JWS by RS256. */
  readonly sign: (claims: object) => string;
}

/** Makes an RSA key of 2048 bits, which takes some time. */
export async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return signingKeyOf(privateKey);
}

/** Signs with an RSA key that is there already, under a new `kid`. */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const kid = randomUUID();
  return {
    kid,
    jwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'RS256', kid, use: 'sig' },
    sign: (claims) => {
      const input = [{ alg: 'RS256', kid, typ: 'JWT' }, claims].map(encode).join('.');
      return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
