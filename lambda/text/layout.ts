/** Plain text for mail and terminal: prose wrapped, commands never broken. */

/** Mail clients wrap at 78 or 80 columns: RFC 5322 section 2.1.1. */
export const MAIL_COLUMNS = 78;

/** Wraps prose to lines of at most 78 columns, each after `indent`. Words longer than a line stay whole. */
export function wrap(prose: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of prose.trim().split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > MAIL_COLUMNS) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((text) => `${indent}${text}`).join('\n');
}

/** "1 provider", "2 providers". */
export const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/** `2026-11-24 06:00 UTC` of an ISO 8601 time. */
export const showTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** A heading with the parts below it, each once. Empty if there are none. */
export const section = (title: string, parts: readonly string[]): readonly string[] =>
  parts.length === 0 ? [] : [title, ...new Set(parts)];
