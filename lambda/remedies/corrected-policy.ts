/**
 * The corrected trust policy of a role: the statements about one provider, limited to what their author meant. Every
 * result is evaluated before it is used: intended tokens pass, and the token of the finding does not.
 */
import { testPasses } from '../iam-policy/condition';
import type { Test } from '../iam-policy/condition';
import { applicableStatements, isAllowed } from '../iam-policy/evaluate';
import type { ApplicableStatement } from '../iam-policy/evaluate';
import type { Claim, Segment, TokenForm } from '../iam-policy/grammar';
import { decode, readPolicy } from '../iam-policy/parse';
import type { Condition } from '../iam-policy/parse';
import { isJsonObject, parsePolicyJson } from '../iam-policy/policy-json';
import type { Json, JsonObject } from '../iam-policy/policy-json';
import { canSatisfy } from '../iam-policy/reachability';
import { isLimitedToUnits } from '../iam-policy/role-trust';
import { AUD, SUB, isOwnKey, isProviderKey, nameOfKey } from '../iam-policy/tokens';
import type { Token, TokenSource } from '../iam-policy/tokens';
import { claimsWritten } from '../iam-policy/written';

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
  const corrections = new Map(
    applicable
      .filter(({ statement }) => wrong.has(statement.index))
      .map((statement) => [statement.statement.index, correctionsOf(statement, question)] as const),
  );
  const used = [...corrections.values()].flat().flatMap(({ values }) => values);
  const placeholders = [
    ...new Map(
      used.flatMap((value) => (typeof value === 'string' ? [] : [[value.name, value] as const])),
    ).values(),
  ];
  const write = (show: (placeholder: Placeholder) => string): string =>
    render(withStatements(policy, corrections, source, show));
  return isCorrect(
    write(({ sample }) => sample),
    question,
  )
    ? { document: write(({ name }) => marked(name)).replaceAll(MARKED, '$1'), placeholders }
    : null;
}

/** Survives the rendering as JSON, and is then replaced together with its quotes. */
const marked = (name: string): string => `@@${name}@@`;
const MARKED = /"@@([A-Z_]+)@@"/g;

function correctionsOf(applied: ApplicableStatement, question: CorrectionQuestion): readonly Correction[] {
  const { source, defaultAudience } = question;
  const audience = audiencesFor(applied.tests, source, defaultAudience);
  const scope = scopeFor(applied, question);
  const written = [...audience, ...scope];
  const isWritten = ({ key }: Condition): boolean =>
    written.some((one) => one.key === key) || isReplaced(key, source);
  const rest = applied.statement.conditions.filter(
    (condition) => !isWritten(condition) && !applied.never.includes(condition),
  );
  return [...written, ...rest.map(({ operator, key, values }) => ({ operator, key, values }))];
}

/** Conditions on the subject and audience are written anew; those with keys of other issuers never hold. */
function isReplaced(key: string, source: TokenSource): boolean {
  if (!isOwnKey(source, key)) return isProviderKey(key) || /^https?:/.test(key);
  return [SUB, AUD, 'oaud'].includes(nameOfKey(source, key));
}

/** Those that the statement names and the provider accepts; else the default one, else all of the provider. */
function audiencesFor(
  tests: readonly Test<Claim>[],
  { prefix, audiences }: TokenSource,
  defaultAudience: string | null,
): readonly Correction[] {
  const own = tests.filter(({ claim, negated }) => claim === AUD && !negated);
  const accepted = audiences === null || audiences === 'any' ? [] : audiences;
  const named = accepted.filter((one) => own.length > 0 && own.every((test) => testPasses(test, one)));
  const usual = defaultAudience !== null && accepted.includes(defaultAudience) ? [defaultAudience] : accepted;
  const values: readonly Value[] = named.length > 0 ? named : usual.length > 0 ? usual : [AUDIENCE];
  return [{ operator: 'StringEquals', key: `${prefix}:${AUD}`, values }];
}

const AUDIENCE: Placeholder = {
  name: 'AUDIENCE',
  meaning: 'the value of the claim "aud" in double quotes',
  sample: 'sample',
};

