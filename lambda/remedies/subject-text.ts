/** Subjects of a form as text: examples and samples, with words in capitals for what the reader must fill in. */
import type { Field, IssuerGrammar, Segment, TokenForm } from '../iam-policy/grammar';
import { fixedBeginning, simplestText } from '../iam-policy/written';

/** Whether a segment says which tenant, unit or workload it is. */
export const isVital = ({ claims }: Segment, { scopes, workloads }: IssuerGrammar): boolean =>
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
export const textOf = (subject: readonly Segment[], show: (segment: Segment) => string): string =>
  subject
    .map((segment) => ('literal' in segment ? segment.literal : (fixedText(segment) ?? show(segment))))
    .join('');

const NO_FIELD: Field = { positions: [], unnamed: null };

/** `BRANCH`, behind the fixed beginning of the field: `refs/heads/`. */
function wordOf(segment: Segment): string {
  const field = 'field' in segment ? segment.field : NO_FIELD;
  return `${field.usualBeginning ?? fixedBeginning(field)}${(segment.claims[0] ?? 'id').toUpperCase().replaceAll(' ', '_')}`;
}

/** The only text that a variable segment can have; null: it can have several. */
export const fixedText = (segment: Segment): string | null =>
  'field' in segment &&
  segment.field.positions.every(({ characters, repeat }) => typeof characters === 'string' && !repeat)
    ? segment.field.positions
        .map(({ characters }) => (typeof characters === 'string' ? characters : ''))
        .join('')
    : null;

/** As many characters as the field has, or any number. */
export function unknownText(segment: Segment): string {
  if ('literal' in segment) return segment.literal;
  const { positions } = segment.field;
  return positions.some(({ repeat }) => repeat)
    ? '*'
    : positions.map(({ characters }) => (typeof characters === 'string' ? characters : '?')).join('');
}

/** A text of a segment, other than that of the plainest example. */
export const sampleText = (segment: Segment): string =>
  'literal' in segment ? segment.literal : simplestText(segment.field, 1);
