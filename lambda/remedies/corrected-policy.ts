/**
 * The corrected trust policy of a role: the statements about one provider, limited to what their author meant. Every
 * result is evaluated before it is used: intended tokens pass, and the token of the finding does not.
 */
import { hasWildcard, readOperator, testPasses } from '../iam-policy/condition';
import type { Test } from '../iam-policy/condition';
import { applicableStatements, isAllowed, isWithoutEffect } from '../iam-policy/evaluate';
import type { ApplicableStatement } from '../iam-policy/evaluate';
import type { Claim, IssuerGrammar, ScopeClaim } from '../iam-policy/grammar';
import { federatedPrincipals } from '../iam-policy/federated';
import { decode, readPolicy } from '../iam-policy/parse';
import type { Condition } from '../iam-policy/parse';
import { isJsonObject, parsePolicyJson } from '../iam-policy/policy-json';
import type { Json } from '../iam-policy/policy-json';
import { canSatisfy } from '../iam-policy/reachability';
import { ANY_FORM, isLimitedToUnits } from '../iam-policy/role-trust';
import { AUD, SUB, isOwnKey, isProviderKey, isSessionTag, nameOfKey } from '../iam-policy/tokens';
import type { Token, TokenSource } from '../iam-policy/tokens';
import { isOfField } from '../iam-policy/written';
import { issuerOfProviderArn } from '../oidc/issuer';
import { tokenSource } from '../oidc/profiles';
import { escapeForeign } from '../text/escape';
import { claimsUnderAbsentKeys, lowerIds, subjectsFor } from './meant-subjects';
import type { MeantSubject, NamedWorkloads } from './meant-subjects';
import { fieldOf, listOf, namesOthers, otherProviders, render, withStatements } from './policy-document';
import type { CorrectedCondition, Placeholder, Value } from './policy-document';
import { MAX_LENGTH } from './policies';
import { sampleText } from './subject-text';

/** A corrected policy. */
export interface CorrectedPolicy {
  /** JSON, indented; with the names of placeholders without quotes. ASCII only. */
  readonly document: string;
  readonly placeholders: readonly Placeholder[];
  /** In characters, as IAM counts them: without white space. With samples for what the reader must fill in. */
  readonly length: number;
}

/** What is corrected. */
export interface CorrectionQuestion {
  /** As IAM returns it. */
  readonly trustPolicy: string;
  readonly source: TokenSource;
  readonly applicable: readonly ApplicableStatement[];
  /** The positions of the Allow statements that are wrong. */
  readonly wrong: ReadonlySet<number>;
  /** The audience that tokens have by default; null: unknown. */
  readonly defaultAudience: string | null;
  /** The corrected policy names workloads, such as branches, even if the statement names none. */
  readonly namesWorkloads?: NamedWorkloads;
  /** Tokens that the corrected policy must refuse. */
  readonly witnesses: readonly Token[];
}

/** Null: no policy that passes its evaluation could be built. */
export function correctedPolicy(question: CorrectionQuestion): CorrectedPolicy | null {
  const { trustPolicy, source, applicable, wrong } = question;
  const parsed = parsePolicyJson(decode(trustPolicy));
  if (!parsed.ok || !isJsonObject(parsed.value)) return null;
  const policy = parsed.value;
  const statements = listOf(fieldOf(policy, 'Statement'));
  if (excludesSubjects(question)) return null;
  // What the conditions mean for accounts and services is not known.
  if (statements.some((statement, index) => wrong.has(index) && namesOthers(statement))) return null;
  const corrections = new Map(
    applicable
      .filter(({ statement }) => wrong.has(statement.index))
      .map((statement) => [statement.statement.index, correctionsOf(statement, question)] as const),
  );
  const placeholders = distinct(
    [...corrections.values()]
      .flat()
      .flatMap(({ values }) => values.flatMap((value) => (typeof value === 'string' ? [] : [value]))),
  );
  const others = statements
    .filter((_, index) => corrections.has(index))
    .flatMap((statement) => otherProviders(statement, source, isLimited));
  const write = (show: (placeholder: Placeholder) => string): string =>
    render(withStatements(policy, corrections, others, source, show));
  const nameOf = ({ name, meaning }: Placeholder): string =>
    placeholders.find((one) => one.meaning === meaning && one.name.startsWith(name))?.name ?? name;
  const sample = write((placeholder) => placeholder.sample);
  // Also if it is no JSON: a number such as 1e999 cannot be written again.
  if (!isCorrect(sample, question) || MARKED.test(sample)) return null;
  const { length } = JSON.stringify(JSON.parse(sample));
  if (length > MAX_LENGTH.raised) return null;
  return {
    document: write((one) => marked(nameOf(one))).replaceAll(new RegExp(MARKED, 'g'), '$1'),
    placeholders,
    length,
  };
}

