/**
 * The corrected trust policy of a role: the statements about one provider, limited to what their author meant. Every
 * result is evaluated before it is used: intended tokens pass, and the token of the finding does not.
 */
import { hasWildcard, readOperator, testPasses } from '../iam-policy/condition';
import type { Test } from '../iam-policy/condition';
import { applicableStatements, isAllowed } from '../iam-policy/evaluate';
import type { ApplicableStatement } from '../iam-policy/evaluate';
import type { Claim, Field, IssuerGrammar, ScopeClaim, Segment, TokenForm } from '../iam-policy/grammar';
import { decode, readPolicy } from '../iam-policy/parse';
import type { Condition } from '../iam-policy/parse';
import { isJsonObject, parsePolicyJson } from '../iam-policy/policy-json';
import type { Json, JsonObject } from '../iam-policy/policy-json';
import { canSatisfy } from '../iam-policy/reachability';
import { ANY_FORM, isLimitedToUnits } from '../iam-policy/role-trust';
import { AUD, SUB, isOwnKey, isProviderKey, nameOfKey } from '../iam-policy/tokens';
import type { Token, TokenSource } from '../iam-policy/tokens';
import { claimsWritten, simplestText } from '../iam-policy/written';
import { escapeForeign } from '../text/escape';

/** A value that the reader must fill in. */
export interface Placeholder {
  /** In capitals, without quotes: the document is no JSON until it is replaced. */
  readonly name: string;
  readonly meaning: string;
  /** A value of that kind, to evaluate the policy. */
  readonly sample: string;
}

/** A corrected policy. */
export interface CorrectedPolicy {
  /** JSON, indented; with the names of placeholders without quotes. ASCII only. */
  readonly document: string;
  readonly placeholders: readonly Placeholder[];
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
  readonly namesWorkloads?: true;
  /** Tokens that the corrected policy must refuse. */
  readonly witnesses: readonly Token[];
}

type Value = string | Placeholder;

/** A condition with values of which some are unknown. */
interface Correction {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly Value[];
}

/** Null: no policy that passes its evaluation could be built. */
export function correctedPolicy(question: CorrectionQuestion): CorrectedPolicy | null {
  const { trustPolicy, source, applicable, wrong } = question;
  const parsed = parsePolicyJson(decode(trustPolicy));
  if (!parsed.ok || !isJsonObject(parsed.value)) return null;
  const policy = parsed.value;
  const statements = listOf(fieldOf(policy, 'Statement'));
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
  const write = (show: (placeholder: Placeholder) => string): string =>
    render(withStatements(policy, corrections, source, show));
  const nameOf = ({ name, meaning }: Placeholder): string =>
    placeholders.find((one) => one.meaning === meaning && one.name.startsWith(name))?.name ?? name;
  const sample = write((placeholder) => placeholder.sample);
  return isCorrect(sample, question) && !MARKED.test(sample)
    ? {
        document: write((one) => marked(nameOf(one))).replaceAll(new RegExp(MARKED, 'g'), '$1'),
        placeholders,
      }
    : null;
}

/** Each once. Those of the same name and different meanings get a letter: `REPOSITORY_ID_A`. */
function distinct(placeholders: readonly Placeholder[]): readonly Placeholder[] {
  const once = [...new Map(placeholders.map((one) => [`${one.name} ${one.meaning}`, one] as const)).values()];
  return once.map((one) => {
    const alike = once.filter(({ name }) => name === one.name);
    const letter = String.fromCodePoint('A'.charCodeAt(0) + alike.indexOf(one));
    return alike.length === 1 ? one : { ...one, name: `${one.name}_${letter}` };
  });
}

/** Survives the rendering as JSON, and is then replaced together with its quotes. */
const marked = (name: string): string => `@@${name}@@`;
const MARKED = /"@@([A-Z_]+)@@"/;

