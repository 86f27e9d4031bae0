/** A trust policy as JSON, with some of its statements corrected. */
import { isOwnKey, isSessionTag } from '../iam-policy/tokens';
import type { TokenSource } from '../iam-policy/tokens';
import { isJsonObject } from '../iam-policy/policy-json';
import type { Json, JsonObject } from '../iam-policy/policy-json';

/** A value that the reader must fill in. */
export interface Placeholder {
  /** In capitals, without quotes: the document is no JSON until it is replaced. */
  readonly name: string;
  readonly meaning: string;
  /** A value of that kind, to evaluate the policy. */
  readonly sample: string;
}

/** Of a condition. */
export type Value = string | Placeholder;

/** A condition with values of which some are unknown. */
export interface CorrectedCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly Value[];
}

/** Whether a statement names accounts or services beside providers. */
export const namesOthers = (statement: Json): boolean =>
  isJsonObject(statement) &&
  entriesOf(fieldOf(statement, 'Principal')).some(([name, value]) => name !== 'Federated' && value !== '*');

/** Replaces the corrected statements. All others stay as they are, in their positions; `added` come last. */
export function withStatements(
  policy: JsonObject,
  corrections: ReadonlyMap<number, readonly CorrectedCondition[]>,
  added: readonly Json[],
  source: TokenSource,
  show: (placeholder: Placeholder) => string,
): JsonObject {
  const corrected = (statement: Json, index: number): Json => {
    const conditions = corrections.get(index);
    return conditions === undefined ? statement : statementOf(statement, conditions, source, show);
  };
  return {
    entries: policy.entries.map(([name, value]) => {
      if (name !== 'Statement') return [name, value] as const;
      const all = listOf(value);
      const statements = [...all.map(corrected), ...added];
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
 * provider, which no token of another has. `isLimited`: whether such a statement lets in only units that it names. Without the
 * conditions it may let in more than before: then there is none.
 */
export function otherProviders(
  statement: Json,
  source: TokenSource,
  isLimited: (statement: Json) => boolean,
): readonly Json[] {
  if (!isJsonObject(statement)) return [];
  const principal = statement.entries.find(([name]) => name === 'Principal')?.[1];
  const others = listOf(fieldOf(principal, 'Federated')).filter((one) => one !== source.providerArn);
  const [only] = others;
  const operators = entriesOf(fieldOf(statement, 'Condition'));
  const isOwn = (key: string): boolean => isOwnKey(source, key.toLowerCase());
  const keys = operators.flatMap(([, tests]) => entriesOf(tests).map(([key]) => key));
  if (others.length === 0) return [];
  const rest = operators.flatMap(([operator, tests]): readonly (readonly [string, Json])[] => {
    const entries = entriesOf(tests).filter(([key]) => !isOwn(key));
    return entries.length === 0 ? [] : [[operator, { entries }]];
  });
  const own: Json = {
    entries: statement.entries.flatMap(([name, value]): readonly (readonly [string, Json])[] => {
      if (name === 'Sid') return [];
      if (name === 'Principal') {
        const federated = others.length === 1 && only !== undefined ? only : others;
        return [[name, { entries: [['Federated', federated]] }]];
      }
      if (name === 'Condition') return rest.length === 0 ? [] : [[name, { entries: rest }]];
      return [[name, value]];
    }),
  };
  return keys.some(isOwn) && !isLimited(own) ? [] : [own];
}

const entriesOf = (value: Json | undefined): JsonObject['entries'] =>
  value !== undefined && isJsonObject(value) ? value.entries : [];

/** A field of an object; undefined: there is none, or the value is no object. */
export const fieldOf = (value: Json | undefined, field: string): Json | undefined =>
  entriesOf(value).find(([name]) => name === field)?.[1];

/** As IAM reads it: a single value is a list of one. */
export const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : isList(value) ? value : [value];

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const LOGIN = 'sts:AssumeRoleWithWebIdentity';

const TAG_SESSION = 'sts:TagSession';

/** Actions that go with a login, as IAM compares them. */
const BESIDE = [TAG_SESSION, 'sts:SetSourceIdentity'];

function statementOf(
  original: Json,
  conditions: readonly CorrectedCondition[],
  { providerArn }: TokenSource,
  show: (placeholder: Placeholder) => string,
): Json {
  const fields = isJsonObject(original) ? new Map(original.entries) : new Map<string, Json>();
  const actions = [fields.get('Action') ?? []].flat();
  const beside = BESIDE.filter(
    (action) =>
      actions.some((one) => typeof one === 'string' && one.toLowerCase() === action.toLowerCase()) ||
      (action === TAG_SESSION && conditions.some(({ key }) => isSessionTag(key))),
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
export function render(value: Json, indent = ''): string {
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