/**
 * Whether subjects are excluded, and the issuer has two formats of them: what is excluded in one is not in the other, which a
 * corrected policy accepts, too.
 */
const excludesSubjects = ({ source, applicable, wrong }: CorrectionQuestion): boolean =>
  source.grammar.forms.some(({ format }) => format !== null) &&
  applicable.some(
    ({ statement, tests }) =>
      (statement.effect === 'Deny' || wrong.has(statement.index)) &&
      tests.some(({ claim, negated }) => claim === SUB && negated === (statement.effect === 'Allow')),
  );

/** Whether a statement lets in only units that it names, of each provider that it names. */
function isLimited(statement: Json): boolean {
  const policy = readPolicy(render({ entries: [['Statement', statement]] }));
  const subjects = policy.statements.flatMap(({ conditions }) => conditions.flatMap(({ values }) => values));
  return (
    policy.ok &&
    federatedPrincipals(policy).every((arn) => {
      const issuer = issuerOfProviderArn(arn);
      if (issuer === null) return false;
      const source = tokenSource({ issuer, providerArn: arn, audiences: null }, subjects);
      const applicable = applicableStatements(policy.statements, source, arn);
      return applicable.every((one) => isLimitedToUnits({ source, applicable }, one));
    })
  );
}

/** Each once. Those of the same name and different meanings get a letter: `REPOSITORY_ID_A`. */
function distinct(placeholders: readonly Placeholder[]): readonly Placeholder[] {
  const once = [...new Map(placeholders.map((one) => [`${one.name} ${one.meaning}`, one] as const)).values()];
  return once.map((one) => {
    const alike = once.filter(({ name }) => name === one.name);
    return alike.length === 1 ? one : { ...one, name: `${one.name}_${letters(alike.indexOf(one))}` };
  });
}

/** `A` to `Z`, then `AA`, as columns of a table are named. */
const letters = (index: number): string =>
  `${index < 26 ? '' : letters(Math.floor(index / 26) - 1)}${String.fromCodePoint('A'.charCodeAt(0) + (index % 26))}`;

/** Survives the rendering as JSON, and is then replaced together with its quotes. */
const marked = (name: string): string => `@@${name}@@`;

const MARKED = /"@@([A-Z_]+)@@"/;

function correctionsOf(
  applied: ApplicableStatement,
  question: CorrectionQuestion,
): readonly CorrectedCondition[] {
  const { source, defaultAudience } = question;
  const audience = audiencesFor(applied.tests, source, defaultAudience);
  const scope = scopeFor(applied, question);
  const written = [...audience, ...scope];
  const isWritten = ({ key }: Condition): boolean =>
    written.some((one) => one.key === key) || isReplaced(key, source);
  // What a condition excludes stays excluded.
  const excludes = ({ operator, key }: Condition): boolean =>
    isOwnKey(source, key) && readOperator(operator)?.negated === true;
  // Session tags only need that a statement permits them.
  const isPossible = (condition: Condition): boolean =>
    !applied.never.includes(condition) || (isSessionTag(condition.key) && source.grammar.hasAwsClaims);
  const rest = applied.statement.conditions.filter(
    (condition) =>
      (excludes(condition) || !isWritten(condition)) &&
      isPossible(condition) &&
      // It misleads.
      !isWithoutEffect(condition, source),
  );
  return [...written, ...rest.map(({ operator, key, values }) => ({ operator, key, values }))];
}

