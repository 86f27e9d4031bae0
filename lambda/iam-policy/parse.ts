/**
 * IAM trust policies, parsed strictly, statement by statement. What does not fit the grammar is not
 * interpreted: a policy with such a part may trust anybody, and never counts as restricted. Grammar:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { foldCase } from '../text/ascii';
import { count } from '../text/layout';
import { abridge, quote } from '../text/quote';
import { isJsonObject, parsePolicyJson } from './policy-json';
import type { Json, JsonObject } from './policy-json';

/** One comparison: all conditions of a statement must hold, and for each condition one of its values. */
export interface Condition {
  /** As written: `ForAllValues:StringLikeIfExists`. */
  readonly operator: string;
  /** In lower case: IAM compares the names of condition keys without regard to case. */
  readonly key: string;
  readonly values: readonly string[];
  /** The policy has an older version, which knows no policy variables: in it `${…}` is plain text. */
  readonly isPlain?: true;
}

/** The principals of a statement. */
export interface Principals {
  /** `all-but`: NotPrincipal, which means everybody who is not named. */
  readonly kind: 'named' | 'all-but';
  /**
   * `Principal: "*"` or `{"AWS": "*"}`, which IAM documents as equal. In an Allow also `{"*": "*"}` and a
   * federated `*`, which may mean the same.
   */
  readonly everyone: boolean;
  /** Federated principals: ARNs of providers, or names of those that AWS itself trusts. */
  readonly federated: readonly string[];
  /** A wildcard in a position for which IAM documents none. */
  readonly wildcard: boolean;
}

/** One statement of a trust policy. */
export interface Statement {
  /** `statement 2`, or its Sid in quotes, for messages. */
  readonly name: string;
  /** Its position in the policy, from 0. */
  readonly index: number;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Principals;
  readonly actions: readonly string[];
  /** NotAction: the statement is about all actions but these. */
  readonly notAction: boolean;
  readonly conditions: readonly Condition[];
}

/** The statements of a policy. `ok: false`: those that could be parsed, and why other parts could not. */
export type ReadPolicy =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly statements: readonly Statement[]; readonly reason: string };

type Fields = ReadonlyMap<string, Json>;

/**
 * Thrown only inside of `readPolicy`: ends the parsing of a part at the first element that IAM's grammar does
 * not have.
 */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A part of a policy, or the reason why it could not be parsed. */
type Part<T> =
  { readonly kind: 'read'; readonly value: T } | { readonly kind: 'problem'; readonly reason: string };

function partOf<T>(read: () => T): Part<T> {
  try {
    return { kind: 'read', value: read() };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'problem', reason: error.message };
    throw error;
  }
}

const BYTE_ORDER_MARK = '\uFEFF';
const POLICY_KEYS = ['Version', 'Id', 'Statement'];
const VERSIONS: readonly Json[] = ['2012-10-17', '2008-10-17'];

/** Parses a trust policy, URL-encoded (RFC 3986, as ListRoles sends it) or plain. */
export function readPolicy(document: string): ReadPolicy {
  const text = decode(document);
  const hasMark = text.startsWith(BYTE_ORDER_MARK);
  const parsed = parsePolicyJson(hasMark ? text.slice(1) : text);
  if (!parsed.ok) return unparsed([], [parsed.reason]);
  if (!isJsonObject(parsed.value)) return unparsed([], ['it is not a JSON object']);
  const { entries } = parsed.value;
  const written = entries.filter(([name]) => name === 'Statement').map(([, value]) => value);
  const problems = [
    ...(hasMark ? ['it begins with a byte order mark'] : []),
    ...policyProblems(parsed.value),
    ...(written.length === 0 ? ['it has no Statement'] : []),
  ];
  const isPlain = entries.every(([name, value]) => name !== 'Version' || value === '2008-10-17');
  const parts = written.flatMap(asList).map((one, index) => readStatement(one, index, isPlain));
  const statements = parts.flatMap((part) => (part?.kind === 'read' ? [part.value] : []));
  const reasons = [...problems, ...parts.flatMap((part) => (part?.kind === 'problem' ? [part.reason] : []))];
  if (reasons.length === 0) return { ok: true, statements };
  // Unknown or repeated elements may change the others in an unknown way: then no denial is certain.
  return unparsed(
    problems.length === 0 ? statements : statements.filter(({ effect }) => effect === 'Allow'),
    reasons,
  );
}

