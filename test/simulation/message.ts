/** A message as a machine parses it. */
import * as v from 'valibot';
import type { AlertMessage } from '../../lambda/domain/message';

const BODY = v.object({
  events: v.array(
    v.object({
      eventType: v.string(),
      severity: v.string(),
      issuer: v.nullable(v.string()),
      listed: v.array(v.string()),
      expected: v.array(v.string()),
      findings: v.array(v.object({ check: v.string(), message: v.string() })),
    }),
  ),
  omittedEvents: v.literal(0),
});

/** One event about one target. */
export type Event = v.InferOutput<typeof BODY>['events'][number];

/** What was published, when, and whether there was a recipient. */
export interface Message {
  readonly sequence: number;
  readonly at: number;
  readonly isHeard: boolean;
  readonly events: readonly Event[];
}

/** Parses the body `default`. */
export const readEvents = ({ machine }: AlertMessage): readonly Event[] =>
  v.parse(BODY, JSON.parse(machine)).events;