/** Conditions on the subject and audience are written anew; those with keys of other issuers never hold. */
function isReplaced(key: string, source: TokenSource): boolean {
  if (!isOwnKey(source, key)) return isProviderKey(key) || /^https?:/.test(key);
  return [SUB, AUD, 'oaud'].includes(nameOfKey(source, key));
}

/**
 * Those that the statement names and the provider accepts. If it names none, all of the provider. If the provider accepts
 * none of them, the default one.
 */
function audiencesFor(
  tests: readonly Test<Claim>[],
  { prefix, audiences }: TokenSource,
  defaultAudience: string | null,
): readonly CorrectedCondition[] {
  const own = tests.filter(({ claim, negated }) => claim === AUD && !negated);
  // If it is not known what the provider accepts, what the statement names.
  const accepted =
    audiences === null || audiences === 'any'
      ? [...new Set(own.flatMap(({ values }) => values.filter((value) => !hasWildcard(value))))]
      : audiences;
  const named = accepted.filter((one) => own.length > 0 && own.every((test) => testPasses(test, one)));
  const isDefault = own.length > 0 && defaultAudience !== null && accepted.includes(defaultAudience);
  const usual = isDefault ? [defaultAudience] : accepted;
  const values: readonly Value[] = named.length > 0 ? named : usual.length > 0 ? usual : [AUDIENCE];
  return [{ operator: 'StringEquals', key: `${prefix}:${AUD}`, values }];
}

const AUDIENCE: Placeholder = {
  name: 'AUDIENCE',
  meaning: 'the value of the claim "aud"',
  sample: 'sample',
};

/** More subjects that the reader must complete are written as one. */
const MAX_SUBJECTS = 5;

/** The conditions that name units: on ids where AWS supports them, and on the subject. */
function scopeFor(
  applied: ApplicableStatement,
  { source, namesWorkloads }: Pick<CorrectionQuestion, 'source' | 'namesWorkloads'>,
): readonly CorrectedCondition[] {
  const { grammar, prefix } = source;
  if (grammar.forms.length === 0 && grammar.audience === 'tenant') return subjectsAsWritten(applied, source);
  const { named, byValue, others, open } = subjectsFor(applied, source, namesWorkloads ?? null);
  // One condition for all subjects: not if some of them name a workload already.
  const namesNone = named.every(({ restricts }) => !restricts);
  const workloadKey = namesWorkloads !== undefined && namesNone ? keyOfWorkload(source) : null;
  // A pattern whose wildcard stands before a limit does not hold.
  const isRight = ({ holds, restricts }: MeantSubject): boolean =>
    holds && (namesWorkloads === undefined || workloadKey !== null || restricts);
  const ids = idsFor(applied, source, { named, hasOpen: open.length > 0 });
  const isNamedById =
    ids.some(({ unit }) => unit) && grammar.kind !== 'shared' && namesWorkloads === undefined;
  const values = ((): readonly Value[] => {
    // Without a subject the role would admit more than before.
    if (named.length === 0 && isNamedById && !others.some(({ limits }) => limits)) return [];
    const toComplete = byValue.filter((ofOne) => !ofOne.every(isRight));
    if (named.length === 0 || toComplete.length > MAX_SUBJECTS)
      return [subjectLike(named.length > 0 ? named : others)];
    const right = byValue.filter((ofOne) => ofOne.every(isRight)).flat();
    return [
      ...withoutCovered([...new Set(right.map(({ pattern }) => pattern))]),
      ...toComplete.map((ofOne) => subjectLike(ofOne)),
      ...open.map(({ value, examples }) => subjectLike(examples, value)),
    ];
  })();
  const operator = values.some((value) => typeof value !== 'string' || hasWildcard(value))
    ? 'StringLike'
    : 'StringEquals';
  // The reader writes the ids of the unit into the subject, if it has them.
  const isInSubject = values.some((value) => typeof value !== 'string') && !hasNames(grammar.scopes);
  return [
    ...ids
      .map(({ correction }) => correction)
      .filter((one) => !isInSubject || one.values.every((value) => typeof value === 'string')),
    ...(workloadKey === null
      ? []
      : [
          {
            operator: 'StringEquals',
            key: `${prefix}:${workloadKey}`,
            values: [placeholderOf(workloadKey, grammar)],
          },
        ]),
    ...(values.length === 0 ? [] : [{ operator, key: `${prefix}:${SUB}`, values }]),
  ];
}

