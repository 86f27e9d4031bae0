/** What the author of a policy meant: the tenants, units and workloads that the values of its conditions name. */
import { foldCase } from '../text/ascii';
import { hasWildcard } from './condition';
import type { Test } from './condition';
import type { Claim, Field, IssuerGrammar, ScopeClaim, Segment, TokenForm } from './grammar';
import { SUB } from './tokens';
import type { ShapeOptions } from './tokens';

/**
 * The texts that a value of a condition on the subject has in the place of each claim, wildcards included. A wildcard may
 * replace several parts of the form: then it has fewer of them. Null: the value is not written like the form.
 */
export function claimsWritten(
  value: string,
  { subject }: Pick<TokenForm, 'subject'>,
): ReadonlyMap<Claim, string> | null {
  const written = new Map<Claim, string>();
  const replaced = new Set<Claim>();
  let at = 0;
  let next = 0;
  for (const [index, segment] of subject.entries()) {
    if (index < next) {
      for (const claim of segment.claims) replaced.add(claim);
      continue;
    }
    const end = endOf(value, at, subject, index);
    if (end === null) return null;
    for (const claim of segment.claims) {
      written.set(claim, (written.get(claim) ?? '') + value.slice(at, end.of));
    }
    at = end.of;
    next = end.next;
  }
  return new Map([...written].filter(([claim]) => !replaced.has(claim)));
}

/**
 * Where the text of a segment ends, and the segment that follows it there: a wildcard may replace those between. Null: the
 * value does not have the segment.
 */
function endOf(
  value: string,
  at: number,
  subject: readonly Segment[],
  index: number,
): { readonly of: number; readonly next: number } | null {
  const segment = subject[index];
  if (segment === undefined) return null;
  // A wildcard at the end replaces all that follows.
  if (value.slice(at) === '*') return { of: value.length, next: subject.length };
  if ('literal' in segment) {
    return value.startsWith(segment.literal, at)
      ? { of: at + segment.literal.length, next: index + 1 }
      : null;
  }
  for (let next = index + 1; next < subject.length; next += 1) {
    const following = subject[next];
    if (following === undefined || !('literal' in following)) continue;
    const found = value.indexOf(following.literal, at);
    // Only a wildcard can stand for the segments that are left out.
    if (found !== -1 && (next === index + 1 || value.slice(at, found).includes('*')))
      return { of: found, next };
    if (!value.includes('*', at)) return null;
  }
  const end = endBeforeRest(value.slice(at), segment.field, subject[index + 1]);
  if (end !== null) return { of: at + end, next: subject.length };
  const isLast = index === subject.length - 1;
  if (
    isLast ? !mayMatch(segment.field, value.slice(at)) : at >= value.length && !isOfField(segment.field, '')
  )
    return null;
  // The end of the value replaces what follows, if it has a wildcard.
  return isLast || value.includes('*', at) ? { of: value.length, next: subject.length } : null;
}

/**
 * Of a text such as `main:*`, where the wildcard stands for the rest of the subject, the length of the field: what follows it is
 * the beginning of the next fixed part. Null: that is not certain.
 */
function endBeforeRest(text: string, field: Field, next: Segment | undefined): number | null {
  if (next === undefined || !('literal' in next) || !text.endsWith('*')) return null;
  const { literal } = next;
  for (let length = Math.min(literal.length, text.length - 1); length > 0; length -= 1) {
    const end = text.length - 1 - length;
    const head = text.slice(0, end);
    if (text.slice(end, -1) !== literal.slice(0, length) || hasWildcard(head)) continue;
    const isSeparated =
      !mayHave(field, literal.slice(0, 1), field.positions.length) ||
      (field.excludesNext === true && length > 1) ||
      field.ordinary?.test(head) === true;
    if (isSeparated && isOfField(field, head)) return end;
  }
  return null;
}

