/** Building blocks of subjects: alphabets, fields and segments. */
import type { Test } from '../../iam-policy/condition';
import { closed, open } from '../../iam-policy/alphabet';
import type { Alphabet, Claim, Field, Position, Segment } from '../../iam-policy/grammar';

const HEX = closed('0123456789abcdef');
const DIGIT = closed('1234567890');
/** Lower-case letters first: examples consist of them. */
export const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Names that may also contain hyphen, underscore and dot. */
export const NAME = closed(`${LETTERS_AND_DIGITS}-_.`);
/** Parts of paths: names with slashes. */
export const PATH = closed(`${LETTERS_AND_DIGITS}-_./`);
/** DNS labels: Kubernetes and URL names. */
export const LABEL = closed('abcdefghijklmnopqrstuvwxyz0123456789-');
/**
 * https://git-scm.com/docs/git-check-ref-format: no blank, control character, `~ ^ : ? * [ \`. What it excludes beyond
 * single characters is in `noSuchRef`.
 */
export const REF = open(/[\s\p{Cc}~^:?*[\\]/u);
/** Printable, without the colon that separates the parts of a subject. */
export const NO_COLON = open(/[\p{Cc}*?:]/u);

/** What a claim that is a ref never is, beyond single characters: git-check-ref-format. */
export const noSuchRef = (claim: Claim): Test<Claim> =>
  never(claim, '*..*', '*//*', '*/.*', '*@{*', '*/', '*.', '*.lock', '*.lock/*');

/** What a claim never is, as patterns of IAM. */
export const never = (claim: Claim, ...values: readonly string[]): Test<Claim> => ({
  claim,
  comparison: 'like',
  values,
  negated: true,
});

const one = (characters: Position['characters']): Position => ({ characters, repeat: false });

/** At least one character of an alphabet. */
export const some = (alphabet: Alphabet, unnamed: string | null = null): Field => ({
  positions: [one(alphabet), { characters: alphabet, repeat: true }],
  unnamed,
});

/** Any number of characters of an alphabet, also none. */
export const perhaps = (alphabet: Alphabet): Field => ({
  positions: [{ characters: alphabet, repeat: true }],
  unnamed: null,
});

/** A UUID in lower case. */
export const uuidField: Field = {
  positions: [8, 4, 4, 4, 12].flatMap((amount, index) => [
    ...(index === 0 ? [] : [one('-')]),
    ...Array.from({ length: amount }, () => one(HEX)),
  ]),
  unnamed: null,
};

/** Digits, at least one. */
export const numberField: Field = some(DIGIT);

/** Hex digits: at least one. */
export const hexField: Field = some(HEX);

/** One of few texts is better written as several forms. A fixed text with the characters of a name. */
export const fixed = (text: string): Field => ({ positions: Array.from(text, one), unnamed: null });

/** A ref after a fixed beginning, such as `refs/heads/`. */
export const refField = (beginning = 'refs/', unnamed = 'refs/heads/unnamed'): Field => ({
  positions: [...Array.from(beginning, one), one(REF), { characters: REF, repeat: true }],
  unnamed,
  ...(beginning === 'refs/' ? { usualBeginning: 'refs/heads/' } : {}),
});

/** A fixed part of a text. */
export const text = (literal: string, ...claims: readonly Claim[]): Segment => ({ literal, claims });

/** A variable part. */
export const part = (field: Field, ...claims: readonly Claim[]): Segment => ({ field, claims });

/** Ids as they are written in conditions. */
export const WRITTEN_UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
export const WRITTEN_NUMBER = /\d+/g;
export const WRITTEN_NAME = /[\w.-]+/g;
export const WRITTEN_PATH = /[\w./-]+/g;
