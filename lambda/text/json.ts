/**
 * JSON that third parties serve: parsed once, and rejected if two parsers could read two different values.
 */
import { quote } from './quote';

/** What a body contains. `keys`: those of the outermost object, unescaped, repetitions included. */
export type ReadJson =
  | {
      readonly kind: 'object';
      readonly value: ReadonlyMap<string, unknown>;
      readonly keys: readonly string[];
      /** Some object in it, at any depth, has a key twice. */
      readonly isAmbiguous: boolean;
    }
  | { readonly kind: 'other'; readonly found: string }
  | { readonly kind: 'too-deep' }
  | { readonly kind: 'not-json'; readonly reason: string };

/** Documents of this product nest two or three levels. Other parsers give up at some hundred, or crash. */
export const MAX_DEPTH = 64;

/**
 * Reads a body as JSON. Returns a map, so that no key (`__proto__`, `constructor`) has a special meaning.
 * JSON.parse takes the last of repeated keys, other parsers the first (RFC 8259 section 4), so all keys are
 * returned.
 */
export function readJson(body: string): ReadJson {
  // RFC 8259 section 8.1: a sender must not add a byte order mark. Some parsers would reject it, some not.
  if (body.startsWith('\uFEFF')) return { kind: 'not-json', reason: 'it begins with a byte order mark' };
  const parsed = parseText(body);
  if (parsed.kind !== 'parsed') return parsed;
  const { depth, keys, isAmbiguous } = scan(body);
  if (depth > MAX_DEPTH) return { kind: 'too-deep' };
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'other', found: jsonKindOf(value) };
  }
  return { kind: 'object', value: new Map(Object.entries(value)), keys, isAmbiguous };
}

type ParsedObject =
  { readonly kind: 'parsed'; readonly value: unknown } | Exclude<ReadJson, { kind: 'object' | 'other' }>;

function parseText(body: string): ParsedObject {
  try {
    const value: unknown = JSON.parse(body);
    return { kind: 'parsed', value };
  } catch (error) {
    // V8 parses without recursion, but does not guarantee it: a stack overflow is a RangeError.
    if (error instanceof RangeError) return { kind: 'too-deep' };
    return {
      kind: 'not-json',
      reason: body.trim() === '' ? 'it is empty' : `it begins with ${opening(body)}`,
    };
  }
}

/** Enough to distinguish an HTML page from a truncated document. */
const opening = (body: string): string => quote(body.trimStart().slice(0, 40));

const jsonKindOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
};

const TOKENS = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|[[\]{}]/g;

interface Scanned {
  readonly depth: number;
  readonly keys: readonly string[];
  readonly isAmbiguous: boolean;
}

/**
 * Walks over text that JSON.parse has accepted, so that quotes and brackets need no further check. Stops at
 * the first value that is too deep.
 */
function scan(json: string): Scanned {
  const keys: string[] = [];
  const open: Set<string>[] = [];
  let depth = 0;
  let isAmbiguous = false;
  for (const [token, text, colon] of json.matchAll(TOKENS)) {
    if (depth > MAX_DEPTH) break;
    if (text === undefined) {
      if (token === '{' || token === '[') depth = Math.max(depth, open.push(new Set()));
      else open.pop();
    } else if (colon === ':') {
      // Nearly no key has an escape in it.
      const key = text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
      if (open.length === 1) keys.push(key);
      isAmbiguous ||= open.at(-1)?.has(key) === true;
      open.at(-1)?.add(key);
    }
  }
  return { depth, keys, isAmbiguous };
}
