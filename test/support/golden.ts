/** Texts that are compared with files to the letter. */
import { expect } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Compares with a file under test/golden; `UPDATE_GOLDEN=1` writes it, to be read before it is committed. */
export function expectGolden(name: string, text: string): void {
  const file = join(__dirname, '..', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
