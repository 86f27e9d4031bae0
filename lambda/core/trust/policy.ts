/** IAM trust policies, read strictly: what is not understood is not judged, and never passes for narrow. */
import { readJson } from '../documents/json';
import { abridge, quote } from '../text/quote';

/** One comparison: of a statement's conditions all must hold, of its values one must. */
export interface Condition {
  /** As written: `ForAllValues:StringLikeIfExists`. */
  readonly operator: string;
  /** In lower case: IAM compares the names of condition keys without regard to case. */
  readonly key: string;
  readonly values: readonly string[];
}

/** Whom a statement speaks of. `unread`: NotPrincipal, or what only looks like a principal. */
export type Principals =
  | {
      readonly kind: 'named';
      /** `Principal: "*"`. */
      readonly everyone: boolean;
      /** Federated principals: ARNs of providers, or names such as `cognito-identity.amazonaws.com`. */
      readonly federated: readonly string[];
      /** A wildcard in a place where IAM documents none for federated principals. */
      readonly wildcard: boolean;
    }
  | { readonly kind: 'unread' };

/** One statement of a trust policy. */
export interface Statement {
  /** `statement 2`, or its Sid in quotes, for messages. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Principals;
  /** Null: NotAction. */
  readonly actions: readonly string[] | null;
  readonly conditions: readonly Condition[];
}

/** The statements of a policy, or why nothing can be said of it. */
export type ReadPolicy =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly reason: string };

type Fields = ReadonlyMap<string, unknown>;

/** Leaves `readPolicy` alone: stops the reading of a policy at the first thing that IAM's grammar does not have. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Reads a trust policy, URL-encoded (RFC 3986, as ListRoles sends it) or plain. */
export function readPolicy(document: string): ReadPolicy {
  try {
    const json = readJson(decode(document));
    if (json.kind !== 'object') throw new Unreadable('it is not a JSON object');
    if (json.isAmbiguous) throw new Unreadable('it says the same element twice');
    const policy = fieldsOf(json.value, 'the policy', ['Version', 'Id', 'Statement']);
    return { ok: true, statements: listOf(policy.get('Statement')).map(readStatement) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, reason: error.message };
  }
}

/** A document as text. One that cannot be decoded comes back as it is. */
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

function readStatement(value: unknown, index: number): Statement {
  const place = `statement ${index + 1}`;
  const fields = fieldsOf(value, place, STATEMENT_KEYS);
  const sid = fields.get('Sid');
  const effect = fields.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw new Unreadable(`${place} has no Effect Allow or Deny`);
  return {
    name: typeof sid === 'string' && sid !== '' ? quote(sid) : place,
    effect,
    principals: readPrincipals(fields, place),
    actions: readActions(fields, place),
    conditions: readConditions(fields.get('Condition'), place),
  };
}

function readPrincipals(fields: Fields, place: string): Principals {
  if (fields.has('NotPrincipal')) return { kind: 'unread' };
  const principal = fields.get('Principal');
  if (principal === '*') return { kind: 'named', everyone: true, federated: [], wildcard: false };
  const named = fieldsOf(principal, `the Principal of ${place}`, [
    'AWS',
    'Federated',
    'Service',
    'CanonicalUser',
  ]);
  const federated = named.has('Federated') ? textsOf(named.get('Federated'), place) : [];
  const aws = named.has('AWS') ? textsOf(named.get('AWS'), place) : [];
  return {
    kind: 'named',
    everyone: false,
    federated,
    wildcard: aws.includes('*') || federated.some((text) => /[*?]/.test(text)),
  };
}

function readActions(fields: Fields, place: string): readonly string[] | null {
  if (fields.has('NotAction')) return null;
  if (!fields.has('Action')) throw new Unreadable(`${place} has no Action`);
  return textsOf(fields.get('Action'), place);
}

function readConditions(value: unknown, place: string): readonly Condition[] {
  if (value === undefined) return [];
  const conditions = entriesOf(value, `the Condition of ${place}`).flatMap(([operator, keys]) =>
    entriesOf(keys, `${abridge(operator)} of ${place}`).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: textsOf(values, place),
    })),
  );
  const names = conditions.map(({ operator, key }) => `${operator.toLowerCase()} ${key}`);
  if (new Set(names).size < names.length) throw new Unreadable(`${place} has the same condition twice`);
  return conditions;
}

/** The fields of an object. One that nobody knows could change the meaning of the others. */
function fieldsOf(value: unknown, place: string, known: readonly string[]): Fields {
  const fields = new Map(entriesOf(value, place));
  const strange = [...fields.keys()].find((key) => !known.includes(key));
  if (strange !== undefined) throw new Unreadable(`${place} has the unknown element ${quote(strange)}`);
  return fields;
}

function entriesOf(value: unknown, place: string): readonly (readonly [string, unknown])[] {
  if (value instanceof Map) return [...value].map(([key, one]) => [String(key), one]);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new Unreadable(`${place} is not an object`);
}

/** IAM takes a single value for a list of one. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function textsOf(value: unknown, place: string): readonly string[] {
  const texts = listOf(value).flatMap((one) =>
    typeof one === 'string' || typeof one === 'boolean' || typeof one === 'number' ? [String(one)] : [],
  );
  // Of an empty list IAM's documentation does not say whether anything matches it.
  if (texts.length === 0 || texts.length !== listOf(value).length) {
    throw new Unreadable(`${place} has a value that is neither a text nor a list of texts`);
  }
  return texts;
}
