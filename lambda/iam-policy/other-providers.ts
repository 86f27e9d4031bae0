/** Callers with a token of another web identity provider than the one that a policy is evaluated for. */
import { isAscii } from '../text/ascii';
import { asCallerWishes } from './caller';
import { applyCondition } from './condition';
import type { AppliedCondition, Test } from './condition';
import type { Condition, Statement } from './parse';
import type { ApplicableStatement } from './evaluate';
import type { StepLimit } from './step-limit';
import { findText } from './search';
import { SESSION, SESSION_KEY, SESSION_PARTS, isProviderKey } from './tokens';
import type { Claim } from './tokens';

/**
 * Whether a caller with a token of another provider can pass a statement: nothing in it names a provider, its
 * conditions hold for every caller, and no Deny applies to every session name that the caller may choose. AWS
 * itself trusts some providers, so that such callers always exist. A Deny that names its principals is about these only.
 */
export function admitsAnyone(
  { statement }: ApplicableStatement,
  applicable: readonly ApplicableStatement[],
  limit: StepLimit,
): boolean {
  if (!isForAll(statement)) return false;
  const allowing = appliedToOtherProvider(statement);
  if (allowing.some((comes) => comes === false || comes === 'unknown')) return false;
  const denials = applicable
    .map((statement) => statement.statement)
    .filter((denial) => denial.effect === 'Deny' && mayBeForAll(denial))
    .map(appliedToOtherProvider)
    .filter((denying) => !denying.includes(false));
  const wanted = { all: allowing.flatMap(testsIn), none: denials.map((denying) => denying.flatMap(testsIn)) };
  return findText(SESSION_PARTS, wanted, limit).kind === 'text';
}

const isForAll = ({ principals: { kind, everyone, wildcard } }: Statement): boolean =>
  kind === 'named' ? everyone : !everyone && !wildcard;

const mayBeForAll = ({ principals: { kind, everyone, wildcard } }: Statement): boolean =>
  kind === 'all-but' || everyone || wildcard;

/**
 * The request of such a caller has no value for the condition keys of web identity providers that a policy
 * names.
 */
const appliedToOtherProvider = ({ conditions, effect }: Statement): readonly AppliedCondition<Claim>[] =>
  conditions.map((condition) => {
    const comes = applyCondition<Claim>(condition, valueOfOtherProvider(condition));
    return comes === 'unknown' ? asCallerWishes(condition, effect) : comes;
  });

function valueOfOtherProvider({ key }: Condition): Parameters<typeof applyCondition<Claim>>[1] {
  if (key === SESSION_KEY) return { kind: 'claim', claim: SESSION };
  return isProviderKey(key) && isAscii(key) ? { kind: 'missing' } : { kind: 'unknown' };
}

const testsIn = (comes: AppliedCondition<Claim>): readonly Test<Claim>[] =>
  typeof comes === 'object' ? [comes] : [];
