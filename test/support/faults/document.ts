/** `docs/faults.md`, made from the rows, the catalogue, and the names of all other tests that say `(fault N)`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, distinctFaults } from './catalogue';
import type { Fault } from './fault';
import { ROWS } from './rows';
import type { Row } from './rows';

const ROOT = join(__dirname, '..', '..', '..');

/** A test of a row. */
export interface RowTest {
  readonly row: number;
  readonly file: string;
  readonly name: string;
}

/** Every test that belongs to a row: whole runs first. */
export function testsOfRows(): readonly RowTest[] {
  const played = ROWS.flatMap(({ group, number }) => {
    const faults = CATALOGUE[group].filter(({ row }) => row === number);
    const distinct = distinctFaults(faults);
    const fileOf = (fault: Fault): string =>
      distinct.includes(fault) ? `test/faults/${group.toLowerCase()}.test.ts` : 'test/slow/faults.test.ts';
    return faults.map((fault) => ({ row: fault.row, file: fileOf(fault), name: fault.name }));
  });
  return [...played, ...testFiles().flatMap(namedIn)];
}

const testFiles = (): readonly string[] =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts'))
    .sort();

/** Titles such as `'saves what was alerted (fault 33)'`. */
function namedIn(file: string): readonly RowTest[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/'([^'\n]+) \(faults? ([\d, ]+)\)'/g)].flatMap(([, name = '', rows = '']) =>
    rows.split(',').map((row) => ({ row: Number(row), file, name })),
  );
}

/** The document as it must be. */
export function faultsDocument(): string {
  const tests = testsOfRows();
  const lines = ROWS.map((row) => lineOf(row, tests));
  return `${[...INTRODUCTION, '| | group | fault | what happens | tests |', '|---|---|---|---|---|', ...lines].join('\n')}\n`;
}

function lineOf({ group, number, fault, expected }: Row, tests: readonly RowTest[]): string {
  const own = tests.filter(({ row }) => row === number);
  const files = [...new Set(own.map(({ file }) => file))];
  const cells = files.map((file) => {
    const names = own.filter((test) => test.file === file).map(({ name }) => name.replaceAll('|', '\\|'));
    return `[${file.replace('test/', '')}](../${file}): ${names.join('; ')}`;
  });
  return `| ${number} | ${group} | ${fault} | ${expected} | ${cells.join('<br>')} |`;
}

const INTRODUCTION = [
  '# Faults',
  '',
  '<!-- Made by `npm run docs:faults` from test/support/faults. A test compares. -->',
  '',
  'What can go wrong around the monitor, what it then does, and the test that holds it to that. "Unknown" means that a',
  'target is `not-audited`, with a code of the named kind; see the [runbook](runbook.md).',
  '',
  'The tests in `test/faults` play whole runs, from the event to the messages and the memory, on real sockets: issuers behind',
  'a front that breaks connections, and a proxy that breaks calls of AWS. The fault comes in the very run that owes people an',
  'alert. Where a row asks the same of several faults, `npm test` plays the first of them, and `npm run test:slow` the others.',
  'Those of AWS, SNS and the state are played before the embedded endpoints, and by `npm run test:slow` again before',
  'moto_server, where it is on the machine. Names are resolved by a function of the tests; what a DNS server can say of IPv4 is',
  'asked by `npm run test:slow` again of a real one. After each fault, alone and in pairs that a seed draws, this must hold:',
  '',
  '- Each target has exactly one result.',
  '- What is unknown never becomes drift, never ends one, and never changes a list.',
  '- No alert is lost: it was published, or the invocation failed and a later run published it. It is told twice at most, and',
  '  three times where two runs at once could not keep that they had told it.',
  '- A run fails only by an error with a name. No rejection is left unhandled.',
  '- No socket, timer or handle is left. What a host can make a run take in is bounded, and memory stays as it was.',
  '- A run ends before its deadline.',
  '- Nothing that others wrote reaches a reader unescaped.',
  '',
  'Pairs are played by `npm run nightly`, and by `FAULT_PAIRS=50 FAULT_SEED=7 npx jest test/nightly/pairs`. Hosts to which no',
  'fault is done, or none any more, are looked at once, and later runs are given what was seen then; with `FAULT_HOSTS=real`, as',
  'CI plays them, each run looks at all of them.',
  '',
];