/** Whether a field can have a text that a pattern matches, the case of its letters aside. True if that is not certain. */
function mayMatch(field: Field, pattern: string): boolean {
  const isPossible = (text: string): boolean => {
    const beginning = text.replace(/[*?].*$/s, '');
    if (beginning === text) return isOfField(field, text);
    const characters = Array.from(beginning);
    return (
      (characters.length <= field.positions.length || field.positions.some(({ repeat }) => repeat)) &&
      characters.every((character, index) => mayHave(field, character, index))
    );
  };
  return isPossible(pattern) || isPossible(foldCase(pattern));
}

/**
 * For each scope, the tenants or units that conditions write out in full: only those can have been meant. In lower case.
 * `values`: of all conditions.
 */
export function namesWritten(
  { scopes, forms }: Pick<IssuerGrammar, 'scopes' | 'forms'>,
  tests: readonly Test<Claim>[],
  values: readonly string[],
): readonly (readonly [ScopeClaim, readonly string[]])[] {
  const subjects = tests
    .filter((test) => test.claim === SUB)
    .flatMap((test) => test.values.flatMap((value) => forms.map((form) => claimsWritten(value, form))));
  return scopes.map((scope) => {
    const { claim, written } = scope;
    const own = tests.filter((test) => test.claim === claim).flatMap((test) => test.values);
    const ofSubjects = subjects.flatMap((claims) => claims?.get(claim) ?? []);
    const whole = [...own, ...ofSubjects].filter((text) => !hasWildcard(text));
    const within = values.flatMap((value) => value.match(written) ?? []);
    return [scope, [...new Set([...whole, ...within].map((text) => text.toLowerCase()))]] as const;
  });
}

/** What a statement writes for a claim that says which workload it is: a branch. */
export interface WorkloadPattern {
  readonly form: TokenForm;
  readonly claim: Claim;
  /** The patterns of all values for this claim. */
  readonly values: readonly string[];
  /** The test and the value that the restriction is a part of, and its patterns for all workload claims. */
  readonly test: Test<Claim>;
  readonly value: string;
  readonly written: readonly string[];
  /** The workload claims of the form for which no test has one. */
  readonly notNamed: readonly Claim[];
}

/**
 * Which workloads the author of a statement meant. A pattern that is nothing but a wildcard restricts nothing. All tests must
 * hold: each is asked for itself.
 */
export function workloadsWritten(
  tests: readonly Test<Claim>[],
  forms: readonly TokenForm[],
  workloads: readonly Claim[],
): readonly WorkloadPattern[] {
  const ofSubject = tests.filter(({ claim, negated }) => claim === SUB && !negated);
  return forms.flatMap((form) => {
    const writtenBy = ofSubject.map((test) => ({
      test,
      written: test.values.flatMap((value) => {
        const claims = claimsWritten(value, form);
        const behind = claimsBehindWildcard(value, form, workloads);
        return claims === null && behind.size === 0
          ? []
          : [{ value, claims: new Map([...behind, ...(claims ?? [])]) }];
      }),
    }));
    const isNamed = (claim: Claim): boolean =>
      writtenBy.some(
        ({ written }) =>
          written.length > 0 && written.every(({ claims }) => !isAnything(claims.get(claim) ?? '*')),
      );
    return writtenBy.flatMap(({ test, written }) =>
      workloads.flatMap((claim) => {
        const texts = [...new Set(written.map(({ claims }) => claims.get(claim) ?? '*'))];
        const field = fieldOfClaim(form, claim);
        // A repository, or all below a group: the wildcard may stand for the rest of the subject, too.
        const patterns = texts.flatMap((text) =>
          field?.ordinary === undefined
            ? [text]
            : text.endsWith('/*')
              ? [text, text.slice(0, -2)]
              : [text, `${text}/*`],
        );
        if (patterns.some(isAnything)) return [];
        return written
          .filter(({ value }) => !holdsFor(value, test.comparison === 'exact', form, claim))
          .map(({ value, claims }) => ({
            form,
            claim,
            values: patterns,
            test,
            value,
            written: workloads.flatMap((one) => claims.get(one) ?? []).filter((text) => !isAnything(text)),
            notNamed: workloads.filter((one) => fieldOfClaim(form, one) !== null && !isNamed(one)),
          }));
      }),
    );
  });
}