/** The conditions that name units: on ids where AWS supports them, and on the subject. */
function scopeFor(
  applied: ApplicableStatement,
  { source, namesWorkloads }: Pick<CorrectionQuestion, 'source' | 'namesWorkloads'>,
): readonly Correction[] {
  const { grammar, prefix } = source;
  if (grammar.forms.length === 0 && grammar.audience === 'tenant') return [];
  const subjects = subjectsFor(applied, source, namesWorkloads === true);
  const workloadKey = namesWorkloads === true ? keyOfWorkload(source) : null;
  const isRestricted = subjects.every(({ restricts }) => restricts) || workloadKey !== null;
  // A pattern whose wildcard stands before a limit does not hold.
  const values: readonly Value[] = subjects.every(
    ({ holds }) => holds && (namesWorkloads !== true || isRestricted),
  )
    ? withoutCovered([...new Set(subjects.map(({ pattern }) => pattern))])
    : [subjectLike(subjects)];
  const ids = idsFor(applied, source, subjects.length > 0);
  const isNamedById = ids.some(({ unit }) => unit) && grammar.kind !== 'shared' && namesWorkloads !== true;
  const shown =
    values.length > 0 || isNamedById
      ? values
      : [anySubject(source, namedIds(applied, source), namesWorkloads)];
  const operator = shown.some((value) => typeof value !== 'string' || /[*?]/.test(value))
    ? 'StringLike'
    : 'StringEquals';
  return [
    ...ids.map(({ correction }) => correction),
    ...(workloadKey === null
      ? []
      : [
          {
            operator: 'StringEquals',
            key: `${prefix}:${workloadKey}`,
            values: [placeholderOf(workloadKey, grammar)],
          },
        ]),
    ...(shown.length === 0 ? [] : [{ operator, key: `${prefix}:${SUB}`, values: shown }]),
  ];
}

/** A condition key for a workload, of tokens that all have it. */
const keyOfWorkload = ({ grammar }: TokenSource): string | null =>
  [...grammar.keys].find(
    ([, { claim, isUnannounced }]) =>
      grammar.workloads.includes(claim) &&
      isUnannounced !== true &&
      grammar.claims.get(claim)?.optional === false,
  )?.[0] ?? null;

/** A subject that the reader must complete, explained by the most particular example. */
const subjectLike = (subjects: readonly MeantSubject[]): Placeholder => {
  const examples = [...new Set(subjects.map(({ example }) => example))];
  return {
    name: 'SUBJECT',
    meaning: `${examples.map((example) => `"${example}"`).join(' or ')} (replace the words in capitals)`,
    sample: subjects.map(({ sample }) => sample)[0] ?? '',
  };
};

/** A subject of which nothing is known but ids. */
function anySubject(
  { grammar: { forms, workloads } }: TokenSource,
  ids: ReadonlyMap<Claim, string>,
  namesWorkloads: boolean | undefined,
): Placeholder {
  const ofWorkloads = forms.find(
    ({ origin, subject }) =>
      origin === 'workload' &&
      subject.some(({ claims }) => claims.some((claim) => workloads.includes(claim))),
  );
  const form = namesWorkloads === true ? (ofWorkloads ?? forms[0]) : forms[0];
  const meaning = 'the value of the claim "sub" in double quotes';
  if (form === undefined) return { name: 'SUBJECT', meaning, sample: 'sample' };
  const known = ({ claims }: Segment): string | null =>
    claims.map((claim) => ids.get(claim)).find((id) => id !== undefined) ?? null;
  return {
    name: 'SUBJECT',
    meaning: `${meaning}, such as "${exampleForAll(exampleOf(form, known), forms, known)}"`,
    sample: textOf(form, (segment) => known(segment) ?? sampleText(segment)),
  };
}

/** If subjects of a newer format continue where those of an older one end, a pattern that matches both. */
const exampleForAll = (
  example: string,
  forms: readonly TokenForm[],
  known: (segment: Segment) => string | null,
): string =>
  forms.some((form) => form.format === 'newer' && exampleOf(form, known).startsWith(`${example}/`))
    ? example.replace(/[?-]+$/, '*')
    : example;

/** A subject of a form. `show`: what its variable segments are, unless they are fixed. */
const textOf = ({ subject }: TokenForm, show: (segment: Segment) => string): string =>
  subject
    .map((segment) => ('literal' in segment ? segment.literal : (fixedText(segment) ?? show(segment))))
    .join('');

/** A subject of a form, with the names of its parts in capitals, except those that are known. */
export const exampleOf = (form: TokenForm, known: (segment: Segment) => string | null = () => null): string =>
  textOf(form, (segment) => {
    const name = (segment.claims[0] ?? 'id').toUpperCase().replaceAll(' ', '_');
    return known(segment) ?? (segment.claims.length === 0 ? unknownText(segment) : name);
  });

