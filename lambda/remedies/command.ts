/** How a shell command is written: one builder for all that are printed. */

/** A shell command, one argument group a line, so that it can be pasted whole. */
export const command = (parts: readonly string[], indent = ''): string =>
  parts.map((part, index) => (index === 0 ? `${indent}${part}` : `${indent}  ${part}`)).join(' \\\n');

/** A word of a shell command: in single quotes where a shell could read more in it than a text. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
