/** Reads roles from IAM, and the managed policies of some of them, as long as there is time. */
import { failure } from '../domain/errors';
import type { AttachedPolicies } from '../domain/facts';
import type { Outcome, Role } from '../domain/types';
import { beforeDeadline } from '../deadline';
import type { Ports } from '../ports';

/** All roles of the account, with their trust policies. */
export const readRoles = ({
  listRoles,
  deadline,
}: Pick<Ports, 'listRoles' | 'deadline'>): Promise<Outcome<readonly Role[]>> => inTime(listRoles(), deadline);

/** A role that was deleted meanwhile has no policies, and that is no failure. */
export async function readAttachedPolicies(
  roles: readonly Role[],
  { attachedPolicies, deadline }: Pick<Ports, 'attachedPolicies' | 'deadline'>,
): Promise<AttachedPolicies> {
  const answers = await Promise.all(
    roles.map(async ({ arn, name }) => ({ arn, answer: await inTime(attachedPolicies(name), deadline) })),
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

async function inTime<T>(answer: Promise<Outcome<T>>, deadline: AbortSignal): Promise<Outcome<T>> {
  const outcome = await beforeDeadline(answer, deadline);
  return outcome === 'late' ? LATE : outcome;
}

const LATE: Outcome<never> = {
  ok: false,
  failure: failure('deadline', 'DEADLINE_EXCEEDED', 'The run ended before IAM had told all roles.'),
};