/** The ids that a statement names, without wildcards: of each claim the first, if there is only one. */
const namedIds = ({ tests }: ApplicableStatement, { grammar }: TokenSource): ReadonlyMap<Claim, string> =>
  new Map(
    grammar.scopes.flatMap(({ claim, nature }) => {
      const own = tests.filter((test) => test.claim === claim && !test.negated);
      const [only, ...others] = own.flatMap(({ values }) => values);
      const isOne = nature === 'id' && only !== undefined && others.length === 0;
      return isOne && !/[*?]/.test(only) ? [[claim, only] as const] : [];
    }),
  );

/** A condition on an id. `unit`: it names the unit. */
interface IdCondition {
  readonly unit: boolean;
  readonly correction: Correction;
}

/** Ids that the statement names stay; those that the issuer has, and AWS supports, are added. */
function idsFor(
  { tests }: ApplicableStatement,
  { grammar, prefix }: TokenSource,
  hasSubjects: boolean,
): readonly IdCondition[] {
  return grammar.scopes.flatMap((scope): readonly IdCondition[] => {
    const [key, provided] = [...grammar.keys].find(([, { claim }]) => claim === scope.claim) ?? [];
    if (scope.nature !== 'id' || key === undefined || provided === undefined) return [];
    const named = tests
      .filter((test) => test.claim === scope.claim && !test.negated)
      .flatMap(({ values }) => values.filter((value) => !/[*?]/.test(value)));
    const isUnit = scope.scope === 'unit';
    // A subject of ids needs no other id; one of names does.
    const isNeeded =
      provided.isUnannounced !== true &&
      !isOptionalClaim(grammar.claims.get(scope.claim)) &&
      (!hasSubjects || hasNames(grammar.scopes));
    if (named.length === 0 && !isNeeded) return [];
    const values: readonly Value[] = named.length > 0 ? named : [placeholderOf(key, grammar)];
    return [{ unit: isUnit, correction: { operator: 'StringEquals', key: `${prefix}:${key}`, values } }];
  });
}

const isOptionalClaim = (claim: { readonly optional: boolean } | undefined): boolean =>
  claim?.optional === true;

const hasNames = (scopes: TokenSource['grammar']['scopes']): boolean =>
  scopes.some(({ nature }) => nature === 'name');

