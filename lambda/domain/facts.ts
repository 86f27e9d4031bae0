/** What a run collects of targets: facts, not evaluated yet. */
import type { Discovery, HostObservation, Outcome, Provider, Target } from './types';

/** One published signing key. */
export interface SigningKey {
  /** RFC 7638: SHA-256 over the key's required members, base64url. */
  readonly thumbprint: string;
  /** As published; null where the key has none. */
  readonly kid: string | null;
  /** `RSA`, `EC` or `OKP`. */
  readonly kty: string;
  readonly alg: string | null;
  /** RSA modulus in bits; null for other kinds. */
  readonly bits: number | null;
}

/** A JWK Set as far as tokens rest on it. */
export interface Jwks {
  /** Keys that can verify a token, in published order. */
  readonly signingKeys: readonly SigningKey[];
  /** What is wrong with the set, in words; grave where secrets are published. */
  readonly problems: readonly JwksProblem[];
  /** Keys that no token should rest on: too short, symmetric, or of a kind that is not known. */
  readonly weak: readonly string[];
}

/** `private`: anyone can sign tokens. `set`: AWS STS may refuse the set or the token. */
export interface JwksProblem {
  readonly kind: 'private' | 'set';
  readonly words: string;
}

/** All that was collected of one target. */
export interface TargetFacts {
  readonly target: Target;
  readonly discovery: Outcome<Discovery>;
  /** The document came over a connection that only the store of the process verified. */
  readonly isUnanchored?: boolean;
  /** Null where no document says where the keys are. */
  readonly jwks: Outcome<Jwks> | null;
  /** How long the slowest document took; null where none came. */
  readonly milliseconds: number | null;
  /** Null where there is no provider to read. */
  readonly provider: Outcome<Provider> | null;
  /** The JWKS host first, then the discovery host where it differs. Empty where neither could be named. */
  readonly hosts: readonly HostObservation[];
}
