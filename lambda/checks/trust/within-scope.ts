/**
 * TRUST005, TRUST008 and TRUST010: what a role that is limited to named units still admits within them. How severe that is
 * depends on the rights of the role.
 */
import type { Role } from '../../domain/types';
import type { TokenSource } from '../../iam-policy/tokens';
import { isWithoutEffect } from '../../iam-policy/evaluate';
import type { Statement } from '../../iam-policy/parse';
import type { EscapedRestriction, WithinScope } from '../../iam-policy/role-trust';
import { nameOfKey } from '../../iam-policy/tokens';
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
  { anyWorkload, escaped, isUnlimited }: WithinScope,
  why: string | null,
): Generator<Draft> {
  const { role, source, applicable } = question;
  const { nouns } = source.grammar;
  const allowing = applicable.filter(({ statement }) => statement.effect === 'Allow');
  const misled = allowing.filter(
    ({ statement }) => conditionsWithoutEffect(statement, source).length > 0 && isUnlimited(statement),
  );
  const withoutEffect = misled.flatMap(({ statement }) => conditionsWithoutEffect(statement, source));
  const isAny = anyWorkload !== null && why !== null;
  if (!isAny && escaped === null && misled.length === 0) return;
  const namesEach = isAny || escaped === null;
  const token = isAny ? anyWorkload : (escaped?.token ?? anyWorkload);
  const sentences = isAny
    ? [
        `${role.arn} ${why}, and ${nouns.otherWorkloads ?? `workloads of each ${nouns.unit} that it names`} can assume it.`,
        ...(escaped === null
          ? []
          : [`The limit to ${limitsOf(escaped)} does not hold: ${whyNot(escaped, source)}`]),
      ]
    : [
        escaped === null
          ? `${role.arn} is not limited as its conditions say.`
          : `${role.arn} is not limited to ${limitsOf(escaped)} although its conditions name ${itOrThem(escaped)}: ${whyNot(escaped, source)}`,
        ...(why === null ? [] : [`The role ${why}.`]),
      ];
  yield {
    check: 'TRUST005',
    severity: why === null ? 'low' : 'medium',
    message: [
      ...sentences,
      ...withoutEffect,
      ...notEvaluated(question),
      ...(token === null ? [] : [exampleToken(token)]),
      CONTROL_POLICIES,
    ].join(' '),
    remedy: {
      advice: [
        ...(escaped === null
          ? []
          : ['Replace each * before a limit with the full text, or with one ? for each character of an id.']),
        ...(namesEach ? [workloadAdvice(source)] : []),
      ].join(' '),
      wrong: {
        statements: !isAny && escaped === null ? misled : allowing,
        // Of a role that does not deploy, statements that name no workload stay as they are.
        witnesses: [escaped?.token ?? null, isAny ? anyWorkload : null].filter((one) => one !== null),
        namesWorkloads: namesEach ? 'each' : 'written',
      },
    },
  };
}

const limitsOf = ({ values }: EscapedRestriction): string => joinWithAnd(values.map(quote));

const itOrThem = ({ values }: EscapedRestriction): string => (values.length === 1 ? 'it' : 'them');

/** Why a limit does not hold, as a clause, and further sentences. */
function whyNot(escaped: EscapedRestriction, { grammar: { nouns, ifNotNamed } }: TokenSource): string {
  const like =
    nouns.workload === 'branch' ? ', such as a branch whose name looks like the rest of the pattern' : '';
  return [
    `a wildcard before ${itOrThem(escaped)} also matches other text${like}.`,
    ...escaped.notNamed.flatMap((claim) => ifNotNamed?.get(claim) ?? []),
  ].join(' ');
}

/** Conditions on keys of workloads that no token has, with operators that accept tokens without them. A sentence for each. */
const conditionsWithoutEffect = (statement: Statement, source: TokenSource): readonly string[] =>
  statement.conditions
    .filter(
      (condition) =>
        source.grammar.workloadKeys?.has(nameOfKey(source, condition.key)) === true &&
        isWithoutEffect(condition, source),
    )
    .map(
      ({ operator, key }) =>
        `${operator} on ${quote(key)} in ${statement.name} restricts nothing: AWS STS does not support this condition key for these tokens (as of ${source.grammar.date}), and the operator accepts tokens without it.`,
    );

/** Conditions on which the login also depends. */
function notEvaluated({ applicable }: RoleInQuestion): readonly string[] {
  const reasons = applicable.flatMap(({ statement, environment }) =>
    environment.map((reason) => `${statement.name}: ${reason}`),
  );
  return reasons.length === 0
    ? []
    : [`Not evaluated, and may refuse the login: ${[...new Set(reasons)].join('; ')}.`];
}

const workloadAdvice = ({ grammar: { nouns } }: TokenSource): string =>
  nouns.workloadAdvice ?? `Name each ${nouns.workload ?? nouns.unit} that needs the role.`;

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
    message: `${role.arn} is limited by names only${why === null ? '' : `, and ${why}`}. If the ${grammar.nouns.tenant} or ${grammar.nouns.unit} is deleted or renamed, somebody else can register its name and assume the role. ${[...notEvaluated(question), CONTROL_POLICIES].join(' ')}`,
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
  const { pullRequests } = source.grammar;
  if (pullRequest === null || pullRequests === null || why === null) return;
  yield {
    check: 'TRUST010',
    severity: 'medium',
    message: `${role.arn} ${why}, and ${pullRequests.workloads} can assume it. ${pullRequests.settings} ${[...notEvaluated(question), exampleToken(pullRequest), CONTROL_POLICIES].join(' ')}`,
    remedy: {
      advice: workloadAdvice(source),
      wrong: {
        statements: applicable.filter(({ statement }) => statement.effect === 'Allow'),
        witnesses: [pullRequest],
        namesWorkloads: 'each',
      },
    },
  };
}
