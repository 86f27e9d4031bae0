/**
 * Which policy denied a call, from AWS's own sentence, and what to do about it. The formats are those of the
 * IAM User Guide, "Troubleshoot access denied error messages"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
 */

/** What to do if a policy of a kind has a Deny for the action, and if it has no Allow. */
interface DenialRemedies {
  readonly denies: string;
  readonly lacks: string;
}

const inPolicies = (policies: string): DenialRemedies => ({
  denies: `an administrator of the organization must remove the Deny from its ${policies}`,
  lacks: `an administrator of the organization must allow it in its ${policies}`,
});

const inPolicy = (policy: string): DenialRemedies => ({
  denies: `remove the Deny from ${policy}`,
  lacks: `allow it in ${policy}`,
});

/** The kinds of policies as AWS names them. A call that one of them denies is allowed by no other one. */
const REMEDIES = {
  'service control policy': inPolicies('service control policies'),
  'resource control policy': inPolicies('resource control policies'),
  'permissions boundary': {
    denies: "remove the Deny from the caller's permissions boundary",
    lacks: "extend the caller's permissions boundary, which does not allow it",
  },
  'session policy': inPolicy("the session policy with which the caller's session was created"),
  'identity-based policy': inPolicy("the caller's policy"),
  'resource-based policy': inPolicy('the policy of that resource'),
  'VPC endpoint policy': inPolicy('the policy of the VPC endpoint'),
} as const satisfies Readonly<Record<string, DenialRemedies>>;

/** A kind of policy that can deny a call. */
export type PolicyKind = keyof typeof REMEDIES;

/** Why AWS denied a call. `kind` null: AWS says that there is a Deny, but not where. */
export interface Denial {
  readonly kind: PolicyKind | null;
  /** Whether a Deny matched, or no Allow did. */
  readonly basis: keyof DenialRemedies;
}

const isPolicyKind = (kind: string): kind is PolicyKind => Object.hasOwn(REMEDIES, kind);

const EXPLICIT = /\bwith an explicit deny(?: in (?:an?|the) ([\w -]+? (?:policy|boundary)))?(?=$|[\s:.,])/;
const IMPLICIT = /\bbecause no ([\w -]+? (?:policy|boundary)) allows the\b/;

/** Why AWS denied a call; null: its message does not say. */
export function denialOf(message: string): Denial | null {
  const explicit = EXPLICIT.exec(message);
  const kind = explicit?.[1] ?? IMPLICIT.exec(message)?.[1];
  if (kind !== undefined && isPolicyKind(kind))
    return { kind, basis: explicit === null ? 'lacks' : 'denies' };
  return explicit === null ? null : { kind: null, basis: 'denies' };
}

/** What to do about a denied call: a clause that begins in lower case. `message`: that of AWS. */
export function denialRemedy(message: string): string {
  const denial = denialOf(message);
  if (denial === null) return REMEDIES['identity-based policy'].lacks;
  const { kind, basis } = denial;
  return kind === null ? 'find the policy that denies it, and remove the Deny' : REMEDIES[kind][basis];
}
