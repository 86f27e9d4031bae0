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
  const wholeRuns = ROWS.flatMap(({ group, number }) => {
    const faults = CATALOGUE[group].filter(({ row }) => row === number);
    const distinct = distinctFaults(faults);
    const fileOf = (fault: Fault): string =>
      distinct.includes(fault) ? `test/faults/${group.toLowerCase()}.test.ts` : 'test/slow/faults.test.ts';
    return faults.map((fault) => ({ row: fault.row, file: fileOf(fault), name: fault.name }));
  });
  return [...wholeRuns, ...testFiles().flatMap(namedIn)];
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
  'What can go wrong around the monitor, what it then does, and the tests of it. "Unknown" means that a target is',
  '`not-audited`, with a code of the named kind; see the [runbook](runbook.md). The numbers are fixed: tests name them.',
  '',
  'The tests in `test/faults` do whole runs, from the event to the messages and the state, on real sockets. The issuers are',
  'behind a front that breaks connections, and a proxy breaks calls of AWS. The fault occurs in the run that must send an',
  'alert. If a row has several similar faults, `npm test` tests the first of them, and `npm run test:slow` the others.',
  'Faults of AWS, SNS and the state are tested with the embedded endpoints, and by `npm run test:slow` also with moto_server,',
  'if the machine has it. A function of the tests resolves names; `npm run test:slow` repeats with a real DNS server what such',
  'a server can answer for IPv4. After each fault, alone and in random pairs, this must be true:',
  '',
  '- Each target has exactly one result.',
  '- What is unknown never causes drift, never resolves it, and never changes a list.',
  '- No alert is lost: it was published, or the invocation failed and a later run published it. It is sent at most twice, and',
  '  three times if two runs at the same time could not save that it was sent.',
  '- A run fails only with an error that has a name. Every rejection is handled.',
  '- No socket, timer or handle stays open. What a host can make a run read is limited, and memory does not grow.',
  '- A run ends before its deadline.',
  '- Text of others is always escaped before a person reads it.',
  '',
  '`npm run nightly` tests pairs, and so does `FAULT_PAIRS=50 FAULT_SEED=7 npx jest test/nightly/pairs`. The seed decides which',
  'pairs. Hosts without a fault are observed once, and later runs get the same result. With `FAULT_HOSTS=real`, as in CI, each',
  'run observes all hosts.',
  '',
];