/** Of an issuer whose audience is all that is known. */
const subjectsAsWritten = (
  { statement }: ApplicableStatement,
  { prefix }: TokenSource,
): readonly CorrectedCondition[] =>
  statement.conditions.filter(
    ({ key, operator }) => key === `${prefix}:${SUB}` && readOperator(operator)?.negated === false,
  );

/** A condition key for a workload, of tokens that all have it. */
const keyOfWorkload = ({ grammar }: TokenSource): string | null =>
  [...grammar.keys].find(
    ([, { claim, isUnannounced }]) =>
      grammar.workloads.includes(claim) &&
      isUnannounced !== true &&
      grammar.claims.get(claim)?.optional === false,
  )?.[0] ?? null;

/** A subject that the reader must complete, explained by examples. `instead`: the value that it replaces. */
function subjectLike(subjects: readonly MeantSubject[], instead: string | null = null): Placeholder {
  const [first] = subjects;
  const examples = [...new Set(subjects.map(({ example }) => example))];
  const shown = examples.map((example) => `"${escapeForeign(example)}"`).join(' or ');
  const where = instead === null ? '' : ` that you meant by "${escapeForeign(instead)}"`;
  return {
    name: 'SUBJECT',
    meaning:
      examples.length === 0
        ? `the value of the claim "sub"${where}`
        : `a subject${where}${where === '' ? ' ' : ', '}such as ${shown}${subjects.some(({ hasWords }) => hasWords) ? ' (with your values for the words in capitals)' : ''}`,
    sample: first?.sample ?? 'sample',
  };
}

/** A condition on an id. `unit`: it names the unit. */
interface IdCondition {
  readonly unit: boolean;
  readonly correction: CorrectedCondition;
}

/** Ids that the statement names stay; those that the issuer has, and AWS supports, are added. */
function idsFor(
  applied: ApplicableStatement,
  source: TokenSource,
  { named: subjects, hasOpen }: { readonly named: readonly MeantSubject[]; readonly hasOpen: boolean },
): readonly IdCondition[] {
  const { grammar, prefix } = source;
  const absent = claimsUnderAbsentKeys(applied, source);
  return grammar.scopes.flatMap((scope): readonly IdCondition[] => {
    const [key, provided] = [...grammar.keys].find(([, { claim }]) => claim === scope.claim) ?? [];
    if (scope.nature !== 'id' || key === undefined || provided === undefined) return [];
    const field = grammar.claims.get(scope.claim)?.field;
    const written = applied.tests
      .filter((test) => test.claim === scope.claim && !test.negated && test.passesMissing !== true)
      .flatMap(({ values }) => values.map((value) => lowerIds(value.trim())));
    const named = [...written, ...(absent.get(scope.claim) ?? [])].filter(
      (value) => field === undefined || isOfField(field, value),
    );
    const isUnit = scope.scope === 'unit';
    // A subject of ids needs no other id; one of names does.
    const isNeeded =
      provided.isUnannounced !== true &&
      !isOptionalClaim(grammar.claims.get(scope.claim)) &&
      (subjects.length === 0 || (hasNames(grammar.scopes) && !subjects.every(({ hasIds }) => hasIds)));
    if (named.length === 0 && !isNeeded) return [];
    const values: readonly Value[] =
      named.length > 0 ? [...new Set(named)] : idsOf(scope, key, grammar, { subjects, hasOpen });
    return [{ unit: isUnit, correction: { operator: 'StringEquals', key: `${prefix}:${key}`, values } }];
  });
}

