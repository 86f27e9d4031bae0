/** Subjects of tokens with given values, as the profile of an issuer says that they are written. */
import { quote } from '../../lambda/text/quote';
import type { Field, IssuerGrammar, Position, Segment, TokenForm } from '../../lambda/iam-policy/grammar';

/** Values by the name of the part of the subject: see `nameIn`. The end of a value may be a `*`. */
export type Values = ReadonlyMap<string, string>;

/** Which forms of token are wanted. */
export interface Wanted {
  readonly values: Values;
  /** A value that must be in the subject: a form without it says nothing about the workload. */
  readonly required: string;
  /** The name of the only form. */
  readonly form?: string | undefined;
}

/** A pattern for each form of token that can have these values. What has no value is a `*`. */
export const subjectsWith = (
  { forms }: IssuerGrammar,
  { values, required, form }: Wanted,
): readonly string[] =>
  forms
    .filter(({ name }) => form === undefined || name === form)
    .flatMap((one) => subjectOf(one, values, required) ?? []);

function subjectOf({ subject }: TokenForm, values: Values, required: string): string | null {
  const left = new Map(values);
  let written = '';
  let before = '';
  for (const segment of subject) {
    const name = nameIn(segment, before, left);
    const value = name === undefined ? undefined : left.get(name);
    const text = textOf(segment, value);
    if (text === null) return null;
    if (name !== undefined && value !== undefined) setRest(left, name, value.slice(text.length));
    written += text;
    before = literalOf(segment);
  }
  return left.has(required) ? null : written;
}

/** The fixed text, or as much of the value as fits; null: no token of this form has the value. */
function textOf(segment: Segment, value: string | undefined): string | null {
  if ('literal' in segment)
    return (value ?? segment.literal).startsWith(segment.literal) ? segment.literal : null;
  if (value === undefined) return '*';
  const isPattern = value.endsWith('*');
  return fits(segment.field.positions, isPattern ? value.slice(0, -1) : value, isPattern) ? value : null;
}

function setRest(left: Map<string, string>, name: string, rest: string): void {
  if (rest === '') left.delete(name);
  else left.set(name, rest);
}

const literalOf = (segment: Segment | undefined): string =>
  segment !== undefined && 'literal' in segment ? segment.literal : '';

/** The claim of a segment that has a value, or else the word in front of it: `:project:`. */
const nameIn = (segment: Segment, before: string, values: Values): string | undefined =>
  [...segment.claims, ...('literal' in segment ? [] : [wordBefore(before)])].find((name) => values.has(name));

const wordBefore = (literal: string): string => /([a-z_]+):$/.exec(literal)?.[1] ?? '';

/** Whether a value is possible in a field, or is the beginning of one. */
function fits(positions: readonly Position[], value: string, isBeginning: boolean): boolean {
  let at = 0;
  for (const character of value) {
    // Only the last position of a field repeats.
    const position = positions[at];
    if (position === undefined || !accepts(position, character)) return false;
    if (!position.repeat) at += 1;
  }
  return isBeginning || positions.slice(at).every(({ repeat }) => repeat);
}

const accepts = ({ characters }: Position, character: string): boolean =>
  typeof characters === 'string' ? characters === character : characters.has(character);

/** The fields of the subject or of the claims with this name. */
const fieldsNamed = ({ forms, claims }: IssuerGrammar, name: string): readonly Field[] => {
  const inSubjects = forms.flatMap(({ subject }) =>
    subject.filter(
      (segment, index) => nameIn(segment, literalOf(subject[index - 1]), new Map([[name, '']])) === name,
    ),
  );
  const claim = claims.get(name);
  return [
    ...inSubjects.flatMap((segment) => ('field' in segment ? [segment.field] : [])),
    ...(claim === undefined ? [] : [claim.field]),
  ];
};

/** Why no token has a value, as words behind it; null: some could have it, in the part or claim with this name. */
export function whyImpossible(grammar: IssuerGrammar, name: string, value: string): string | null {
  const fields = fieldsNamed(grammar, name);
  if (fields.some(({ positions }) => fits(positions, value, false))) return null;
  const characters = Array.from(value);
  const [impossible] = fields.flatMap(
    ({ positions }) =>
      characters.find((character) => !positions.some((position) => accepts(position, character))) ?? [],
  );
  return impossible === undefined
    ? 'is in no token'
    : `contains ${quote(impossible)}, which no token has there`;
}
