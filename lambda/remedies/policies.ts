/** Corrected trust policies in texts for people: each is long, so a text has a few of them, each once. */
import { joinSteps } from './command';
import { isHereDocument, remedySteps } from './steps';
import type { RemedyStep } from './steps';

/** Of a trust policy, in characters: the quota, and the highest value that AWS grants on request. */
export const MAX_LENGTH = { default: 2_048, raised: 4_096 } as const;

/** How many a text has. */
export const MAX_POLICIES = 5;

/** What a text says instead of the others. */
export const MORE_POLICIES =
  'To see the corrected policies of the other roles: thumbprint-monitor audit --output markdown';

const ABOVE = 'The corrected policy above includes this change.';

/** What to do besides replacing the policy, and the policy with the command that applies it; null: there is none. */
function partsOf(remedy: string): { readonly advice: readonly string[]; readonly policy: string | null } {
  const steps = remedySteps(remedy);
  const at = steps.findIndex(({ command }) => isHereDocument(command));
  const texts = steps.map(textOf);
  return at === -1
    ? { advice: texts, policy: null }
    : { advice: texts.slice(0, at), policy: joinSteps(...texts.slice(at)) };
}

const textOf = ({ prose, command }: RemedyStep): string =>
  command === null ? prose : `${prose}\n${command}`;

/**
 * Goes through the remedies of a text, the most urgent first: the first policies stay. Where a policy would be repeated, or has
 * no room, a sentence says where it is.
 */
export function fewPolicies(most = MAX_POLICIES): (remedy: string) => string {
  const shown = new Set<string>();
  return (remedy) => {
    const { advice, policy } = partsOf(remedy);
    if (policy === null) return remedy;
    if (shown.has(policy)) return joinSteps(...advice, ABOVE);
    if (shown.size >= most) return joinSteps(...advice, MORE_POLICIES);
    shown.add(policy);
    return remedy;
  };
}

/** Whether a remedy refers to a policy that has no room. */
export const refersToMore = (remedy: string): boolean =>
  remedySteps(remedy).some(({ prose }) => prose === MORE_POLICIES);
