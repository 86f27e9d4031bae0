/**
 * What the schemas of configuration and event share: values that are validated once, and problems with their
 * path.
 */
import * as v from 'valibot';
import { circleCiIssuer, parseIssuer, parseOrgId } from '../oidc/issuer';
import { quote, show } from '../text/quote';
import { keyName, knownWords } from './unknown-keys';
import type { Parsed } from '../domain/result';

/**
 * An object with these keys; others are ignored here and reported by `unknownKeys`. For valibot a list is an
 * object, too.
 */
export const objectOf = <T extends v.ObjectEntries>(entries: T, kind: string) =>
  v.pipe(
    v.custom<v.InferInput<v.ObjectSchema<T, undefined>>>(
      (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
      needed(kind),
    ),
    v.object(entries, 'is missing.'),
  );

/** The validated value of a text, or what is wrong with it. */
type ValidatedText = Parsed<string>;

/** A text that a validation accepts, in the form that the validation returns. */
const textSchema = (validate: (text: string) => ValidatedText) =>
  v.pipe(
    v.string(needed('a string')),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      const validated = validate(dataset.value);
      if (validated.ok) return validated.value;
      addIssue({ message: validated.problem });
      return NEVER;
    }),
  );

/** `must be …; it is …`, for values of the wrong kind. */
export const needed =
  (kind: string) =>
  ({ input }: { readonly input: unknown }): string =>
    input === undefined ? `is missing; it must be ${kind}.` : `must be ${kind}; it is ${show(input)}.`;

/** One of several words. */
export const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(words, ({ input }) =>
    typeof input === 'string'
      ? `${quote(input)} is not known. ${knownWords(words)}`
      : needed(`one of ${words.join(', ')}`)({ input }),
  );

const validateIssuer = (written: string): ValidatedText => {
  const parsed = parseIssuer(written);
  return parsed.ok ? { ok: true, value: parsed.value } : parsed;
};

const validateOrg = (written: string): ValidatedText => {
  const parsed = parseOrgId(written);
  return parsed.ok ? { ok: true, value: parsed.value } : parsed;
};

/** An issuer has dots and slashes, an org id has neither. */
const validateIssuerOrOrg = (written: string): ValidatedText => {
  if (/[./]/.test(written)) return validateIssuer(written);
  const org = validateOrg(written);
  return org.ok ? { ok: true, value: circleCiIssuer(org.value) } : org;
};

/** An issuer URL, normalised. */
export const issuerText = textSchema(validateIssuer);
/** A CircleCI org id, in lower case. */
export const orgText = textSchema(validateOrg);
/** An issuer URL or a CircleCI org id; the result is an issuer URL. */
export const issuerOrOrg = textSchema(validateIssuerOrOrg);

/** A list whose repetitions are folded: lists from several sources may contain an entry twice. */
export const listSchema = (entry: typeof issuerText, example: string) =>
  v.pipe(
    v.array(entry, needed(`a list such as ["${example}"]`)),
    v.transform((entries): readonly string[] => [...new Set(entries)]),
  );

/** Shown to people who have to write one. Not a real org. */
export const EXAMPLE_ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** Shown to people who have to write one. */
export const EXAMPLE_ISSUER = 'https://ci.example.com';

/** Each issue as `key.path[0]: problem`; an issue of the whole value begins with `whole`. */
export const problemsOf = (issues: readonly v.BaseIssue<unknown>[], whole: string): readonly string[] =>
  issues.map(({ path, message }) => `${pathText(path ?? []) || whole}: ${message}`);

const pathText = (path: readonly { readonly key: unknown }[]): string =>
  path
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${keyName(String(key))}`))
    .join('')
    .replace(/^\./, '');