/** Further ones are only counted. */
const MAX_REASONS = 3;

function unparsed(statements: readonly Statement[], reasons: readonly string[]): ReadPolicy {
  const more = reasons.length - MAX_REASONS;
  const shown = reasons.slice(0, MAX_REASONS).join('; ');
  return {
    ok: false,
    statements,
    reason: more > 0 ? `${shown}; and ${count(more, 'further problem')}` : shown,
  };
}

/** What is wrong with the policy, apart from its statements. */
function policyProblems(policy: JsonObject): readonly string[] {
  const fields = partOf(() => fieldsOf(policy, 'the policy', POLICY_KEYS));
  if (fields.kind === 'problem') return [fields.reason];
  const version = fields.value.get('Version');
  return version === undefined || VERSIONS.includes(version)
    ? []
    : ['its Version is neither 2012-10-17 nor 2008-10-17'];
}

/** A document as text. One that cannot be decoded is returned unchanged. */
export function decode(document: string): string {
  if (document.trimStart().startsWith('{')) return document;
  try {
    return decodeURIComponent(document);
  } catch (error) {
    if (error instanceof URIError) return document;
    throw error;
  }
}

const STATEMENT_KEYS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition'];

/** Null: parts of it could not be parsed, but no web identity is its principal. */
function readStatement(value: Json, index: number, isPlain: boolean): Part<Statement> | null {
  const path = `statement ${index + 1}`;
  const fields = partOf(() => fieldsOf(value, path, STATEMENT_KEYS));
  if (fields.kind === 'problem') return fields;
  const statement = partOf(() => statementOf(fields.value, path, { index, isPlain }));
  if (statement.kind === 'read') return statement;
  const principals = partOf(() => readPrincipals(fields.value, path, 'Allow'));
  return principals.kind === 'read' && excludesWebIdentities(principals.value) ? null : statement;
}

function statementOf(
  fields: Fields,
  path: string,
  { index, isPlain }: { readonly index: number; readonly isPlain: boolean },
): Statement {
  const sid = fields.get('Sid');
  const effect = fields.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new Unreadable(`${path} has no Effect with the value Allow or Deny`);
  return {
    name: typeof sid === 'string' && sid !== '' ? quote(sid) : path,
    index,
    effect,
    principals: readPrincipals(fields, path, effect),
    ...readActions(fields, path),
    conditions: readConditions(fields.get('Condition'), path, isPlain),
  };
}

const SAML_PROVIDER = /^arn:[a-z0-9-]+:iam::\d{12}:saml-provider\/[^*?]+$/;

/** AWS principals, services and SAML providers do not call AssumeRoleWithWebIdentity. */
const excludesWebIdentities = ({ kind, everyone, wildcard, federated }: Principals): boolean =>
  kind === 'named' && !everyone && !wildcard && federated.every((text) => SAML_PROVIDER.test(text));

const PRINCIPAL_KEYS = ['AWS', 'Federated', 'Service', 'CanonicalUser'];

