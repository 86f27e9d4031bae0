/** Reads an account from IAM, as long as there is time. */
import { failure } from '../domain/errors';
import type { AttachedPolicies, ProviderFacts } from '../domain/facts';
import type { Outcome, Role } from '../domain/types';
import { canTrustProvider } from '../iam-policy/federated';
import { readPolicy } from '../iam-policy/parse';
import { beforeDeadline } from '../deadline';
import type { Ports } from '../ports';

/** Reads what providers list, each once. */
export const readProviders = (
  arns: readonly string[],
  { readProvider, deadline }: Pick<Ports, 'readProvider' | 'deadline'>,
): Promise<readonly ProviderFacts[]> =>
  Promise.all(
    [...new Set(arns)].map(async (arn) => ({
      arn,
      provider: await inTime(
        readProvider(arn),
        deadline,
        `IAM did not return ${arn} before the deadline of the run.`,
      ),
    })),
  );

/** Reads all roles of the account, with their trust policies. */
export const readRoles = ({
  listRoles,
  deadline,
}: Pick<Ports, 'listRoles' | 'deadline'>): Promise<Outcome<readonly Role[]>> =>
  inTime(listRoles(), deadline, ROLES_LATE);

/**
 * The roles that can concern an OIDC provider: most roles of an account serve AWS services only, and no check
 * is about them. Their policies are parsed, because no search in the text could decide it: a name may be
 * escaped, and a policy that cannot be parsed may trust every provider.
 */
export const rolesOfProviders = (roles: readonly Role[]): readonly Role[] =>
  roles.filter(({ trustPolicy }) => canTrustProvider(readPolicy(trustPolicy)));

/** Reads the managed policies of these roles. */
export const readAttachedPolicies = (
  roles: readonly Role[],
  { attachedPolicies, deadline }: Pick<Ports, 'attachedPolicies' | 'deadline'>,
): Promise<readonly AttachedPolicies[]> =>
  Promise.all(
    roles.map(async ({ arn, name }) => ({
      roleArn: arn,
      policies: await inTime(attachedPolicies(name), deadline, ROLES_LATE),
    })),
  );

const ROLES_LATE = 'IAM did not return all roles and their policies before the deadline of the run.';

async function inTime<T>(
  answer: Promise<Outcome<T>>,
  deadline: AbortSignal,
  late: string,
): Promise<Outcome<T>> {
  const outcome = await beforeDeadline(answer, deadline);
  return outcome === 'late'
    ? { ok: false, failure: failure('deadline', 'DEADLINE_EXCEEDED', late) }
    : outcome;
}