function placeholderOf(key: string, { keys, claims }: TokenSource['grammar']): Placeholder {
  const name = key.replace(/^.*\//, '');
  const field = claims.get(keys.get(key)?.claim ?? '')?.field;
  return {
    name: name.replaceAll(/[^A-Za-z]+/g, '_').toUpperCase(),
    meaning: `the value of the claim "${key}" in double quotes`,
    sample: field === undefined ? 'sample' : sampleText({ field, claims: [] }),
  };
}

/** A subject that a statement means. */
interface MeantSubject {
  readonly pattern: string;
  /** It names a workload. */
  readonly restricts: boolean;
  /** No wildcard stands before a limit. */
  readonly holds: boolean;
  /** The pattern in its most particular form, with words in capitals for what is not known. */
  readonly example: string;
  /** The same with some values in their place. */
  readonly sample: string;
}

/** The subjects that the statement means: the possible ones of each value. */
function subjectsFor(
  applied: ApplicableStatement,
  source: TokenSource,
  namesWorkloads: boolean,
): readonly MeantSubject[] {
  const { grammar } = source;
  const wanted = grammar.forms.filter(({ origin }) => !namesWorkloads || origin === 'workload');
  const values = applied.tests
    .filter(({ claim, negated }) => claim === SUB && !negated)
    .flatMap((test) => test.values);
  return [...values, ...subjectsUnderWrongKeys(applied, source)].flatMap((value) => {
    const text = lowerIds(value).replaceAll(/https?:\/\//g, (scheme) =>
      value.startsWith(scheme) ? scheme : '',
    );
    const fitting = wanted.filter((form) => namesUnit(text, form, source));
    if (fitting.length === 0) {
      const isWhole = !/[*?]/.test(text) && isPossible(text, 'exact', source);
      const isOf = (isVendor: boolean): boolean =>
        isPossible(
          text,
          'like',
          source,
          grammar.forms.filter(({ origin }) => (origin === 'vendor') === isVendor),
        );
      const isVendors = isOf(true) && !isOf(false);
      return isWhole || (isVendors && /^[^*?]+[*]?$/.test(text))
        ? [{ pattern: text, restricts: true, holds: true, example: text, sample: text }]
        : [];
    }
    const meant = fitting.flatMap((form) => {
      const claims = claimsWritten(text, form);
      return claims === null
        ? []
        : formsOfName(form, source).flatMap((one) => {
            const subject = meantSubject(one, claims, source, namesWorkloads);
            return isPossible(subject.pattern, 'like', source, [one]) ? [subject] : [];
          });
    });
    const restricted = meant.filter(({ restricts }) => restricts);
    return restricted.length > 0 ? restricted : meant;
  });
}

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

/** Whether a value writes out the unit and, if the issuer has several tenants, the tenant. */
function namesUnit(value: string, form: TokenForm, { grammar }: TokenSource): boolean {
  const claims = claimsWritten(value, form);
  if (claims === null || form.origin === 'vendor') return false;
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

/** The form itself, and the form of the same name in the other of two formats. */
const formsOfName = (form: TokenForm, { grammar }: TokenSource): readonly TokenForm[] =>
  grammar.forms.filter(({ name }) => name === form.name);

/** What a value means in a form: what is known is written out, and what is not is left open. */
function meantSubject(
  form: TokenForm,
  claims: ReadonlyMap<Claim, string>,
  { grammar: { forms, workloads } }: TokenSource,
  namesWorkloads: boolean,
): MeantSubject {
  const isWorkload = (segment: Segment): boolean => segment.claims.some((claim) => workloads.includes(claim));
  const known = (segment: Segment): string | null => {
    if ('literal' in segment) return segment.literal;
    const [own] = segment.claims;
    const written = own === undefined ? undefined : claims.get(own);
    const isKnown =
      written !== undefined &&
      (/^[^*?]+$/.test(written) || (isWorkload(segment) && /^[^*?]+\*$/.test(written)));
    return isKnown ? written : segment.claims.length > 0 ? fixedText(segment) : null;
  };
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
  const particular = forms.find((one) => one.origin === 'workload' && one.subject.some(isWorkload)) ?? form;
  const shown = subject.some(isWorkload) ? form : particular;
  return {
    pattern: texts.join('') + tail,
    restricts,
    holds: !(restricts && isOpenBefore && !idsAreBehind(head)),
    example: exampleOf(shown, known),
    sample: textOf(shown, (segment) => known(segment) ?? sampleText(segment)),
  };
}

/** Ids beside names may be left open: conditions of their own fix them. */
const idsAreBehind = (head: readonly Segment[]): boolean =>
  head.some((segment) => 'literal' in segment && segment.literal === '@');

/** The text of a field that is always the same; null: it varies. */
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
          !/[*?]/.test(other.slice(0, -1)) &&
          pattern.startsWith(other.slice(0, -1)),
      ),
  );

/** Replaces the corrected statements. All others stay as they are. */
function withStatements(
  policy: JsonObject,
  corrections: ReadonlyMap<number, readonly Correction[]>,
  source: TokenSource,
  show: (placeholder: Placeholder) => string,
): JsonObject {
  let index = -1;
  const corrected = (statement: Json): readonly Json[] => {
    index += 1;
    const conditions = corrections.get(index);
    return conditions === undefined
      ? [statement]
      : [statementOf(statement, conditions, source, show), ...otherProviders(statement, source)];
  };
  return {
    entries: policy.entries.map(([name, value]) => {
      if (name !== 'Statement') return [name, value] as const;
      const statements = (isList(value) ? value : [value]).flatMap(corrected);
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
        if (name === 'Principal') return [[name, { entries: [['Federated', others]] }]];
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
  value !== undefined && isList(value) ? value : [];

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

/** The simplest text of a segment. */
const sampleText = (segment: Segment): string =>
  'literal' in segment
    ? segment.literal
    : segment.field.positions
        .filter(({ repeat }) => !repeat)
        .map(({ characters }) => (typeof characters === 'string' ? characters : (characters.usual[1] ?? '')))
        .join('');

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
  return own.every(
    (statement) =>
      statement.statement.effect === 'Deny' ||
      (canSatisfy(source, statement, source.grammar.forms) !== false &&
        isLimitedToUnits({ source, applicable: own }, statement)),
  );
}