/** The first field of a form that is a part of a claim; null: there is none. */
export const fieldOfClaim = ({ subject }: Pick<TokenForm, 'subject'>, claim: Claim): Field | null =>
  subject.flatMap((one) => ('field' in one && one.claims.includes(claim) ? [one.field] : []))[0] ?? null;

/**
 * What a value writes about workloads behind a wildcard that replaces the beginning of the subject, or the name of one of its
 * parts: `*:ref:main`, `*refs/heads/main`.
 */
export function claimsBehindWildcard(
  value: string,
  { subject }: Pick<TokenForm, 'subject'>,
  workloads: readonly Claim[],
): ReadonlyMap<Claim, string> {
  const star = value.indexOf('*');
  if (star === -1) return new Map();
  for (const [index, segment] of subject.entries()) {
    const at = 'literal' in segment ? value.indexOf(segment.literal, star + 1) : -1;
    const claims = at === -1 ? null : claimsWritten(value.slice(at), { subject: subject.slice(index) });
    if (claims !== null && workloads.some((claim) => claims.has(claim))) return claims;
  }
  const last = subject.at(-1);
  const tail = value.slice(value.lastIndexOf('*') + 1);
  const [own] = last?.claims ?? [];
  if (last === undefined || 'literal' in last || own === undefined || !workloads.includes(own))
    return new Map();
  const beginning = fixedBeginning(last.field);
  return beginning !== '' && tail.startsWith(beginning) && mayMatch(last.field, tail)
    ? new Map([[own, tail]])
    : new Map();
}

/** The fixed characters at the beginning of a field. */
export const fixedBeginning = ({ positions }: Field): string => {
  const end = positions.findIndex(({ characters, repeat }) => typeof characters !== 'string' || repeat);
  return positions
    .slice(0, end === -1 ? undefined : end)
    .map(({ characters }) => (typeof characters === 'string' ? characters : ''))
    .join('');
};

/** Whether a pattern matches every text. */
export const isAnything = (pattern: string): boolean => /^\*+$/.test(pattern);

/**
 * Whether a value writes out one of the claims of every token of the form that it matches, or matches none. `isWhole`: it has
 * no wildcards. False if that is not certain.
 */
export function writesOut(
  value: string,
  isWhole: boolean,
  form: Pick<TokenForm, 'subject'>,
  claims: readonly Claim[],
): boolean {
  for (const { segment, text, differs, isLastOf } of segmentsWritten(value, isWhole, form)) {
    if (differs) return true;
    if (text === null) return false;
    const isWritten = isWhole || !text.includes('?');
    if (isWritten && segment.claims.some((claim) => claims.includes(claim) && isLastOf(claim))) return true;
    if (!isWritten && isVariable(segment)) return false;
  }
  return false;
}

/** Whether every token of the form that a value matches has, for a claim, a text that the value's own pattern for it matches. */
function holdsFor(value: string, isWhole: boolean, form: Pick<TokenForm, 'subject'>, claim: Claim): boolean {
  for (const { segment, text, differs, isLast } of segmentsWritten(value, isWhole, form)) {
    if (differs || (segment.claims.includes(claim) && (isLast || text !== null))) return true;
    if (text === null || (text.includes('?') && isVariable(segment))) return false;
  }
  return false;
}

