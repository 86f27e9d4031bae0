/** Which subjects the author of a statement meant, also if its conditions are wrong. */
import { hasWildcard, readOperator, testPasses } from '../iam-policy/condition';
import type { Test } from '../iam-policy/condition';
import type { ApplicableStatement } from '../iam-policy/evaluate';
import type { Claim, Field, IssuerGrammar, Segment, TokenForm } from '../iam-policy/grammar';
import { canSatisfy } from '../iam-policy/reachability';
import { ANY_TEXT, SUB, isOwnKey, nameOfKey } from '../iam-policy/tokens';
import type { TokenSource } from '../iam-policy/tokens';
import {
  claimsBehindWildcard,
  claimsWritten,
  fieldOfClaim,
  isAnything,
  isOfField,
} from '../iam-policy/written';
import { WRITTEN_UUID } from '../oidc/profiles/parts';
import { exampleOf, fixedText, isVital, sampleText, textOf, unknownText } from './subject-text';

/** A subject that a statement means. */
export interface MeantSubject {
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

/** A value that names no unit, and examples of what the reader may write in its place. */
export interface OpenValue {
  readonly value: string;
  readonly examples: readonly MeantSubject[];
}

/** The subjects of a statement. */
export interface MeantSubjects {
  /** Of values that name a unit. */
  readonly named: readonly MeantSubject[];
  /** The same for each value that names one. */
  readonly byValue: readonly (readonly MeantSubject[])[];
  /** What the reader may have meant by the other values, or all forms: only examples. */
  readonly others: readonly MeantSubject[];
  /** If some values name a unit: the others that tokens can have. */
  readonly open: readonly OpenValue[];
}

/**
 * Which workloads a corrected policy names. `written`: those that it writes already, also a part such as a repository. `each`:
 * every workload that may log in, such as a branch of a repository.
 */
export type NamedWorkloads = 'written' | 'each';

/** The subjects that the statement means: the possible ones of each value. */
export function subjectsFor(
  applied: ApplicableStatement,
  source: TokenSource,
  namesWorkloads: NamedWorkloads | null,
): MeantSubjects {
  const { grammar } = source;
  const forms = grammar.forms.filter(({ origin }) => namesWorkloads === null || origin === 'workload');
  const values = [
    ...applied.tests.filter(({ claim, negated }) => claim === SUB && !negated).flatMap((test) => test.values),
    ...subjectsUnderWrongKeys(applied, source),
  ].map((value) =>
    lowerIds(value.trim()).replaceAll(/https?:\/\//g, (scheme) => (value.startsWith(scheme) ? scheme : '')),
  );
  // The reader completes the subject, and one example is enough.
  const absent = new Map(
    [...claimsUnderAbsentKeys(applied, source)].flatMap(([claim, [first = '', ...others]]) =>
      others.length === 0 || grammar.workloads.includes(claim) ? [[claim, first] as const] : [],
    ),
  );
  const ids = new Map([...absent, ...namedIds(applied, grammar)]);
  const meant = values.map((text) => {
    const fittingIn = (subjects: (form: TokenForm) => TokenForm): readonly Fitting[] =>
      forms.flatMap((form) => {
        const claims = claimsMeant(text, subjects(form));
        return claims !== null && namesUnit(claims, form, source)
          ? [{ form, claims: new Map([...absent, ...withoutWildcardsFor(absent, claims)]) }]
          : [];
      });
    const exact = fittingIn((form) => form);
    // A branch that is none, such as one without refs/heads/, is meant as a branch.
    const fitting = exact.some(({ claims }) => grammar.workloads.some((claim) => claims.has(claim)))
      ? exact
      : [...exact, ...fittingIn((form) => withAnyWorkload(form, grammar.workloads))];
    if (fitting.length === 0) return isMeantAsWritten(text, source, forms) ? [asWritten(text, source)] : [];
    const particular = mostParticular(
      fitting.flatMap(({ form, claims }) =>
        formsLike(form, claims, grammar).flatMap((one) => {
          const subject = meantSubject(one, claims, { grammar, namesWorkloads });
          const canBe = hasPossibleTexts(one, claims) && isPossible(subject.pattern, 'like', source, [one]);
          return canBe ? [subject] : withoutImpossible(one, claims, { source, namesWorkloads });
        }),
      ),
    );
    if (namesWorkloads === null) return particular;
    const most = Math.max(...particular.map(({ claims }) => claims.size));
    return particular.filter(({ restricts, claims }) => restricts || claims.size === most);
  });
  const named = meant.flat();
  const isOpen = (value: string, index: number): boolean =>
    meant[index]?.length === 0 && isPossible(value, 'like', source);
  return {
    named,
    byValue: meant.filter((ofOne) => ofOne.length > 0),
    others: named.length > 0 ? [] : examplesFor(values, ids, { source, namesWorkloads }),
    open:
      named.length === 0
        ? []
        : values.filter(isOpen).map((value) => ({
            value,
            examples: examplesFor([value], ids, { source, namesWorkloads }),
          })),
  };
}

/** Without the texts that only a wildcard makes up, of claims that are known from elsewhere. */
const withoutWildcardsFor = (
  known: ReadonlyMap<Claim, string>,
  claims: ReadonlyMap<Claim, string>,
): ReadonlyMap<Claim, string> =>
  new Map([...claims].filter(([claim, text]) => !known.has(claim) || !isAnything(text)));

/**
 * A subject that names a workload, such as a branch, which no token has: what is meant is not known, but it is not every
 * workload. Empty: it names none.
 */
function withoutImpossible(
  form: TokenForm,
  claims: ReadonlyMap<Claim, string>,
  {
    source,
    namesWorkloads,
  }: { readonly source: TokenSource; readonly namesWorkloads: NamedWorkloads | null },
): readonly MeantSubject[] {
  const { grammar } = source;
  const isWorkload = (claim: Claim): boolean =>
    grammar.workloads.includes(claim) && form.subject.some((segment) => segment.claims.includes(claim));
  const texts = [...claims].filter(([claim]) => isWorkload(claim));
  if (texts.length === 0) return [];
  const possible = new Map([
    ...[...claims].filter(([claim]) => !isWorkload(claim)),
    ...texts.flatMap(([claim, text]) => {
      const usual = possibleText(form, claim, text, source);
      return usual === null ? [] : [[claim, usual] as const];
    }),
  ]);
  const subject = meantSubject(form, possible, { grammar, namesWorkloads });
  return isPossible(subject.pattern, 'like', source, [form])
    ? [{ ...subject, restricts: true, limits: true, holds: false }]
    : [];
}

/** A text of a workload that tokens can have: as it is, or behind the usual beginning (`refs/heads/`). Null: neither. */
function possibleText(form: TokenForm, claim: Claim, text: string, source: TokenSource): string | null {
  const field = fieldOfClaim(form, claim);
  const candidates = [text, `${field?.usualBeginning ?? ''}${text}`];
  const isClaim = (one: string): boolean => {
    // A wildcard at the end stands for any text.
    const whole = one.replace(/\*$/, 'a');
    return (
      field !== null &&
      isOfField(field, whole) &&
      source.grammar.certain.every((test) => test.claim !== claim || testPasses(test, whole))
    );
  };
  return candidates.find(isClaim) ?? null;
}

/** A form that a value is written like, and what it says in it. */
interface Fitting {
  readonly form: TokenForm;
  readonly claims: ReadonlyMap<Claim, string>;
}

/** Whether each text that the claims have without wildcards is one that its field can have. */
const hasPossibleTexts = ({ subject }: TokenForm, claims: ReadonlyMap<Claim, string>): boolean =>
  subject.every((segment) => {
    const [own] = segment.claims;
    const text = own === undefined ? undefined : claims.get(own);
    return 'literal' in segment || text === undefined || hasWildcard(text) || isOfField(segment.field, text);
  });

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

const asWritten = (text: string, source: TokenSource): MeantSubject => ({
  pattern: text,
  restricts: true,
  limits: true,
  holds: true,
  hasIds: false,
  claims: claimsOfBeginning(text, source),
  example: text,
  hasWords: false,
  sample: text,
});

/** What the beginning of a subject of an unknown form says about the tenant and the unit, as far as the known forms have it. */
function claimsOfBeginning(text: string, source: TokenSource): ReadonlyMap<Claim, string> {
  for (let at = text.lastIndexOf(':'); at > 0; at = text.lastIndexOf(':', at - 1)) {
    for (const form of source.grammar.forms) {
      const claims = claimsMeant(`${text.slice(0, at)}:*`, form);
      if (claims !== null && namesUnit(claims, form, source))
        return new Map([...claims].filter(([, one]) => !hasWildcard(one)));
    }
  }
  return new Map();
}

/** What a statement says about parts of the subject with condition keys that AWS STS does not have: all possible values. */
export function claimsUnderAbsentKeys(
  { statement }: ApplicableStatement,
  source: TokenSource,
): ReadonlyMap<Claim, readonly string[]> {
  const { absentKeys = new Map<string, Claim>(), forms } = source.grammar;
  return new Map(
    statement.conditions.flatMap(({ operator, key, values }) => {
      const claim = isOwnKey(source, key) ? absentKeys.get(nameOfKey(source, key)) : undefined;
      if (claim === undefined || readOperator(operator)?.negated !== false) return [];
      const texts = values.flatMap((value) =>
        forms.flatMap((form) => possibleText(form, claim, lowerIds(value.trim()), source) ?? []).slice(0, 1),
      );
      return texts.length === 0 ? [] : [[claim, texts] as const];
    }),
  );
}

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
  readonly namesWorkloads: NamedWorkloads | null;
}

/** Of each format. */
const MAX_EXAMPLES = 3;

/** Examples of what a statement may mean: of each value and format the form that has most in common with its values. */
function examplesFor(
  values: readonly string[],
  ids: ReadonlyMap<Claim, string>,
  {
    source,
    namesWorkloads,
  }: { readonly source: TokenSource; readonly namesWorkloads: NamedWorkloads | null },
): readonly MeantSubject[] {
  const { grammar } = source;
  const forms = grammar.forms.filter(({ origin }) => origin === 'workload');
  const ofValues = values.flatMap((value) =>
    forms.flatMap((form) => {
      const claims = claimsMeant(value, form);
      return claims === null ? [] : [{ value, form, claims }];
    }),
  );
  const ofEnds = values.flatMap((value) =>
    forms.flatMap((form) => {
      const claims = claimsBehindWildcard(value, form, grammar.workloads);
      return claims.size === 0 ? [] : [{ value, form, claims }];
    }),
  );
  const ofBeginnings = values.flatMap((value) => {
    const claims = claimsOfBeginning(value, source);
    return claims.size === 0 ? [] : forms.map((form) => ({ value, form, claims }));
  });
  const candidates = [
    ...ofValues,
    ...ofEnds,
    ...ofBeginnings,
    ...forms.map((form) => ({ value: '', form, claims: new Map<Claim, string>() })),
  ]
    .map(({ value, form, claims }) => {
      const all = new Map([...claims, ...ids]);
      const known = form.subject.filter((segment) => knownText(segment, all, grammar) !== null);
      return {
        value,
        form,
        count: known.length,
        subject: meantSubject(form, all, { grammar, namesWorkloads }),
      };
    })
    .filter(({ form, subject }) => isPossible(subject.pattern, 'like', source, [form]));
  const best = (['older', 'newer', null] as const).flatMap((format) => {
    const own = candidates.filter(({ form }) => form.format === format);
    const most = Math.max(0, ...own.map(({ count }) => count));
    const ofValue = new Map(
      own
        .filter(({ count }) => count === most)
        .reverse()
        .map((one) => [one.value, one] as const),
    );
    return [...ofValue.values()].reverse().slice(0, MAX_EXAMPLES);
  });
  const subjects = best.map(({ subject }) => subject);
  if (namesWorkloads !== null || subjects.some(({ limits }) => limits)) return mostParticular(subjects);
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

/** A value of a condition with its ids in lower case, as tokens have them. */
export const lowerIds = (value: string): string => value.replaceAll(WRITTEN_UUID, (id) => id.toLowerCase());

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

/** The form if the workload at its end may have any text, also one that is no branch. */
const withAnyWorkload = (form: TokenForm, workloads: readonly Claim[]): TokenForm => {
  const last = form.subject.at(-1);
  return last?.claims.some((claim) => workloads.includes(claim)) === true
    ? { ...form, subject: [...form.subject.slice(0, -1), { field: ANY_TEXT, claims: last.claims }] }
    : form;
};

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
      environment: [],
      hasUnknownPrincipal: false,
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
  if (namesIds(form, claims, grammar)) {
    return grammar.forms.filter((one) => one === form || continues(one, form));
  }
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
  const known = (segment: Segment): string | null => {
    const text = knownText(segment, claims, grammar);
    return namesWorkloads === 'each' && text !== null && isUnnamed(segment, text) ? null : text;
  };
  const isField = (segment: Segment): boolean => !('literal' in segment);
  const { subject } = form;
  const last = subject.findLastIndex((segment) => isField(segment) && known(segment) !== null);
  const head = subject.slice(0, last + 1);
  const rest = subject.slice(last + 1);
  // Workloads of other kinds, such as pull requests, differ in what stands before the name of the workload.
  const end = namesWorkloads !== null ? rest.findIndex((one) => isField(one) && isWorkload(one)) : 1;
  const following = rest.slice(0, end === -1 ? rest.length : end).map(unknownText);
  const tail = rest.length === 0 ? '' : `${following.join('').replace(/\*$/, '')}*`;
  const texts = head.map((segment) => known(segment) ?? unknownText(segment));
  const named = subject.filter((one) => isField(one) && isWorkload(one)).map((one) => known(one) !== null);
  const restricts =
    namesWorkloads === 'each' ? named.length > 0 && !named.includes(false) : named.includes(true);
  // A form with a workload is more particular than one without.
  const particular = subject.some(isWorkload)
    ? form
    : (forms.find((one) => one.origin === 'workload' && one.subject.some(isWorkload)) ?? form);
  // A wildcard that stands before a limit is what makes a pattern wrong: an example has none.
  const shown = (segment: Segment): string | null => {
    const text = known(segment);
    return text?.endsWith('*') === true && segment !== particular.subject.at(-1) ? null : text;
  };
  const isOpenBefore = texts.slice(0, -1).some((text) => text.includes('*'));
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
    example: exampleOf(particular, grammar, shown),
    hasWords: particular.subject.some((segment) => isVital(segment, grammar) && shown(segment) === null),
    sample: textOf(particular.subject, (segment) => shown(segment) ?? sampleText(segment)),
  };
}

/** Whether a text of a workload is also that of one that nobody names: it says nothing about which one it is. */
const isUnnamed = (segment: Segment, text: string): boolean =>
  'field' in segment &&
  segment.field.unnamed !== null &&
  testPasses({ claim: SUB, comparison: 'like', values: [text], negated: false }, segment.field.unnamed);

/** Ids beside names may be left open: conditions of their own fix them. */
const idsAreBehind = (head: readonly Segment[]): boolean =>
  head.some((segment) => 'literal' in segment && segment.literal === '@');
