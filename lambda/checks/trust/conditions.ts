/** TRUST003, TRUST004, TRUST007 and TRUST009: conditions that are wrong, are missing, or hold for no token. */
import { readOperator } from '../../iam-policy/condition';
import { UUID } from '../../oidc/issuer';
import { quote } from '../../text/quote';
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';
import { fixedText } from '../../remedies/subject-text';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import { denialsOfAll } from '../../iam-policy/role-trust';
import { AUD, SUB, isForeignKey, isOwnKey, nameOfKey, requestValueOf } from '../../iam-policy/tokens';
import type { TokenSource } from '../../iam-policy/tokens';
import { ACTION, causeOf, causeOfValue, keyWithoutPath, unusedValues } from './causes';
import type { Cause } from './causes';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../../domain/logins';
import type { Correction, Draft, RoleInQuestion } from './remedy';
import { joinWithAnd } from './words';

/** TRUST003, TRUST004, TRUST007 and TRUST009 of one role, at most one of each severity. */
export function* evaluateConditions(question: RoleInQuestion, trust: RoleTrust): Generator<Draft> {
  const { source, role } = question;
  const { statements } = trust;
  yield* foreignFindings(question, statements);
  const odd = statements.filter((one) => oddWords(one, source).length > 0);
  if (odd.length > 0) {
    yield {
      check: 'TRUST003',
      severity: 'low',
      message: `${role.arn} uses an operator that also accepts tokens without the claim: ${listed(odd.flatMap((one) => oddWords(one, source)))}. Every token has the claim today, so the role is not open.`,
      remedy: correctionOf(
        odd,
        'Use StringEquals or StringLike, without the prefix ForAllValues: and without the suffix IfExists.',
      ),
    };
  }
  yield* unsatisfiableFindings(question, trust);
  yield* denialFindings(question, trust);
  yield* formatFindings(question, statements);
  yield* audienceFindings(question, statements);
}

const listed = (words: readonly string[]): string => [...new Set(words)].join('; ');

function* foreignFindings(
  question: RoleInQuestion,
  statements: readonly EvaluatedStatement[],
): Generator<Draft> {
  const { source, role } = question;
  const { nouns, tenant } = source.grammar;
  const foreign = statements.filter(({ applied }) => foreignWords(applied, source).length > 0);
  if (foreign.length === 0) return;
  const keys = foreign.flatMap(({ applied }) => foreignKeys(applied, source));
  const effect = foreign.every(({ isAlive }) => isAlive) ? '' : ` ${effectOfUnsatisfiable(statements)}`;
  const advice = [...new Set(keys.map((key) => keyWithoutPath(key, source).advice))];
  yield {
    check: 'TRUST003',
    severity: 'high',
    message: `${role.arn} has a condition for another ${keys.length > 0 ? 'issuer' : nouns.tenant}: ${listed(foreign.flatMap(({ applied }) => foreignWords(applied, source)))}. Its provider accepts tokens of ${tenant === null ? source.prefix : `${nouns.tenant} ${tenant}`} only.${effect}`,
    remedy: correctionOf(
      foreign,
      advice.length > 0
        ? advice.join(' ')
        : `Name ${nouns.units.toLowerCase()} of ${nouns.tenant} ${tenant ?? ''}, or trust the provider of the ${nouns.tenant} that the subject names.`,
    ),
  };
}

/** Whether logins fail, if a statement is satisfied by no token. */
const effectOfUnsatisfiable = (statements: readonly EvaluatedStatement[]): string =>
  statements.some(({ isAlive }) => isAlive) ? LOGINS_UNKNOWN : LOGINS_FAIL;

/** Keys of other issuers, unless the statement trusts those, too. */
function foreignKeys({ statement }: ApplicableStatement, source: TokenSource): readonly string[] {
  const trusted = statement.principals.kind === 'named' ? statement.principals.federated : [];
  const isTrusted = (key: string): boolean =>
    trusted.some((arn) => key.startsWith(`${arn.toLowerCase().replace(/^.*?:oidc-provider\//s, '')}:`));
  return statement.conditions
    .map(({ key }) => key)
    .filter((key) => isForeignKey(source, key) && !isTrusted(key) && !/[<>{}$]/.test(key));
}

