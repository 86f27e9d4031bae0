import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventError } from '../../lambda/domain/errors';
import { isScheduled, narrow, parseEvent } from '../../lambda/config/event';
import type { MonitorEvent } from '../../lambda/config/event';
import { expectCleanPrototypes, expectShowable, fuzzing } from '../support/fuzz';
import { damaged, hostileText, mutatedJson } from '../support/hostile';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const ISSUER = `https://oidc.circleci.com/org/${ORG}`;

const valid = fc.record(
  {
    action: fc.oneof(fc.constantFrom('monitor', 'audit', 'test-alert', 'Monitor', 'update'), hostileText),
    orgs: fc.array(fc.oneof(fc.constant(ORG), hostileText), { maxLength: 3 }),
    issuers: fc.array(fc.oneof(fc.constant('https://ci.example.com'), hostileText), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
/** Lambda gives the function the result of JSON.parse on the payload. */
const events = fc.oneof(
  damaged(valid.chain(mutatedJson)).map(parsed),
  fc.anything({ withNullPrototype: true, withObjectString: true }),
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const actionIn = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && 'action' in event ? event.action : undefined;

function read(event: unknown): MonitorEvent | EventError {
  try {
    return parseEvent(event);
  } catch (error) {
    if (error instanceof EventError) return error;
    throw error;
  }
}

describe('any event', () => {
  it('is refused with a message, or parsed as written', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(events, (event) => {
        const judged = read(event);
        expectCleanPrototypes();
        if (judged instanceof EventError) {
          refused += 1;
          expectShowable(judged.message, 'many');
          return;
        }
        accepted += 1;
        // Nothing falls through to an action that publishes.
        expect(judged.action).toBe(actionIn(event) ?? 'audit');
        expect(isScheduled(event)).toBe(judged.action === 'monitor');
        expect(permitted(judged)).toBe(true);
      }),
      fuzzing(2),
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });
});

/** It narrows to what is permitted, or is refused as a whole. */
function permitted(event: MonitorEvent): boolean {
  try {
    return narrow(event, [ISSUER]).every((issuer) => issuer === ISSUER);
  } catch (error) {
    if (!(error instanceof EventError)) throw error;
    expectShowable(error.message, 'many');
    return true;
  }
}