function correctionsOf(applied: ApplicableStatement, question: CorrectionQuestion): readonly Correction[] {
  const { source, defaultAudience } = question;
  const audience = audiencesFor(applied.tests, source, defaultAudience);
  const scope = scopeFor(applied, question);
  const written = [...audience, ...scope];
  const isWritten = ({ key }: Condition): boolean =>
    written.some((one) => one.key === key) || isReplaced(key, source);
  // What a condition excludes stays excluded.
  const excludes = ({ operator, key }: Condition): boolean =>
    isOwnKey(source, key) && readOperator(operator)?.negated === true;
  const rest = applied.statement.conditions.filter(
    (condition) => (excludes(condition) || !isWritten(condition)) && !applied.never.includes(condition),
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
): readonly Correction[] {
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

/** The conditions that name units: on ids where AWS supports them, and on the subject. */
function scopeFor(
  applied: ApplicableStatement,
  { source, namesWorkloads }: Pick<CorrectionQuestion, 'source' | 'namesWorkloads'>,
): readonly Correction[] {
  const { grammar, prefix } = source;
  if (grammar.forms.length === 0 && grammar.audience === 'tenant') return subjectsAsWritten(applied, source);
  const workloadKey = namesWorkloads === true ? keyOfWorkload(source) : null;
  const { named, others } = subjectsFor(applied, source, namesWorkloads === true);
  const isRestricted =
    namesWorkloads !== true || workloadKey !== null || named.every(({ restricts }) => restricts);
  const ids = idsFor(applied, source, named);
  const isNamedById = ids.some(({ unit }) => unit) && grammar.kind !== 'shared' && namesWorkloads !== true;
  const values = ((): readonly Value[] => {
    // A pattern whose wildcard stands before a limit does not hold.
    if (named.length > 0 && isRestricted && named.every(({ holds }) => holds))
      return withoutCovered([...new Set(named.map(({ pattern }) => pattern))]);
    // Without a subject the role would admit more than before.
    if (named.length === 0 && isNamedById && !others.some(({ limits }) => limits)) return [];
    return [subjectLike(named.length > 0 ? named : others)];
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
): readonly Correction[] =>
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

/** A subject that the reader must complete, explained by examples. */
function subjectLike(subjects: readonly MeantSubject[]): Placeholder {
  const [first] = subjects;
  const examples = [...new Set(subjects.map(({ example }) => example))];
  const shown = examples.map((example) => `"${escapeForeign(example)}"`).join(' or ');
  return {
    name: 'SUBJECT',
    meaning:
      examples.length === 0
        ? 'the value of the claim "sub"'
        : `a subject such as ${shown}${subjects.some(({ hasWords }) => hasWords) ? ' (with your values for the words in capitals)' : ''}`,
    sample: first?.sample ?? 'sample',
  };
}

/** Whether a segment says which tenant, unit or workload it is. */
const isVital = ({ claims }: Segment, { scopes, workloads }: IssuerGrammar): boolean =>
  claims.some((claim) => workloads.includes(claim) || scopes.some((scope) => scope.claim === claim));

/** A subject of a form, with the names of its vital parts in capitals, except those that are known. */
export const exampleOf = (
  { subject }: TokenForm,
  grammar: IssuerGrammar,
  known: (segment: Segment) => string | null = () => null,
): string =>
  textOf(
    subject,
    (segment) => known(segment) ?? (isVital(segment, grammar) ? wordOf(segment) : unknownText(segment)),
  );

/** `show`: the text of a variable segment. */
const textOf = (subject: readonly Segment[], show: (segment: Segment) => string): string =>
  subject
    .map((segment) => ('literal' in segment ? segment.literal : (fixedText(segment) ?? show(segment))))
    .join('');

const NO_FIELD: Field = { positions: [], unnamed: null };

/** `BRANCH`, behind the fixed beginning of the field: `refs/heads/`. */
function wordOf(segment: Segment): string {
  const { positions, usualBeginning } = 'field' in segment ? segment.field : NO_FIELD;
  const begin = positions.slice(
    0,
    positions.findIndex(({ characters }) => typeof characters === 'object'),
  );
  const fixed = begin.map(({ characters }) => (typeof characters === 'string' ? characters : '')).join('');
  return `${usualBeginning ?? fixed}${(segment.claims[0] ?? 'id').toUpperCase().replaceAll(' ', '_')}`;
}

/** A condition on an id. `unit`: it names the unit. */
interface IdCondition {
  readonly unit: boolean;
  readonly correction: Correction;
}

/** Ids that the statement names stay; those that the issuer has, and AWS supports, are added. */
function idsFor(
  { tests }: ApplicableStatement,
  { grammar, prefix }: TokenSource,
  subjects: readonly MeantSubject[],
): readonly IdCondition[] {
  return grammar.scopes.flatMap((scope): readonly IdCondition[] => {
    const [key, provided] = [...grammar.keys].find(([, { claim }]) => claim === scope.claim) ?? [];
    if (scope.nature !== 'id' || key === undefined || provided === undefined) return [];
    const named = tests
      .filter((test) => test.claim === scope.claim && !test.negated && test.passesMissing !== true)
      .flatMap(({ values }) => values.filter((value) => !hasWildcard(value)).map(lowerIds));
    const isUnit = scope.scope === 'unit';
    // A subject of ids needs no other id; one of names does.
    const isNeeded =
      provided.isUnannounced !== true &&
      !isOptionalClaim(grammar.claims.get(scope.claim)) &&
      (subjects.length === 0 || (hasNames(grammar.scopes) && !subjects.every(({ hasIds }) => hasIds)));
    if (named.length === 0 && !isNeeded) return [];
    const values: readonly Value[] =
      named.length > 0 ? [...new Set(named)] : idsOf(scope, key, grammar, subjects);
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
  subjects: readonly MeantSubject[],
): readonly Placeholder[] {
  const claims = grammar.scopes.filter((one) => one.scope === scope && one.nature === 'name');
  const names = new Set(
    subjects.flatMap(({ claims: known }) => claims.flatMap(({ claim }) => known.get(claim) ?? [])),
  );
  return names.size === 0
    ? [placeholderOf(key, grammar)]
    : [...names].map((name) => placeholderOf(key, grammar, name));
}

/** `of`: the name of what has the id. */
function placeholderOf(key: string, { keys, claims }: IssuerGrammar, of: string | null = null): Placeholder {
  const { hint = '', claim = '' } = keys.get(key) ?? {};
  const field = claims.get(claim)?.field;
  const whose = of === null ? '' : ` of ${escapeForeign(of)}`;
  // The words in capitals of a hint stand for the name.
  const where = of === null ? hint : hint.replace(/[A-Z]+(?:\/[A-Z]+)*/, escapeForeign(of));
  return {
    name: key
      .replace(/^.*\//, '')
      .replaceAll(/[^A-Za-z]+/g, '_')
      .toUpperCase(),
    meaning: `the value of the claim "${key}"${whose}${where === '' ? '' : ` (${where})`}`,
    sample: field === undefined ? 'sample' : sampleText({ field, claims: [] }),
  };
}

/** A subject that a statement means. */
interface MeantSubject {
  readonly pattern: string;
  /** It names a workload. */
  readonly restricts: boolean;
  /** It names a workload, or something else within the unit, such as a person. */
  readonly limits: boolean;
  /** No wildcard stands before a limit. */
  readonly holds: boolean;
  /** It names the ids of its unit, and of the tenant if the form has them. */
  readonly hasIds: boolean;
  /** What it says for certain about each claim. */
  readonly claims: ReadonlyMap<Claim, string>;
  /** The pattern in its most particular form, with words in capitals for what is not known. */
  readonly example: string;
  /** The example has such words. */
  readonly hasWords: boolean;
  /** The example with some values in the place of words. */
  readonly sample: string;
}

/** The subjects of a statement. */
interface MeantSubjects {
  /** Of values that name a unit. */
  readonly named: readonly MeantSubject[];
  /** What the reader may have meant by the other values, or all forms: only examples. */
  readonly others: readonly MeantSubject[];
}

/** The subjects that the statement means: the possible ones of each value. */
function subjectsFor(
  applied: ApplicableStatement,
  source: TokenSource,
  namesWorkloads: boolean,
): MeantSubjects {
  const { grammar } = source;
  const forms = grammar.forms.filter(({ origin }) => !namesWorkloads || origin === 'workload');
  const values = [
    ...applied.tests.filter(({ claim, negated }) => claim === SUB && !negated).flatMap((test) => test.values),
    ...subjectsUnderWrongKeys(applied, source),
  ].map((value) =>
    lowerIds(value).replaceAll(/https?:\/\//g, (scheme) => (value.startsWith(scheme) ? scheme : '')),
  );
  const named = values.flatMap((text) => {
    const fitting = forms.flatMap((form) => {
      const claims = claimsMeant(text, form);
      return claims !== null && namesUnit(claims, form, source) ? [{ form, claims }] : [];
    });
    if (fitting.length === 0) return isMeantAsWritten(text, source, forms) ? [asWritten(text)] : [];
    return mostParticular(
      fitting.flatMap(({ form, claims }) =>
        formsLike(form, claims, grammar).flatMap((one) => {
          const subject = meantSubject(one, claims, { grammar, namesWorkloads });
          return isPossible(subject.pattern, 'like', source, [one]) ? [subject] : [];
        }),
      ),
    );
  });
  return {
    named,
    others:
      named.length > 0 ? [] : examplesFor(values, namedIds(applied, grammar), { source, namesWorkloads }),
  };
}

/** Those that name a workload, if some do. */
const mostParticular = (meant: readonly MeantSubject[]): readonly MeantSubject[] => {
  const restricted = meant.filter(({ restricts }) => restricts);
  return restricted.length > 0 ? restricted : meant;
};

/** A whole subject, also in a form that is not known, or one of the vendor itself. */
function isMeantAsWritten(text: string, source: TokenSource, forms: readonly TokenForm[]): boolean {
  const isWhole = !hasWildcard(text);
  const isOf = (isVendor: boolean): boolean =>
    isPossible(
      text,
      'like',
      source,
      source.grammar.forms.filter(({ origin }) => (origin === 'vendor') === isVendor),
    );
  if (isOf(true) && !isOf(false)) return /^[^*?]+[*]?$/.test(text);
  const { isComplete } = source.grammar;
  return (
    isWhole &&
    (isPossible(text, 'exact', source, forms) || (!isComplete && !isPossible(text, 'exact', source)))
  );
}

const asWritten = (text: string): MeantSubject => ({
  pattern: text,
  restricts: true,
  limits: true,
  holds: true,
  hasIds: false,
  claims: new Map(),
  example: text,
  hasWords: false,
  sample: text,
});

/** The ids that a statement names, without wildcards: of each claim the first, if there is only one. */
const namedIds = ({ tests }: ApplicableStatement, { scopes }: IssuerGrammar): ReadonlyMap<Claim, string> =>
  new Map(
    scopes.flatMap(({ claim, nature }) => {
      const own = tests.filter((test) => test.claim === claim && !test.negated);
      const [only, ...others] = own.flatMap(({ values }) => values);
      const isOne = nature === 'id' && only !== undefined && others.length === 0;
      return isOne && !hasWildcard(only) ? [[claim, lowerIds(only)] as const] : [];
    }),
  );

/** How a statement is corrected. */
interface Meaning {
  readonly grammar: IssuerGrammar;
  readonly namesWorkloads: boolean;
}

/** Examples of what a statement may mean: of each format the form that has most in common with its values. */
function examplesFor(
  values: readonly string[],
  ids: ReadonlyMap<Claim, string>,
  { source, namesWorkloads }: { readonly source: TokenSource; readonly namesWorkloads: boolean },
): readonly MeantSubject[] {
  const { grammar } = source;
  const forms = grammar.forms.filter(({ origin }) => origin === 'workload');
  const ofValues = values.flatMap((value) =>
    forms.flatMap((form) => {
      const claims = claimsMeant(value, form);
      return claims === null ? [] : [{ form, claims }];
    }),
  );
  const candidates = [...ofValues, ...forms.map((form) => ({ form, claims: new Map<Claim, string>() }))]
    .map(({ form, claims }) => {
      const all = new Map([...claims, ...ids]);
      const known = form.subject.filter((segment) => knownText(segment, all, grammar) !== null);
      return { form, count: known.length, subject: meantSubject(form, all, { grammar, namesWorkloads }) };
    })
    .filter(({ form, subject }) => isPossible(subject.pattern, 'like', source, [form]));
  const best = (['older', 'newer', null] as const).flatMap((format) => {
    const own = candidates.filter(({ form }) => form.format === format);
    const most = Math.max(0, ...own.map(({ count }) => count));
    return own.filter(({ count }) => count === most).slice(0, 1);
  });
  const subjects = best.map(({ subject }) => subject);
  if (namesWorkloads || subjects.some(({ limits }) => limits)) return mostParticular(subjects);
  // Who names no workload accepts all formats: of one that continues another, a pattern for both.
  return best
    .filter(({ form }) => !forms.some((other) => continues(form, other)))
    .map(({ form, subject }) => {
      if (!forms.some((other) => continues(other, form))) return subject;
      const known = (segment: Segment): string | null => knownText(segment, subject.claims, grammar);
      return { ...subject, example: exampleOf(form, grammar, known).replace(/[?-]+$/, '*') };
    });
}

/** Whether subjects of a form begin with those of another one. */
const continues = (form: TokenForm, other: TokenForm): boolean =>
  form !== other && other.subject.every((segment, at) => form.subject[at] === segment);

/** Values of a condition whose key is nearly that of the subject: with a scheme, or without its path. */
const subjectsUnderWrongKeys = ({ statement }: ApplicableStatement, source: TokenSource): readonly string[] =>
  statement.conditions
    .filter(({ key }) => key.endsWith(`:${SUB}`) && !isOwnKey(source, key) && isSameHost(key, source))
    .flatMap(({ values }) => values);

const hostOfKey = (key: string): string => key.replace(/^https?:\/\//, '').replace(/[/:].*$/s, '');

/** Whether a key names the issuer's host. */
export const isSameHost = (key: string, { prefix }: Pick<TokenSource, 'prefix'>): boolean =>
  hostOfKey(key) === hostOfKey(prefix);

const lowerIds = (value: string): string =>
  value.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, (id) => id.toLowerCase());

/**
 * What a value of a condition says about each claim. Where a wildcard replaces the rest from a separator on, what stands
 * before the separator is the whole claim.
 */
function claimsMeant(value: string, form: TokenForm): ReadonlyMap<Claim, string> | null {
  const claims = claimsWritten(value, form);
  if (claims === null) return null;
  const meant = new Map(claims);
  for (const [index, segment] of form.subject.entries()) {
    const next = form.subject[index + 1];
    if ('literal' in segment || next === undefined || !('literal' in next)) continue;
    const rest = form.subject.slice(index + 1);
    for (const claim of segment.claims.filter((one) => !rest.some((later) => later.claims.includes(one)))) {
      const text = claims.get(claim) ?? '';
      const separator = separatorAtEnd(text, next.literal, segment.field);
      if (separator !== '') meant.set(claim, text.slice(0, -1 - separator.length));
    }
  }
  return meant;
}

/** Of a text such as `app:*`, the part of the separator; empty: there is none that is no part of the field. */
function separatorAtEnd(text: string, literal: string, { positions }: Field): string {
  const head = text.slice(0, -1);
  const isOfField = positions.some(
    ({ characters }) => typeof characters === 'object' && characters.has(literal.slice(0, 1)),
  );
  if (!text.endsWith('*') || hasWildcard(head) || isOfField) return '';
  const at = head.indexOf(literal.slice(0, 1));
  const rest = at === -1 ? '' : head.slice(at);
  return literal.startsWith(rest) ? rest : '';
}

/** Whether the claims of a value name the unit and, if the issuer has several tenants, the tenant. */
function namesUnit(claims: ReadonlyMap<Claim, string>, form: TokenForm, { grammar }: TokenSource): boolean {
  if (form.origin === 'vendor') return false;
  const isWritten = (claim: Claim): boolean => /^[^*?]+$/.test(claims.get(claim) ?? '*');
  const scopes = grammar.scopes.filter(({ claim }) =>
    form.subject.some((segment) => segment.claims.includes(claim)),
  );
  const units = scopes.filter(({ scope }) => scope === 'unit');
  const tenants = scopes.filter(({ scope, nature }) => scope === 'tenant' && nature === 'name');
  const isOwnTenant =
    grammar.tenant === null ||
    scopes.every(
      ({ claim, scope }) => scope === 'unit' || [undefined, grammar.tenant].includes(claims.get(claim)),
    );
  return (
    units.some(({ claim }) => isWritten(claim)) &&
    tenants.every(({ claim }) => isWritten(claim)) &&
    isOwnTenant
  );
}

/** A statement that tests nothing but one value of the subject. */
const isPossible = (
  value: string,
  comparison: Test<Claim>['comparison'],
  source: TokenSource,
  forms = source.grammar.forms,
): boolean =>
  canSatisfy(
    source,
    {
      statement: {
        name: '',
        index: 0,
        effect: 'Allow',
        principals: { kind: 'named', everyone: false, federated: [], wildcard: false },
        actions: [],
        notAction: false,
        conditions: [],
      },
      tests: [{ claim: SUB, comparison, values: [value], negated: false }],
      never: [],
      unknowns: [],
    },
    forms,
  ) === true;

/**
 * The form itself, and the forms of the same workload in the other of two formats: those of the same name, and those that
 * continue it. A subject with ids is meant as it is.
 */
function formsLike(
  form: TokenForm,
  claims: ReadonlyMap<Claim, string>,
  grammar: IssuerGrammar,
): readonly TokenForm[] {
  if (namesIds(form, claims, grammar)) return [form];
  return grammar.forms.filter((one) => one.name === form.name || continues(one, form));
}

/** Whether a subject has ids, and all of them are written out. */
function namesIds(
  { subject }: TokenForm,
  claims: ReadonlyMap<Claim, string>,
  { scopes }: IssuerGrammar,
): boolean {
  const ids = scopes.filter(
    ({ claim, nature }) => nature === 'id' && subject.some((segment) => segment.claims.includes(claim)),
  );
  return ids.length > 0 && ids.every(({ claim }) => /^[^*?]+$/.test(claims.get(claim) ?? '*'));
}

/** The text that a segment has for certain; null: none. Of a workload it may end in a wildcard. */
function knownText(
  segment: Segment,
  claims: ReadonlyMap<Claim, string>,
  { workloads }: IssuerGrammar,
): string | null {
  if ('literal' in segment) return segment.literal;
  const [own] = segment.claims;
  const written = own === undefined ? undefined : claims.get(own);
  const isWorkload = segment.claims.some((claim) => workloads.includes(claim));
  const isKnown =
    written !== undefined && (/^[^*?]+$/.test(written) || (isWorkload && /^[^*?]+\*$/.test(written)));
  return isKnown ? written : segment.claims.length > 0 ? fixedText(segment) : null;
}

/** What a value means in a form: what is known is written out, and what is not is left open. */
function meantSubject(
  form: TokenForm,
  claims: ReadonlyMap<Claim, string>,
  { grammar, namesWorkloads }: Meaning,
): MeantSubject {
  const { forms, scopes, workloads } = grammar;
  const isWorkload = (segment: Segment): boolean => segment.claims.some((claim) => workloads.includes(claim));
  const known = (segment: Segment): string | null => knownText(segment, claims, grammar);
  const isField = (segment: Segment): boolean => !('literal' in segment);
  const { subject } = form;
  const last = subject.findLastIndex((segment) => isField(segment) && known(segment) !== null);
  const head = subject.slice(0, last + 1);
  const rest = subject.slice(last + 1);
  // Workloads of other kinds, such as pull requests, differ in what stands before the name of the workload.
  const end = namesWorkloads ? rest.findIndex((one) => isField(one) && isWorkload(one)) : 1;
  const following = rest.slice(0, end === -1 ? rest.length : end).map(unknownText);
  const tail = rest.length === 0 ? '' : `${following.join('').replace(/\*$/, '')}*`;
  const texts = head.map((segment) => known(segment) ?? unknownText(segment));
  const restricts = head.some(
    (segment) => isField(segment) && isWorkload(segment) && known(segment) !== null,
  );
  const isOpenBefore = texts.slice(0, -1).some((text) => text.includes('*'));
  // A form with a workload is more particular than one without.
  const particular = subject.some(isWorkload)
    ? form
    : (forms.find((one) => one.origin === 'workload' && one.subject.some(isWorkload)) ?? form);
  return {
    pattern: texts.join('') + tail,
    restricts,
    limits: subject.some(
      (segment) =>
        isField(segment) &&
        fixedText(segment) === null &&
        known(segment) !== null &&
        !segment.claims.some((claim) => scopes.some((scope) => scope.claim === claim)),
    ),
    holds: !(restricts && isOpenBefore && !idsAreBehind(head)),
    hasIds: namesIds(form, claims, grammar),
    claims: new Map([...claims].filter(([, text]) => /^[^*?]+$/.test(text))),
    example: exampleOf(particular, grammar, known),
    hasWords: particular.subject.some((segment) => isVital(segment, grammar) && known(segment) === null),
    sample: textOf(particular.subject, (segment) => known(segment) ?? sampleText(segment)),
  };
}

/** Ids beside names may be left open: conditions of their own fix them. */
const idsAreBehind = (head: readonly Segment[]): boolean =>
  head.some((segment) => 'literal' in segment && segment.literal === '@');

export const fixedText = (segment: Segment): string | null =>
  'field' in segment &&
  segment.field.positions.every(({ characters, repeat }) => typeof characters === 'string' && !repeat)
    ? segment.field.positions
        .map(({ characters }) => (typeof characters === 'string' ? characters : ''))
        .join('')
    : null;

/** As many characters as the field has, or any number. */
function unknownText(segment: Segment): string {
  if ('literal' in segment) return segment.literal;
  const { positions } = segment.field;
  return positions.some(({ repeat }) => repeat)
    ? '*'
    : positions.map(({ characters }) => (typeof characters === 'string' ? characters : '?')).join('');
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

/** Whether a statement names accounts or services beside providers. */
const namesOthers = (statement: Json): boolean =>
  isJsonObject(statement) &&
  entriesOf(fieldOf(statement, 'Principal')).some(([name, value]) => name !== 'Federated' && value !== '*');

/** Replaces the corrected statements. All others stay as they are, in their positions. */
function withStatements(
  policy: JsonObject,
  corrections: ReadonlyMap<number, readonly Correction[]>,
  source: TokenSource,
  show: (placeholder: Placeholder) => string,
): JsonObject {
  let index = -1;
  const corrected = (statement: Json): Json => {
    index += 1;
    const conditions = corrections.get(index);
    return conditions === undefined ? statement : statementOf(statement, conditions, source, show);
  };
  return {
    entries: policy.entries.map(([name, value]) => {
      if (name !== 'Statement') return [name, value] as const;
      const all = listOf(value);
      const others = all.filter((_, at) => corrections.has(at)).flatMap((one) => otherProviders(one, source));
      const statements = [...all.map(corrected), ...others];
      const [only] = statements;
      return [
        name,
        isList(value) || statements.length > 1 || only === undefined ? statements : only,
      ] as const;
    }),
  };
}

/**
 * What a statement says about its other principals, as a statement of their own: without the conditions with keys of this
 * provider, which no token of another has. Where nothing else names their tokens, that would open them: then nothing.
 */
function otherProviders(statement: Json, source: TokenSource): readonly Json[] {
  if (!isJsonObject(statement)) return [];
  const principal = statement.entries.find(([name]) => name === 'Principal')?.[1];
  const others = listOf(fieldOf(principal, 'Federated')).filter((one) => one !== source.providerArn);
  const [only] = others;
  const operators = entriesOf(fieldOf(statement, 'Condition'));
  const isOwn = (key: string): boolean => isOwnKey(source, key.toLowerCase());
  const keys = operators.flatMap(([, tests]) => entriesOf(tests).map(([key]) => key));
  const namesOthers = keys.some((key) => !isOwn(key) && key.toLowerCase().endsWith(`:${SUB}`));
  if (others.length === 0 || (keys.some(isOwn) && !namesOthers)) return [];
  const rest = operators.flatMap(([operator, tests]): readonly (readonly [string, Json])[] => {
    const entries = entriesOf(tests).filter(([key]) => !isOwn(key));
    return entries.length === 0 ? [] : [[operator, { entries }]];
  });
  return [
    {
      entries: statement.entries.flatMap(([name, value]): readonly (readonly [string, Json])[] => {
        if (name === 'Sid') return [];
        if (name === 'Principal') {
          const federated = others.length === 1 && only !== undefined ? only : others;
          return [[name, { entries: [['Federated', federated]] }]];
        }
        if (name === 'Condition') return rest.length === 0 ? [] : [[name, { entries: rest }]];
        return [[name, value]];
      }),
    },
  ];
}

const entriesOf = (value: Json | undefined): JsonObject['entries'] =>
  value !== undefined && isJsonObject(value) ? value.entries : [];
const fieldOf = (value: Json | undefined, field: string): Json | undefined =>
  entriesOf(value).find(([name]) => name === field)?.[1];
const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : isList(value) ? value : [value];

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const LOGIN = 'sts:AssumeRoleWithWebIdentity';
/** Actions that go with a login, as IAM compares them. */
const BESIDE = ['sts:TagSession', 'sts:SetSourceIdentity'];

function statementOf(
  original: Json,
  conditions: readonly Correction[],
  { providerArn }: TokenSource,
  show: (placeholder: Placeholder) => string,
): Json {
  const fields = isJsonObject(original) ? new Map(original.entries) : new Map<string, Json>();
  const actions = [fields.get('Action') ?? []].flat();
  const beside = BESIDE.filter((action) =>
    actions.some((one) => typeof one === 'string' && one.toLowerCase() === action.toLowerCase()),
  );
  const sid = fields.get('Sid');
  const keys = entriesOf(fields.get('Condition')).flatMap(([, tests]) =>
    entriesOf(tests).map(([key]) => key),
  );
  const spelling = new Map(keys.map((key) => [key.toLowerCase(), key] as const));
  const byOperator = new Map<string, (readonly [string, Json])[]>();
  for (const { operator, key, values } of conditions) {
    const texts = values.map((value) => (typeof value === 'string' ? value : show(value)));
    const [only] = texts;
    const entry = [
      spelling.get(key) ?? key,
      texts.length === 1 && only !== undefined ? only : texts,
    ] as const;
    byOperator.set(operator, [...(byOperator.get(operator) ?? []), entry]);
  }
  return {
    entries: [
      ...(sid === undefined ? [] : ([['Sid', sid]] as const)),
      ['Effect', 'Allow'],
      ['Principal', { entries: [['Federated', providerArn ?? '']] }],
      ['Action', beside.length === 0 ? LOGIN : [LOGIN, ...beside]],
      ['Condition', { entries: [...byOperator].map(([operator, entries]) => [operator, { entries }]) }],
    ],
  };
}

/** JSON with an indent of two; characters beyond ASCII are escaped, so that a terminal shows them. */
function render(value: Json, indent = ''): string {
  const inner = `${indent}  `;
  if (isJsonObject(value)) {
    const lines = value.entries.map(([name, one]) => `${inner}${text(name)}: ${render(one, inner)}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (isList(value)) {
    const lines = value.map((one) => `${inner}${render(one, inner)}`);
    return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${indent}]`;
  }
  return typeof value === 'string' ? text(value) : String(value);
}

const text = (value: string): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A text of a segment, other than that of the plainest example. */
const sampleText = (segment: Segment): string =>
  'literal' in segment ? segment.literal : simplestText(segment.field, 1);

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