/** Keys of other issuers, and subjects of other tenants of the same vendor. */
function foreignWords(applied: ApplicableStatement, source: TokenSource): readonly string[] {
  const { statement, tests } = applied;
  const subjects = tests
    .filter(({ claim }) => claim === SUB)
    .flatMap(({ values }) => values)
    .filter((value) => isOfOtherTenant(value, source));
  return [...foreignKeys(applied, source), ...subjects].map((text) => `${statement.name} has ${quote(text)}`);
}

/** Whether a value has another tenant's name where subjects have the fixed one of this issuer. */
function isOfOtherTenant(value: string, { grammar: { tenant, forms } }: TokenSource): boolean {
  if (tenant === null) return false;
  return forms.some(({ subject }) => {
    const at = subject.findIndex((segment) => fixedText(segment) === tenant);
    const before = subject.slice(0, at);
    if (at === -1 || !before.every((segment) => 'literal' in segment)) return false;
    const begin = before.map((segment) => ('literal' in segment ? segment.literal : '')).join('');
    const next = subject[at + 1];
    const end = next !== undefined && 'literal' in next ? next.literal.slice(0, 1) : '';
    const [written = ''] = value.slice(begin.length).split(end);
    return (
      value.startsWith(begin) &&
      // What is no id at all is a mistake of another kind.
      (UUID.test(tenant) ? UUID.test(written) : /^[^*?]+$/.test(written)) &&
      written.toLowerCase() !== tenant
    );
  });
}

function oddWords({ applied, units, tenants }: EvaluatedStatement, source: TokenSource): readonly string[] {
  if (units.kind !== 'closed' || tenants.kind !== 'closed') return [];
  const claims = [SUB, ...source.grammar.scopes.map(({ claim }) => claim)];
  return applied.statement.conditions
    .filter(({ key }) => {
      const value = requestValueOf(source, key);
      return value.kind === 'claim' && value.optional !== true && claims.includes(value.claim);
    })
    .filter(({ operator }) => {
      const read = readOperator(operator);
      return read !== null && (read.set === 'all' || read.ifExists);
    })
    .map(({ operator, key }) => `${applied.statement.name} has ${operator} on ${quote(key)}`);
}

/** TRUST007: statements that no token satisfies, and values of lists that match none. */
function* unsatisfiableFindings(question: RoleInQuestion, trust: RoleTrust): Generator<Draft> {
  const { role, source } = question;
  const { statements, policy } = trust;
  const unsatisfiable = statements
    .filter((one) => !one.isAlive && foreignWords(one.applied, source).length === 0)
    .map(({ applied }) => ({ applied, cause: causeOf(applied, policy) }));
  if (unsatisfiable.length > 0) {
    yield {
      check: 'TRUST007',
      severity: 'high',
      message: `${role.arn} has a condition that no token satisfies: ${listed(unsatisfiable.map(inStatement))}. ${effectOfUnsatisfiable(statements)}`,
      remedy: remedyOf(unsatisfiable),
    };
  }
  const values = statements
    .filter(({ isAlive }) => isAlive)
    .flatMap(({ applied }) =>
      unusedValues(applied, policy)
        .filter(({ test, value }) => test.claim !== SUB || !isOfOtherTenant(value, source))
        .map(({ test, value }) => ({
          applied,
          cause: causeOfValue(test, value, applied, policy),
        })),
    );
  if (values.length > 0) {
    yield {
      check: 'TRUST007',
      severity: 'medium',
      message: `${role.arn} has a value in a list that no token matches, beside others that work: ${listed(values.map(inStatement))}. ${LOGINS_UNKNOWN}`,
      remedy: remedyOf(values),
    };
  }
  const unannounced = statements
    .filter(({ isAlive }) => isAlive)
    .flatMap(({ applied }) => unannouncedKeys(applied, source));
  if (unannounced.length > 0) {
    yield {
      check: 'TRUST007',
      severity: 'info',
      message: `${role.arn} depends on condition keys that AWS lists in its reference, but has not announced (as of ${source.grammar.date}): ${[...new Set(unannounced)].map(quote).join(', ')}. If AWS STS does not support a key, no token satisfies a condition on it. ${LOGINS_UNKNOWN}`,
      remedy: 'No action is needed if logins work.',
    };
  }
}