const isOptionalClaim = (claim: { readonly optional: boolean } | undefined): boolean =>
  claim?.optional === true;

const hasNames = (scopes: TokenSource['grammar']['scopes']): boolean =>
  scopes.some(({ nature }) => nature === 'name');

/** The unknown ids of the tenants or units that the subjects name, one for each. */
function idsOf(
  { scope }: ScopeClaim,
  key: string,
  grammar: IssuerGrammar,
  { subjects, hasOpen }: { readonly subjects: readonly MeantSubject[]; readonly hasOpen: boolean },
): readonly Placeholder[] {
  const claims = grammar.scopes.filter((one) => one.scope === scope && one.nature === 'name');
  const names = subjects.map(({ claims: known }) => claims.flatMap(({ claim }) => known.get(claim) ?? []));
  const hasUnnamed = hasOpen || names.length === 0 || names.some((ofOne) => ofOne.length === 0);
  return [
    ...[...new Set(names.flat())].map((name) => placeholderOf(key, grammar, name)),
    ...(hasUnnamed ? [placeholderOf(key, grammar)] : []),
  ];
}

/** Names that a shell takes for what they are. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** `of`: the name of what has the id. */
function placeholderOf(key: string, { keys, claims }: IssuerGrammar, of: string | null = null): Placeholder {
  const { hint = '', claim = '' } = keys.get(key) ?? {};
  const field = claims.get(claim)?.field;
  const whose = of === null ? '' : ` of ${escapeForeign(of)}`;
  // The words in capitals of a hint stand for the name.
  const where = of === null ? hint : SAFE_NAME.test(of) ? hint.replace(/[A-Z]+(?:\/[A-Z]+)*/, of) : '';
  return {
    name: key
      .replace(/^.*\//, '')
      .replaceAll(/[^A-Za-z]+/g, '_')
      .toUpperCase(),
    meaning: `the value of the claim "${key}"${whose}${where === '' ? '' : ` (${where})`}`,
    sample: field === undefined ? 'sample' : sampleText({ field, claims: [] }),
  };
}

/** Without patterns that another one, which ends in `*`, includes. */
const withoutCovered = (patterns: readonly string[]): readonly string[] =>
  patterns.filter(
    (pattern) =>
      !patterns.some(
        (other) =>
          other !== pattern &&
          other.endsWith('*') &&
          !hasWildcard(other.slice(0, -1)) &&
          pattern.startsWith(other.slice(0, -1)),
      ),
  );

/** Whether every statement about the provider admits some token, only named units pass, and no witness does. */
function isCorrect(
  document: string,
  { source, witnesses, wrong }: Pick<CorrectionQuestion, 'source' | 'witnesses' | 'wrong'>,
): boolean {
  const policy = readPolicy(document);
  if (!policy.ok || source.providerArn === null) return false;
  const applicable = applicableStatements(policy.statements, source, source.providerArn);
  if (witnesses.some((token) => isAllowed(applicable, token))) return false;
  const own = applicable.filter(({ statement }) => statement.effect === 'Deny' || wrong.has(statement.index));
  const { forms, isComplete } = source.grammar;
  const possible = isComplete ? forms : [...forms, ANY_FORM];
  return own.every(
    (statement) =>
      statement.statement.effect === 'Deny' ||
      (canSatisfy(source, statement, possible) !== false &&
        isLimitedToUnits({ source, applicable: own }, statement)),
  );
}
