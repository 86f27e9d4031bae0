/** Problems of a text that becomes a part of a trust policy. */
import { quote } from '../../lambda/text/quote';
import { notWritten } from './validate';

/** What a text must not be. */
export interface Refusal {
  readonly holds: (text: string) => boolean;
  readonly words: string;
}

/** The first problem of a text: none, or one line that begins with the key. */
export const refusalsFor = (key: string, text: string, refusals: readonly Refusal[]): readonly string[] => {
  const computed = notWritten(key, text);
  if (computed !== null) return [computed];
  const refusal = refusals.find(({ holds }) => holds(text));
  return refusal === undefined ? [] : [`${key}: ${quote(text)} ${refusal.words}`];
};

/** IAM would replace it by another text. */
export const VARIABLE: Refusal = {
  holds: (text) => text.includes('${'),
  words: 'contains ${, which starts a variable in IAM policies. Use another name.',
};

/** https://git-scm.com/docs/git-check-ref-format, but for the one wildcard at the end. */
const NEVER_IN_REFS = /[\s~^:[\\\p{C}]|\.\.|@\{|\/\/|\/\.|[/.]$|\.lock(?:\/|$)/u;

/** A full ref, with one `*` at its end or without. */
export const REF: readonly Refusal[] = [
  VARIABLE,
  {
    holds: (text) => !/^refs\/[^/*?]+\/./.test(text),
    words: 'is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.',
  },
  {
    holds: (text) => /[*?]/.test(text.replace(/\*$/, '')),
    words:
      'contains a wildcard other than one * at its end. Name each ref, or use a common prefix such as refs/tags/v*.',
  },
  {
    holds: (text) => NEVER_IN_REFS.test(text),
    words: 'is not a valid git ref, so no build can match it. Correct it.',
  },
];

/** A name that is compared letter by letter. */
export const NAME: readonly Refusal[] = [
  { holds: (text) => text === '', words: 'is empty, so all logins would fail. Write the name.' },
  VARIABLE,
  {
    holds: (text) => /[*?]/.test(text),
    words: 'contains a wildcard, which would also match other names. Write out each name.',
  },
];
