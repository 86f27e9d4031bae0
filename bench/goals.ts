/** The goals. Limits are ratios, counts and sizes: no absolute time says anything about another machine. */

/** One measured goal. */
export interface Verdict {
  readonly goal: string;
  readonly words: string;
  /** The largest value that meets the goal. */
  readonly limit: number;
  /** Null: could not be measured here; `note` says why. */
  readonly measured: number | null;
  /** The same of the requests alone, if they were measured: what they miss is missed elsewhere. */
  readonly requests?: number | null;
  readonly unit: '' | 'x' | 'RTT' | 'MB' | 'KB';
  readonly note?: string;
}

export const isMet = ({ limit, measured }: Verdict): boolean | null =>
  measured === null ? null : measured <= limit;

const HEADER = ['goal', 'what', 'limit', 'measured', 'met', 'requests alone'];

/** The table for people. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { goal, words, limit, measured, unit, requests = null } = verdict;
    const met = isMet(verdict);
    const value = measured === null ? '-' : withUnit(measured, unit);
    const words2 = verdict.note === undefined ? words : `${words} (${verdict.note})`;
    const least = requests === null ? '' : withUnit(requests, unit);
    return [
      goal,
      words2,
      `≤ ${withUnit(limit, unit)}`,
      value,
      met === null ? '-' : met ? 'yes' : 'NO',
      least,
    ];
  });
  return table([HEADER, ...rows]);
}

const withUnit = (value: number, unit: Verdict['unit']): string =>
  `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 1)}${unit === '' ? '' : ` ${unit}`}`;

/** Columns as wide as they must be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
