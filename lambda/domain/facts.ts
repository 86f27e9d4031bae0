/** What a run collects of targets: facts, not evaluated yet. */
import type { Discovery, Failure, HostObservation, Outcome, Provider, Target } from './types';

/** One published signing key. */
export interface SigningKey {
  /** RFC 7638: SHA-256 over the key's required members, base64url. */
  readonly thumbprint: string;
  /** As published; null if the key has none. */
  readonly kid: string | null;
  /** `RSA`, `EC` or `OKP`. */
  readonly kty: string;
  readonly alg: string | null;
  /** RSA modulus in bits; null for other kinds. */
  readonly bits: number | null;
}

/** A JWK Set, as far as the verification of tokens depends on it. */
export interface Jwks {
  /** Keys that can verify a token, in published order. */
  readonly signingKeys: readonly SigningKey[];
  /** What is wrong with the set, in words; severe if secrets are published. */
  readonly problems: readonly JwksProblem[];
  /** Keys that should sign no token: too short, symmetric, or of an unknown kind. */
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
  /** Only the trust store of the process verified the connection of the document. */
  readonly isUnanchored?: boolean;
  /** Null if no document names the URL of the keys. */
  readonly jwks: Outcome<Jwks> | null;
  /** How long the slowest document took; null if none arrived. */
  readonly milliseconds: number | null;
  /** Null if there is no provider to read. */
  readonly provider: Outcome<Provider> | null;
  /** The JWKS host first, then the discovery host if it differs. Empty if neither is known. */
  readonly hosts: readonly HostObservation[];
}

/** Managed policies by the ARN of their role. `failures`: of roles whose policies could not be read. */
export interface AttachedPolicies {
  readonly policies: ReadonlyMap<string, readonly string[]>;
  readonly failures: readonly Failure[];
}
