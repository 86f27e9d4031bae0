import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE } from '../support/faults/catalogue';
import { faultsDocument, testsOfRows } from '../support/faults/document';
import { GROUPS } from '../support/faults/fault';
import { ROWS } from '../support/faults/rows';

const document = readFileSync(join(__dirname, '..', '..', 'docs', 'faults.md'), 'utf8');

describe('docs/faults.md', () => {
  it('is what npm run docs:faults writes', () => {
    expect(document).toBe(faultsDocument());
  });

  it('has a test for each of its rows', () => {
    const tested = new Set(testsOfRows().map(({ row }) => row));
    expect(ROWS.map(({ number }) => number).filter((row) => !tested.has(row))).toEqual([]);
    const numbers = ROWS.map(({ number }) => number);
    expect(numbers.slice(0, 48)).toEqual(Array.from({ length: 48 }, (_, index) => index + 1));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('has each fault in the group of its row', () => {
    const strays = GROUPS.flatMap((group) =>
      CATALOGUE[group].filter(({ row }) => ROWS.find(({ number }) => number === row)?.group !== group),
    );
    expect(strays).toEqual([]);
  });
});
