/** The results as tables of Markdown. */
import { cpuOfExtraOrg, goalsOf } from './goals';
import type { Goal, Measured } from './goals';
import type { Result } from './rounds';

/** What each contender took, and the goals. */
export function toText(measured: Measured): string {
  const { roundTripMs, growth } = measured;
  const extra = ['monitor', 'requests alone', 'naive'].map(
    (contender) => `${contender} ${format(cpuOfExtraOrg(growth, contender), 1)} ms`,
  );
  return [
    `Times are in round trips of ${roundTripMs.toFixed(1)} ms. CPU of an additional org: ${extra.join(', ')}.`,
    '',
    ...table(
      RESULT,
      growth.map((result) => resultCells(result, roundTripMs)),
    ),
    '',
    ...table(['goal', 'what', 'limit', 'measured', 'met'], goalsOf(measured).map(goalCells)),
  ].join('\n');
}

const RESULT =
  'orgs,contender,start to result,first run,warm run,CPU in ms,MB,requests,handshakes,runs'.split(',');

const resultCells = (result: Result, roundTripMs: number): readonly string[] => [
  String(result.orgs),
  result.contender,
  ...[result.processMs, result.firstMs, result.warmMs].map((time) => format(time / roundTripMs, 1)),
  ...[result.cpuMs, result.memoryMb, result.requests, result.handshakes].map((value) => format(value, 0)),
  String(result.runs),
];

const goalCells = ({ goal, what, limit, unit, measured }: Goal): readonly string[] => [
  goal,
  what,
  `≤ ${limit} ${unit}`.trim(),
  Number.isNaN(measured) ? '-' : `${format(measured, 2)} ${unit}`.trim(),
  Number.isNaN(measured) ? '-' : measured <= limit ? 'yes' : '**no**',
];

const format = (value: number, digits: number): string =>
  Number.isNaN(value) ? '-' : Number.isInteger(value) ? String(value) : value.toFixed(digits);

function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
