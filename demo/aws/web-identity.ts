/** A login as STS evaluates it once it has verified the token. */
import { actionsOf, requestKeys } from './condition-keys';
import type { Claims } from './condition-keys';
import type { KeyValue } from './conditions';
import { decideTrust } from './trust-policy';
import type { TrustAction, TrustDecision, TrustPolicy } from './trust-policy';

/** A token and what its user sends with it. */
export interface WebIdentity {
  /** Its issuer without `https://`. */
  readonly issuer: string;
  readonly providerArn: string;
  readonly claims: Claims;
  readonly sessionName: string;
  /** Condition keys such as `aws:sourceip`, with names in lower case. @default not known */
  readonly environment?: ReadonlyMap<string, KeyValue>;
}

/** The policy must allow each action that the token needs: a token with session tags needs a second one. */
export function decideLogin(
  policy: TrustPolicy,
  { issuer, providerArn, claims, sessionName, environment = new Map() }: WebIdentity,
): TrustDecision {
  const keys = new Map([...environment, ...requestKeys(issuer, claims)]);
  const decide = (action: TrustAction): TrustDecision =>
    decideTrust(policy, { action, providerArn, keys, sessionName });
  const [first, ...others] = actionsOf(keys);
  return others.map(decide).reduce(stricter, decide(first));
}

const STRICTNESS = { allowed: 0, unsupported: 1, denied: 2 } as const;

const stricter = (one: TrustDecision, other: TrustDecision): TrustDecision =>
  STRICTNESS[other.decision] > STRICTNESS[one.decision] ? other : one;
