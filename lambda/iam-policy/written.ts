/** What the author of a policy meant: the tenants, units and workloads that the values of its conditions name. */
import type { Test } from './condition';
import type { Claim, ScopeClaim, Segment, TokenForm } from './grammar';
import { SUB } from './tokens';

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
  const rest = subject.slice(index + 1);
  if (at >= value.length) return null;
  // The end of the value replaces what follows, if it has a wildcard.
  return rest.length === 0 || value.includes('*', at) ? { of: value.length, next: subject.length } : null;
}

/** All that a test compares with the value of one claim; also what its values on the subject say about it. */
function textsFor(claim: Claim, test: Test<Claim>, forms: readonly TokenForm[]): readonly string[] {
  if (test.claim === claim) return test.values;
  if (test.claim !== SUB) return [];
  return test.values.flatMap((value) =>
    forms.flatMap((form) => {
      const text = claimsWritten(value, form)?.get(claim);
      return text === undefined ? [] : [text];
    }),
  );
}

const hasWildcard = (text: string): boolean => /[*?]/.test(text);

/**
 * The tenants or units that conditions write out in full: only those can have been meant. In lower case. `values`: of
 * all conditions.
 */
export function namesWritten(
  { claim, written }: ScopeClaim,
  tests: readonly Test<Claim>[],
  values: readonly string[],
  forms: readonly TokenForm[],
): readonly string[] {
  const whole = tests.flatMap((test) => textsFor(claim, test, forms)).filter((text) => !hasWildcard(text));
  const within = values.flatMap((value) => value.match(written) ?? []);
  return [...new Set([...whole, ...within].map((text) => text.toLowerCase()))];
}

/** The patterns that a statement writes for a claim that says which workload it is: a branch. */
export interface WorkloadPattern {
  readonly form: TokenForm;
  readonly claim: Claim;
  readonly values: readonly string[];
}

/** Which workloads the author of a statement meant. A pattern that is nothing but a wildcard restricts nothing. */
export function workloadsWritten(
  tests: readonly Test<Claim>[],
  forms: readonly TokenForm[],
  workloads: readonly Claim[],
): readonly WorkloadPattern[] {
  const subjects = tests.filter(({ claim, negated }) => claim === SUB && !negated);
  const values = subjects.flatMap((test) => test.values);
  return forms.flatMap((form) => {
    const written = values.map((value) => claimsWritten(value, form)).filter((claims) => claims !== null);
    return workloads.flatMap((claim) => {
      const patterns = written.map((claims) => claims.get(claim) ?? '*');
      const isRestricted = patterns.length > 0 && !patterns.some((pattern) => /^\*+$/.test(pattern));
      return isRestricted ? [{ form, claim, values: [...new Set(patterns)] }] : [];
    });
  });
}
