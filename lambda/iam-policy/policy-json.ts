/**
 * JSON of policies, parsed with every repetition of a name and its position: JSON.parse returns the last one
 * only.
 */
import type { Result } from '../domain/result';

/** An object with all its entries, in the order in which they are written. */
export interface JsonObject {
  readonly entries: readonly (readonly [string, Json])[];
}

/** A value of RFC 8259. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A document, or the reason why it cannot be parsed. */
export type ParsedJson = Result<Json, { readonly reason: string }>;

/** A policy nests six levels deep. */
const MAX_DEPTH = 64;

/**
 * Strings, brackets, and the values between them. In a text that JSON.parse accepts, commas and colons add
 * nothing.
 */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|[^\s[\]{},:"]+/g;

/** Parses a text by RFC 8259. */
export function parsePolicyJson(text: string): ParsedJson {
  try {
    JSON.parse(text);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  const tokens = text.match(TOKENS) ?? [];
  if (depthOf(tokens) > MAX_DEPTH) return { ok: false, reason: 'it is nested too deeply' };
  return { ok: true, value: readValue(tokens.values()) };
}

/** Whether a value is an object. */
export const isJsonObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && 'entries' in value && !Array.isArray(value);

function depthOf(tokens: readonly string[]): number {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, (depth += 1));
    else if (token === '}' || token === ']') depth -= 1;
  }
  return deepest;
}

function readValue(tokens: Iterator<string>): Json {
  const token = nextOf(tokens);
  if (token === '{') return readObject(tokens);
  return token === '[' ? readList(tokens) : readScalar(token);
}

function readObject(tokens: Iterator<string>): JsonObject {
  const entries: (readonly [string, Json])[] = [];
  for (let token = nextOf(tokens); token !== '}'; token = nextOf(tokens)) {
    entries.push([readText(token), readValue(tokens)]);
  }
  return { entries };
}

function readList(tokens: Iterator<string>): readonly Json[] {
  const values: Json[] = [];
  for (let token = nextOf(tokens); token !== ']'; token = nextOf(tokens)) {
    if (token === '{') values.push(readObject(tokens));
    else values.push(token === '[' ? readList(tokens) : readScalar(token));
  }
  return values;
}

/** JSON.parse has accepted the text, so there is a token wherever one is needed. */
function nextOf(tokens: Iterator<string>): string {
  const next = tokens.next();
  return next.done === true ? ']' : next.value;
}

function readScalar(token: string): string | number | boolean | null {
  if (token.startsWith('"')) return readText(token);
  if (token === 'true' || token === 'false') return token === 'true';
  return token === 'null' ? null : Number(token);
}

/** Nearly no text has an escape in it. */
const readText = (token: string): string =>
  token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
