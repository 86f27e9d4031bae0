/** What a run collects of accounts and issuers: facts, not evaluated yet. */
import type { Discovery, HostObservation, Outcome, Provider, Role, Target } from './types';

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

/** What was read from one issuer: its documents, and the certificates of its hosts. */
export interface IssuerFacts {
  readonly discovery: Outcome<Discovery>;
  /** Only the trust store of the process verified the connection of the document. */
  readonly isUnanchored?: boolean;
  /** Null if no document names the URL of the keys. */
  readonly jwks: Outcome<Jwks> | null;
  /** How long the slowest document took; null if none arrived. */
  readonly milliseconds: number | null;
  /** The JWKS host first, then the discovery host if it differs. Empty if neither is known. */
  readonly hosts: readonly HostObservation[];
}

/**
 * What was read of one account. It may be stored as JSON and evaluated by another process, so it consists of
 * objects, lists, texts, numbers, booleans and null.
 */
export interface AccountFacts {
  /** Null if neither the function nor a provider names it. */
  readonly id: string | null;
  /** The ARNs of all its OIDC providers. */
  readonly providerArns: Outcome<readonly string[]>;
  /** The providers of the targets. */
  readonly providers: readonly ProviderFacts[];
  /** The roles that can concern an OIDC provider. Null: the configuration says that no role is read. */
  readonly roles: Outcome<readonly Role[]> | null;
  /** Of the roles that need them for their evaluation. */
  readonly attachedPolicies: readonly AttachedPolicies[];
}

/** One OIDC provider of an account. */
export interface ProviderFacts {
  readonly arn: string;
  readonly provider: Outcome<Provider>;
}

/** The ARNs of the managed policies of one role. */
export interface AttachedPolicies {
  readonly roleArn: string;
  readonly policies: Outcome<readonly string[]>;
}

/** All that is known of one target: what its issuer serves, and its provider. */
export interface TargetFacts extends IssuerFacts {
  readonly target: Target;
  /** Null if there is no provider to read. */
  readonly provider: Outcome<Provider> | null;
}