/** Whether no token of a form matches a value, because its literal beginning differs. False if that is not certain. */
export function cannotMatch(value: string, isWhole: boolean, form: Pick<TokenForm, 'subject'>): boolean {
  let length = 0;
  for (const { segment, text, differs, isLast } of segmentsWritten(value, isWhole, form)) {
    if (differs) return true;
    if (text === null || (!isWhole && text.includes('?') && isVariable(segment))) return false;
    length += text.length;
    if (isLast) return isWhole && length !== value.length;
  }
  return false;
}

interface SegmentWritten {
  readonly segment: Segment;
  /** Null: the literal beginning of the value does not fix it. */
  readonly text: string | null;
  /** The value has another text there, so that it matches no token of the form. */
  readonly differs: boolean;
  readonly isLast: boolean;
  /** Whether a claim ends with this segment. */
  readonly isLastOf: (claim: Claim) => boolean;
}

/** The segments of a form as far as the literal beginning of a value fixes them, and the first that it does not. */
function* segmentsWritten(
  value: string,
  isWhole: boolean,
  { subject }: Pick<TokenForm, 'subject'>,
): Generator<SegmentWritten> {
  const literal = isWhole ? value : value.replace(/\*.*$/s, '');
  const isFixed = isWhole || !value.includes('*');
  let at = 0;
  for (const [index, segment] of subject.entries()) {
    const end = literalEnd(literal, at, isFixed, segment, subject[index + 1]);
    yield {
      segment,
      text: typeof end === 'number' ? literal.slice(at, end) : null,
      differs: end === 'differs',
      isLast: index === subject.length - 1,
      isLastOf: (claim) => !subject.slice(index + 1).some((later) => later.claims.includes(claim)),
    };
    if (typeof end !== 'number') return;
    at = end;
  }
}

const isVariable = (segment: Segment): boolean =>
  'field' in segment && segment.field.positions.some(({ repeat }) => repeat);

/** Where the text of a segment ends if the literal beginning of a value fixes that; null: it does not. */
function literalEnd(
  literal: string,
  at: number,
  isFixed: boolean,
  segment: Segment,
  next: Segment | undefined,
): number | 'differs' | null {
  if ('literal' in segment) {
    const written = literal.slice(at, at + segment.literal.length);
    if (written === segment.literal) return at + written.length;
    const isEqual = Array.from(written).every(
      (character, index) => character === '?' || character === segment.literal[index],
    );
    if (!isEqual) return 'differs';
    if (written.length === segment.literal.length) return at + written.length;
    return isFixed ? 'differs' : null;
  }
  const { field } = segment;
  const rest = literal.slice(at);
  const characters = Array.from(rest);
  const admits = (character: string, index: number): boolean =>
    character === '?' || mayHave(field, character, index);
  if (!isVariable(segment)) {
    const written = characters.slice(0, field.positions.length);
    if (!written.every(admits)) return 'differs';
    if (written.length === field.positions.length) return at + written.join('').length;
    return isFixed ? 'differs' : null;
  }
  if (field.excludesNext === true && next !== undefined && 'literal' in next) {
    const end = rest.indexOf(next.literal);
    if (rest.slice(0, end === -1 ? undefined : end).includes('?')) return null;
    if (end === -1) return isFixed ? 'differs' : null;
    return Array.from(rest.slice(0, end)).every(admits) ? at + end : 'differs';
  }
  const foreign = characters.findIndex((character, index) => !admits(character, index));
  if (next === undefined) {
    if (foreign !== -1) return 'differs';
    return isFixed ? literal.length : null;
  }
  // A question mark may stand for the end of the field, or be the separator.
  const mark = characters.indexOf('?');
  if (foreign === -1 || (mark !== -1 && mark < foreign) || !('literal' in next)) return null;
  const end = characters.slice(0, foreign).join('').length;
  return next.literal.startsWith(rest.slice(end, end + 1)) && end > 0 ? at + end : 'differs';
}

/** Which fields have values that no policy means: see `ShapeOptions`. */
type UnnamedFields = Pick<ShapeOptions, 'fields' | 'only'>;

