/** Values of string conditions: `*` is any text, `?` one character, and `${*}`, `${?}`, `${$}` are these characters. */

/** A character, any character, or any text. */
export type GlobPart = string | { readonly any: 'character' | 'text' };

/** A value, ready to be compared. */
export interface Glob {
  readonly parts: readonly GlobPart[];
  /** The texts between the asterisks. `null`: any character. */
  readonly chunks: readonly (readonly (string | null)[])[];
  readonly ignoreCase: boolean;
  readonly matchesAll: boolean;
}

/** A value under StringLike. */
export const compileGlob = (value: string, hasEscapes: boolean): Glob =>
  globOf(
    charactersOf(value, hasEscapes).map(({ character, isEscaped }) => {
      if (isEscaped || (character !== '*' && character !== '?')) return character;
      return { any: character === '*' ? 'text' : 'character' };
    }),
    false,
  );

/** A value under StringEquals or StringEqualsIgnoreCase. */
export const plainGlob = (
  value: string,
  { hasEscapes, ignoreCase }: { readonly hasEscapes: boolean; readonly ignoreCase: boolean },
): Glob =>
  globOf(
    charactersOf(ignoreCase ? lowerAscii(value) : value, hasEscapes).map(({ character }) => character),
    ignoreCase,
  );

/** AWS documents of no other letters that they have two cases. */
const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));

const charactersOf = (
  value: string,
  hasEscapes: boolean,
): readonly { readonly character: string; readonly isEscaped: boolean }[] =>
  [...value.matchAll(hasEscapes ? /\$\{([*?$])\}|[^]/g : /[^]/g)].map(([text, escaped]) => ({
    character: escaped ?? text,
    isEscaped: escaped !== undefined,
  }));

function globOf(parts: readonly GlobPart[], ignoreCase: boolean): Glob {
  const chunks: (string | null)[][] = [[]];
  for (const part of parts) {
    if (typeof part === 'object' && part.any === 'text') chunks.push([]);
    else chunks.at(-1)?.push(typeof part === 'string' ? part : null);
  }
  const matchesAll = chunks.length > 1 && chunks.every((chunk) => chunk.length === 0);
  return { parts, chunks, ignoreCase, matchesAll };
}

/** Whether a value could match a text if AWS took any letter beyond ASCII for any other one. */
export function mayMatchGlob({ ignoreCase, parts }: Glob, text: string): boolean {
  if (!ignoreCase || parts.length !== text.length) return false;
  return Array.from(lowerAscii(text)).every((given, index) => {
    const part = parts[index];
    return part === given || (typeof part === 'string' && /[^ -~]/.test(given + part));
  });
}

/** Whether a value matches a text: the chunks must follow each other, the outer at the ends. */
export function matchesGlob({ chunks, ignoreCase }: Glob, text: string): boolean {
  const given = ignoreCase ? lowerAscii(text) : text;
  const [first = [], ...more] = chunks;
  const last = more.pop();
  if (last === undefined) return given.length === first.length && isAt(first, given, 0);
  const end = given.length - last.length;
  if (!isAt(first, given, 0)) return false;
  let from = first.length;
  for (const chunk of more) {
    while (from + chunk.length <= end && !isAt(chunk, given, from)) from += 1;
    from += chunk.length;
  }
  return from <= end && isAt(last, given, end);
}

function isAt(chunk: readonly (string | null)[], text: string, at: number): boolean {
  return (
    at >= 0 &&
    chunk.every((character, index) => {
      const given = text[at + index];
      return given !== undefined && (character === null || character === given);
    })
  );
}
