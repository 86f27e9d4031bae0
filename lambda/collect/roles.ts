/** Reads roles from IAM, and the managed policies of some of them, as long as there is time. */
import { failure } from '../domain/errors';
import type { AttachedPolicies } from '../domain/facts';
import type { Outcome, Role } from '../domain/types';
import type { Ports } from '../ports';

/** All roles of the account, with their trust policies. */
export const readRoles = ({
  listRoles,
  late,
}: Pick<Ports, 'listRoles' | 'late'>): Promise<Outcome<readonly Role[]>> => inTime(listRoles(), late);

/** A role that was deleted meanwhile has no policies, and that is no failure. */
export async function readAttachedPolicies(
  roles: readonly Role[],
  { attachedPolicies, late }: Pick<Ports, 'attachedPolicies' | 'late'>,
): Promise<AttachedPolicies> {
  const answers = await Promise.all(
    roles.map(async ({ arn, name }) => ({ arn, answer: await inTime(attachedPolicies(name), late) })),
  );
  return {
    policies: new Map(
      answers.flatMap(({ arn, answer }) => (answer.ok ? [[arn, answer.value] as const] : [])),
    ),
    failures: answers.flatMap(({ answer }) =>
      answer.ok || answer.failure.code === 'AWS_NOT_FOUND' ? [] : [answer.failure],
    ),
  };
}

const inTime = <T>(answer: Promise<Outcome<T>>, late: Promise<void>): Promise<Outcome<T>> =>
  Promise.race([
    answer,
    late.then((): Outcome<T> => ({
      ok: false,
      failure: failure('deadline', 'DEADLINE_EXCEEDED', 'The run ended before IAM had told all roles.'),
    })),
  ]);