/**
 * The subject that a value writes, with samples for what it leaves open, and the claims in it. Null: it is not written like a
 * subject of the form.
 */
export function subjectWritten(
  value: string,
  form: Pick<TokenForm, 'subject'>,
  { fields, only }: UnnamedFields = {},
): ReadonlyMap<Claim, string> | null {
  const written = claimsWritten(value, form);
  if (written === null) return null;
  return claimsOf(
    form,
    (segment) => (fields === 'unnamed' ? unnamedOf(segment, only) : null) ?? sampleOf(segment, written),
  );
}

const unnamedOf = (segment: Segment, only?: Claim): string | null =>
  'field' in segment && (only === undefined || segment.claims.includes(only)) ? segment.field.unnamed : null;

/** The claims of a subject, put together from the texts of its segments; null: one of them has none. */
function claimsOf(
  { subject }: Pick<TokenForm, 'subject'>,
  textOf: (segment: Segment, index: number) => string | null,
): ReadonlyMap<Claim, string> | null {
  const claims = new Map<Claim, string>();
  for (const [index, segment] of subject.entries()) {
    const text = textOf(segment, index);
    if (text === null) return null;
    for (const claim of [SUB, ...segment.claims]) claims.set(claim, (claims.get(claim) ?? '') + text);
  }
  return claims;
}

/**
 * Subjects of workloads that nobody names, whose last field ends like a value does after one of its wildcards, if it can: a
 * wildcard in front of a limit matches them.
 */
export function subjectsEndingLike(
  value: string,
  form: Pick<TokenForm, 'subject'>,
): readonly ReadonlyMap<Claim, string>[] {
  const written = claimsWritten(value, form) ?? new Map<Claim, string>();
  const last = form.subject.length - 1;
  const endings = [...value.matchAll(/\*/g)]
    .map(({ index }) => value.slice(index + 1).replaceAll(/[*?]/g, 'a'))
    .filter((ending) => ending !== '')
    .reverse();
  return endings.flatMap((ending) => {
    const claims = claimsOf(form, (segment, index) => {
      const text = `${unnamedOf(segment) ?? sampleOf(segment, written) ?? ''}${index === last ? ending : ''}`;
      return isOfSegment(segment, text) ? text : null;
    });
    return claims === null ? [] : [claims];
  });
}

const isOfSegment = (segment: Segment, text: string): boolean =>
  'literal' in segment ? segment.literal === text : isOfField(segment.field, text);

/** The simplest text of a field. `choice`: which of the usual characters of each position. */
export const simplestText = ({ positions }: Field, choice: 0 | 1 = 0): string =>
  positions
    .filter(({ repeat }) => !repeat)
    .map(({ characters }) => (typeof characters === 'string' ? characters : (characters.usual[choice] ?? '')))
    .join('');

/** The text of a segment: what is written if that is possible, else the simplest one. Null: what is written is impossible. */
function sampleOf(segment: Segment, claims: ReadonlyMap<Claim, string>): string | null {
  if ('literal' in segment) return segment.literal;
  const simplest = simplestText(segment.field);
  const [own] = segment.claims;
  const written = own === undefined ? undefined : claims.get(own);
  if (written === undefined || hasWildcard(written)) return simplest;
  return isOfField(segment.field, written) ? written : null;
}

/** Whether a field can have a text. */
export function isOfField(field: Field, text: string): boolean {
  const { positions } = field;
  const characters = Array.from(text);
  const least = positions.filter(({ repeat }) => !repeat).length;
  const fits = positions.length > least ? characters.length >= least : characters.length === positions.length;
  return fits && characters.every((character, index) => mayHave(field, character, index));
}

/** Whether a field may have a character at a position. Its last position continues. */
function mayHave({ positions }: Field, character: string, index: number): boolean {
  const characters = (positions[index] ?? positions.at(-1))?.characters;
  return typeof characters === 'object' ? characters.has(character) : characters === character;
}
