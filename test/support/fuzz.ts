/** How long fuzz tests run, and what holds of every result of untrusted bytes. */
import { expect } from '@jest/globals';
import { deepEqual, ok } from 'node:assert/strict';
import { escapeForeign } from '../../lambda/text/escape';
import { CASES, exactly } from './cases';
import type { Cases } from './cases';

/** Cases of a property. `share`: of the usual number, if one case is expensive. */
export const fuzzing = (share = 1): Cases => exactly(Math.max(10, Math.round(CASES * share)));

/** No finding, failure or error needs to be longer: it is sent in mails that SNS takes up to 256 KiB. */
const MAX_MESSAGE = 8_000;

/**
 * A message for a person: escaped, of one line by default, and of a length that can be sent. It is called some
 * ten thousand times, and an `expect` takes as long as making the message.
 */
export function expectShowable(message: string, lines: 'one' | 'many' = 'one'): void {
  const shown = lines === 'one' ? [message] : message.split('\n');
  deepEqual(
    shown.filter((line) => line !== escapeForeign(line)),
    [],
  );
  const most = lines === 'one' ? MAX_MESSAGE : MAX_MESSAGE * 100;
  ok(message.length <= most, `A message has ${message.length} characters, and may have ${most}.`);
}

/** What is stored, sent or printed as JSON must come back the same. */
export const expectJsonSafe = (value: unknown): void => {
  expect(JSON.parse(JSON.stringify(value))).toEqual(value);
};

/** `__proto__` in a document must not change what all objects share. */
export const expectCleanPrototypes = (): void => {
  ok(!('polluted' in {} || 'polluted' in []), 'What all objects share is polluted.');
};
