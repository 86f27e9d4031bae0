/**
 * TRUST005, TRUST008 and TRUST010: what a role that is limited to named units still admits within them. How severe that is
 * depends on the rights of the role.
 */
import type { Role } from '../../domain/types';
import type { WithinScope } from '../../iam-policy/role-trust';
import { quote } from '../../text/quote';
import type { Draft, RoleInQuestion } from './remedy';
import { CONTROL_POLICIES, exampleToken, joinWithAnd } from './words';

/** Names that people give to roles that deploy. */
const DEPLOY_NAMES = /deploy|release|publish|terraform|admin|(?:^|[^a-z])prod(?:uction)?(?:[^a-z]|$)/i;
const ADMINISTRATOR = /^arn:[a-z0-9-]+:iam::aws:policy\/AdministratorAccess$/;

/** Whether a role's name alone says that it deploys. */
export const isDeployName = ({ name }: Pick<Role, 'name'>): boolean => DEPLOY_NAMES.test(name);

/** Whether the findings of a role depend on its rights. */
export const dependsOnRights = ({ anyWorkload, escaped, pullRequest, otherIds }: WithinScope): boolean =>
  anyWorkload !== null || escaped !== null || pullRequest !== null || otherIds !== null;

/** `attached`: ARNs of the role's managed policies; null: not known. Inline policies are not read. */
export function* draftsWithinScope(
  question: RoleInQuestion,
  within: WithinScope,
  attached: readonly string[] | null,
): Generator<Draft> {
  const why = privilegeOf(question.role, attached);
  yield* workloadFindings(question, within, why);
  yield* nameFindings(question, within, why);
  yield* pullRequestFindings(question, within, why);
}

/** Why a role has far-reaching rights, as a verb phrase; null: nothing says so. */
function privilegeOf(role: Role, attached: readonly string[] | null): string | null {
  if (attached?.some((arn) => ADMINISTRATOR.test(arn)) === true) return 'has the policy AdministratorAccess';
  return isDeployName(role) ? 'looks like a deployment role (by its name)' : null;
}

function* workloadFindings(
  question: RoleInQuestion,
  { anyWorkload, escaped }: WithinScope,
  why: string | null,
): Generator<Draft> {
  const { role, source, applicable } = question;
  const { nouns } = source.grammar;
  const remedy = {
    wrong: {
      statements: applicable.filter(({ statement }) => statement.effect === 'Allow'),
      witnesses: [escaped?.token ?? anyWorkload].filter((token) => token !== null),
      namesWorkloads: true,
    },
    advice:
      anyWorkload === null || escaped !== null
        ? 'Replace each * before this limit with the full text, or with one ? for each character of an id.'
        : `Name each ${nouns.workload ?? nouns.unit} that needs the role.`,
  } as const;
  if (escaped !== null) {
    yield {
      check: 'TRUST005',
      severity: why === null ? 'low' : 'medium',
      message: `${role.arn} is not limited to ${joinWithAnd(escaped.values.map(quote))} although its conditions name ${escaped.values.length === 1 ? 'it' : 'them'}: a wildcard before ${escaped.values.length === 1 ? 'it' : 'them'} also matches other text${nouns.workload === 'branch' ? ', such as a branch whose name looks like the rest of the pattern' : ''}.${why === null ? '' : ` The role ${why}.`} ${exampleToken(escaped.token)} ${CONTROL_POLICIES}`,
      remedy,
    };
  } else if (anyWorkload !== null && why !== null) {
    yield {
      check: 'TRUST005',
      severity: 'medium',
      message: `${role.arn} ${why}, and ${nouns.everyWorkload ?? `every workload of each ${nouns.unit} that it names`} can assume it. ${exampleToken(anyWorkload)} ${CONTROL_POLICIES}`,
      remedy,
    };
  }
}

function* nameFindings(
  question: RoleInQuestion,
  { otherIds }: WithinScope,
  why: string | null,
): Generator<Draft> {
  if (otherIds === null) return;
  const { role, source, applicable } = question;
  const { grammar, prefix } = source;
  const keys = grammar.scopes
    .filter(({ nature }) => nature === 'id')
    .flatMap(({ claim, scope }) =>
      [...grammar.keys].flatMap(([key, one]) =>
        one.claim === claim && scope === 'unit' ? [{ key, ...one }] : [],
      ),
    );
  const isUnannounced = keys.some((key) => key.isUnannounced === true);
  const shown = joinWithAnd(keys.map(({ key }) => `${prefix}:${key}`));
  yield {
    check: 'TRUST008',
    severity: why === null ? 'low' : 'medium',
    message: `${role.arn} is limited by names only${why === null ? '' : `, and ${why}`}. If the ${grammar.nouns.tenant} or ${grammar.nouns.unit} is deleted or renamed, somebody else can register its name and assume the role. ${CONTROL_POLICIES}`,
    remedy: isUnannounced
      ? `A condition on ${shown} would refuse a new ${grammar.nouns.unit} with the same name. AWS lists this condition key in its reference, but has not announced it (as of ${grammar.date}). Test it with another role before you use it here.`
      : {
          advice: `Add a condition on ${shown}. An id is never given to somebody else.`,
          wrong: {
            statements: applicable.filter(({ statement }) => statement.effect === 'Allow'),
            witnesses: [otherIds],
          },
        },
  };
}

function* pullRequestFindings(
  question: RoleInQuestion,
  { pullRequest }: WithinScope,
  why: string | null,
): Generator<Draft> {
  const { role, source, applicable } = question;
  const { nouns, pullRequests } = source.grammar;
  if (pullRequest === null || pullRequests === null || why === null) return;
  yield {
    check: 'TRUST010',
    severity: 'medium',
    message: `${role.arn} ${why}, and ${pullRequests.workloads} can assume it. ${pullRequests.settings} ${exampleToken(pullRequest)} ${CONTROL_POLICIES}`,
    remedy: {
      advice: `Name each ${nouns.workload ?? nouns.unit} that needs the role.`,
      wrong: {
        statements: applicable.filter(({ statement }) => statement.effect === 'Allow'),
        witnesses: [pullRequest],
        namesWorkloads: true,
      },
    },
  };
}