function readPrincipals(fields: Fields, path: string, effect: Statement['effect']): Principals {
  const element = onlyElement(fields, 'Principal', 'NotPrincipal', path);
  const kind = element.name === 'Principal' ? 'named' : 'all-but';
  if (element.value === '*') return { kind, everyone: true, federated: [], wildcard: false };
  const isAnything = isStarMap(element.value);
  const named = isAnything
    ? new Map<string, Json>()
    : fieldsOf(element.value, `the ${element.name} of ${path}`, PRINCIPAL_KEYS);
  if (named.size === 0 && !isAnything) throw new Unreadable(`the ${element.name} of ${path} is empty`);
  const texts = new Map([...named].map(([type, value]) => [type, textsOf(value, path)] as const));
  const federated = texts.get('Federated') ?? [];
  const everyone = texts.get('AWS')?.includes('*') === true;
  const mayBeEveryone = isAnything || federated.includes('*');
  return {
    kind,
    everyone: everyone || (mayBeEveryone && effect === 'Allow'),
    federated,
    wildcard: mayBeEveryone || federated.some((text) => /[*?]/.test(text)),
  };
}

/** `{"*": "*"}`. */
const isStarMap = (value: Json): boolean =>
  isJsonObject(value) &&
  value.entries.length === 1 &&
  value.entries.every(([type, who]) => type === '*' && asList(who).length === 1 && asList(who)[0] === '*');

function readActions(fields: Fields, path: string): Pick<Statement, 'actions' | 'notAction'> {
  const { name, value } = onlyElement(fields, 'Action', 'NotAction', path);
  return { actions: textsOf(value, path), notAction: name === 'NotAction' };
}

/** IAM's grammar requires exactly one of the two. */
function onlyElement(
  fields: Fields,
  name: string,
  negated: string,
  path: string,
): { readonly name: string; readonly value: Json } {
  const [plain, other] = [fields.get(name), fields.get(negated)];
  if (plain !== undefined && other !== undefined)
    throw new Unreadable(`${path} has both ${name} and ${negated}`);
  if (plain !== undefined) return { name, value: plain };
  if (other !== undefined) return { name: negated, value: other };
  throw new Unreadable(`${path} has no ${name}`);
}

function readConditions(value: Json | undefined, path: string, isPlain: boolean): readonly Condition[] {
  if (value === undefined) return [];
  const conditions = entriesOf(value, `the Condition of ${path}`).flatMap(([operator, keys]) =>
    entriesOf(keys, `${abridge(operator)} of ${path}`).map(([key, values]) => ({
      operator,
      key: foldCase(key),
      values: textsOf(values, path),
      ...(isPlain ? { isPlain } : {}),
    })),
  );
  const names = conditions.map(({ operator, key }) => `${foldCase(operator)} ${key}`);
  if (new Set(names).size < names.length) throw new Unreadable(`${path} contains the same condition twice`);
  return conditions;
}

/** The fields of an object. An unknown or repeated one could change the meaning of the others. */
function fieldsOf(value: Json, path: string, known: readonly string[]): Fields {
  const entries = entriesOf(value, path);
  const fields = new Map(entries);
  const strange = [...fields.keys()].find((key) => !known.includes(key));
  if (strange !== undefined) throw new Unreadable(`${path} has the unknown element ${quote(strange)}`);
  return fields;
}

/** IAM's grammar permits no name twice in an object. */
function entriesOf(value: Json, path: string): JsonObject['entries'] {
  if (!isJsonObject(value)) throw new Unreadable(`${path} is not an object`);
  const names = new Set<string>();
  for (const [name] of value.entries) {
    if (names.has(name)) throw new Unreadable(`${path} contains ${quote(name)} twice`);
    names.add(name);
  }
  return value.entries;
}

/** IAM accepts a single value as a list of one. */
const asList = (value: Json): readonly Json[] => (isList(value) ? value : [value]);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function textsOf(value: Json, path: string): readonly string[] {
  const texts = asList(value).flatMap((one) =>
    typeof one === 'string' || typeof one === 'boolean' || typeof one === 'number' ? [String(one)] : [],
  );
  // IAM's documentation does not say whether anything matches an empty list.
  if (texts.length === 0 || texts.length !== asList(value).length) {
    throw new Unreadable(`${path} has an empty list or a value that is not a string`);
  }
  return texts;
}
