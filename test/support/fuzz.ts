/** How long fuzz tests run, and what holds of everything that strangers' bytes become. */
import { expect } from '@jest/globals';
import { escapeForeign } from '../../lambda/core/text/escape';

/** Cases a property. `npm run nightly` asks for more than a commit can wait for. */
export const CASES = Number(process.env['FUZZ_CASES'] ?? 500);

/** Parameters of fast-check. `share`: of the cases, where one of them is dear. FUZZ_SEED repeats a run. */
export function fuzzing(share = 1): { readonly numRuns: number; readonly seed?: number } {
  const seed = process.env['FUZZ_SEED'];
  return {
    numRuns: Math.max(10, Math.round(CASES * share)),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}

/** No finding, failure or error has reason to be longer: it is told in mails that SNS takes up to 256 KiB. */
const MOST_MESSAGE = 8_000;

/** A message for a person: escaped, of one line unless told otherwise, and of a length that can be sent. */
export function expectShowable(message: string, lines: 'one' | 'many' = 'one'): void {
  for (const line of lines === 'one' ? [message] : message.split('\n'))
    expect(line).toBe(escapeForeign(line));
  expect(message.length).toBeLessThanOrEqual(lines === 'one' ? MOST_MESSAGE : MOST_MESSAGE * 100);
}

/** What is stored, sent or printed as JSON must come back the same. */
export const expectJsonSafe = (value: unknown): void => {
  expect(JSON.parse(JSON.stringify(value))).toEqual(value);
};

/** `__proto__` in a document must not reach what all objects share. */
export const expectCleanPrototypes = (): void => {
  expect('polluted' in {} || 'polluted' in []).toBe(false);
};
