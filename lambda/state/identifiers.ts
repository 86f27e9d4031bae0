/**
 * Identifiers that may be shown in a message. Others than the monitor may be able to write to the state
 * table, so stored values of any other form are counted and never shown.
 */
import * as v from 'valibot';
import type { Names } from '../domain/change';
import { count } from '../text/layout';
import { firstAndMore } from '../text/list';

/** SHA-1 of a certificate, in the form for comparisons. */
export const THUMBPRINT = /^[0-9a-f]{40}$/;
/** RFC 7638 thumbprint of a signing key. */
export const KEY_THUMBPRINT = /^[\w-]{1,64}$/;
/** `kid` of a signing key: the issuer chooses it. */
export const KID = /^[\w.~+/=:@-]{1,100}$/;
/** `kty` of a signing key. */
export const KEY_TYPE = /^[A-Za-z0-9-]{1,20}$/;
/** `host:port`. */
export const HOST_KEY = /^(?:[\w.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]):\d{1,5}$/;
/** An audience of a provider (`ClientIDList`). */
export const AUDIENCE = /^[\w.~+/=:@,%-]{1,255}$/;
/** An OIDC provider of IAM. */
export const PROVIDER_ARN = /^arn:aws[a-z-]{0,20}:iam::\d{12}:oidc-provider\/[\w.~+/=:@,%-]{1,255}$/;
/** A role of IAM. */
export const ROLE_ARN = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

/** Subjects of findings that may be shown. */
const SUBJECTS: readonly RegExp[] = [THUMBPRINT, ROLE_ARN, PROVIDER_ARN, HOST_KEY];

/** Whether a text is an identifier that may be shown. */
export const isIdentifier = (text: string): boolean => SUBJECTS.some((pattern) => pattern.test(text));

/** The subject of a finding if it may be shown, else null. */
export const identifierOrNull = (text: string | undefined): string | null =>
  text !== undefined && isIdentifier(text) ? text : null;

/** How many identifiers of one kind are stored and shown; the rest is counted. */
export const MAX_NAMES = 10;

export type { Names } from '../domain/change';

/** A count of runs or other things. */
export const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** In the form that Date writes, as every run did. An invalid date (31 February) would suppress reminders. */
export function isInstant(text: string): boolean {
  // Date.parse takes seconds for a text of some megabytes.
  const time = INSTANT.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/** A time in a state item. */
export const instant = v.pipe(v.string(), v.check(isInstant));

/** The schema of `Names` whose identifiers match a pattern. */
export const namesOf = (pattern: RegExp) =>
  v.object({
    names: v.pipe(v.array(v.pipe(v.string(), v.regex(pattern))), v.maxLength(MAX_NAMES), v.readonly()),
    more: natural,
  });

/** The first identifiers of a list of values, and how many more there are. */
export function nameAll(values: readonly string[], pattern: RegExp): Names {
  const names = values.filter((value) => pattern.test(value)).slice(0, MAX_NAMES);
  return { names, more: values.length - names.length };
}

/** `a, b and 3 more`. `noun` is shown for values of which none can be shown. */
export function showNames({ names, more }: Names, noun: string): string {
  if (names.length === 0) return count(more, noun);
  return firstAndMore(names, names.length, { more });
}