/** TRUST007 of a role whose Deny statements leave nothing of what its Allow statements admit. */
function* denialFindings({ role }: RoleInQuestion, trust: RoleTrust): Generator<Draft> {
  const denials = denialsOfAll(trust);
  if (denials.length === 0) return;
  const names = joinWithAnd(denials.map(({ statement }) => statement.name));
  yield {
    check: 'TRUST007',
    severity: 'high',
    message: `${role.arn} accepts no token: what its Allow statements accept is denied by ${names}. ${LOGINS_FAIL}`,
    remedy: joinSteps(
      'Correct the conditions of the Deny, or remove it. If the role is blocked on purpose, suppress this finding.',
      replacePolicyStep(role.arn),
    ),
  };
}

interface Unsatisfiable {
  readonly applied: ApplicableStatement;
  readonly cause: Cause;
}

const inStatement = ({ applied, cause }: Unsatisfiable): string =>
  `${applied.statement.name}: ${cause.words}`;

const correctionOf = (
  found: readonly { readonly applied: ApplicableStatement }[],
  advice: string,
): Correction => ({
  advice,
  wrong: { statements: found.map(({ applied }) => applied), witnesses: [] },
});

const remedyOf = (found: readonly Unsatisfiable[]): Correction =>
  correctionOf(found, [...new Set(found.map(({ cause }) => cause.advice))].join(' '));

const unannouncedKeys = ({ statement }: ApplicableStatement, source: TokenSource): readonly string[] =>
  statement.conditions
    .filter(({ operator }) => readOperator(operator)?.negated === false)
    .map(({ key }) => key)
    .filter(
      (key) =>
        isOwnKey(source, key) && source.grammar.keys.get(nameOfKey(source, key))?.isUnannounced === true,
    );

/** Statements whose subjects end too early for the newer of two formats. */
function* formatFindings(
  question: RoleInQuestion,
  statements: readonly EvaluatedStatement[],
): Generator<Draft> {
  const { role, source } = question;
  const forms = statements.flatMap((one) => one.forms);
  const older = forms.find(({ format }) => format === 'older');
  if (older === undefined || forms.some(({ format }) => format === 'newer')) return;
  const alive = statements.filter(({ isAlive }) => isAlive);
  const patterns = alive
    .flatMap(({ applied }) => applied.tests.filter(({ claim, negated }) => claim === SUB && !negated))
    .flatMap(({ values }) => values.map(quote));
  const { newerFormat } = source.grammar;
  if (newerFormat === null) return;
  yield {
    check: newerFormat.check,
    severity: newerFormat.check === 'TRUST007' ? 'medium' : 'low',
    message: `${role.arn} accepts ${newerFormat.older}, but not ${newerFormat.newer}: ${joinWithAnd([...new Set(patterns)])} ${patterns.length === 1 ? 'does' : 'do'} not match ${newerFormat.subject}. ${newerFormat.effect}`,
    remedy: correctionOf(alive, newerFormat.advice),
  };
}

/** Without such a condition IAM still checks the audience against the provider's list, if there is a provider. */
function* audienceFindings(
  { role, source }: RoleInQuestion,
  statements: readonly EvaluatedStatement[],
): Generator<Draft> {
  const without = statements
    .filter(({ isAlive }) => isAlive)
    .map(({ applied }) => applied.statement)
    .filter(({ conditions }) =>
      conditions.every(({ key }) => key !== `${source.prefix}:${AUD}` && key !== `${source.prefix}:oaud`),
    );
  if (without.length === 0) return;
  const hasProvider = source.audiences !== 'any';
  yield {
    check: 'TRUST004',
    severity: 'info',
    message: `${role.arn} has no condition on aud in ${joinWithAnd(without.map(({ name }) => name))}. ${hasProvider ? 'IAM still compares the audience with the client ID list of the provider.' : `AWS accepts tokens of ${source.grammar.nouns.vendor} with any audience, so whoever receives one for another purpose can use it.`}`,
    remedy: hasProvider
      ? 'No action is needed. A condition on aud also protects the role if somebody adds an audience to the provider.'
      : 'Add a condition on aud with the audience that is requested for AWS.',
  };
}

/** TRUST007 of statements that name the provider and permit another action than a login. */
export function actionFinding(question: RoleInQuestion, wrong: readonly ApplicableStatement[]): Draft {
  const isOnly = question.applicable.length === wrong.length;
  return {
    check: 'TRUST007',
    severity: 'high',
    message: `${question.role.arn} has a statement that no token can use: ${listed(wrong.map((applied) => inStatement({ applied, cause: ACTION })))}. ${isOnly ? LOGINS_FAIL : LOGINS_UNKNOWN}`,
    remedy: remedyOf(wrong.map((applied) => ({ applied, cause: ACTION }))),
  };
}
