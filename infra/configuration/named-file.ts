/** Values that may be in a file of their own: `accept` and `trustAnchors`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The value in the file that a path names: PEM as text, everything else as JSON. What is no path (PEM itself, a list,
 * an object) is the value. A file that cannot be read adds a line to `problems`, and the value is undefined.
 */
export function readNamedFile(key: string, value: unknown, folder: string, problems: string[]): unknown {
  if (typeof value !== 'string' || isPem(value)) return value;
  try {
    const text = readFileSync(resolve(folder, value), 'utf8');
    return isPem(text) ? text : JSON.parse(text);
  } catch (error) {
    const reason = String(error).replace(/^\w*Error: /, '');
    problems.push(
      `${key}: the file ${JSON.stringify(value)} cannot be read (${reason}). Correct the path or the file.`,
    );
    return undefined;
  }
}

const isPem = (text: string): boolean => text.trimStart().startsWith('-----');
