/** A message as a machine parses it. */
import * as v from 'valibot';
import type { AlertMessage } from '../../lambda/domain/message';

/** In a simulation no more things change at once than a message names. */
const NAMES = v.object({ names: v.array(v.string()), more: v.literal(0) });
const KEYS = v.object({ names: v.array(v.object({ kid: v.string() })), more: v.literal(0) });

/** As docs/alert.schema.json has it: the kinds that may happen here. */
const CHANGE = v.variant('kind', [
  v.object({
    kind: v.literal('thumbprints-added'),
    comparison: v.picklist(['served', 'not-served', 'not-compared']),
    isLater: v.boolean(),
    thumbprints: NAMES,
  }),
  v.object({ kind: v.literal('thumbprints-removed'), isOwn: v.boolean(), thumbprints: NAMES }),
  v.object({ kind: v.literal('update-lost'), startedAt: v.string(), thumbprints: NAMES }),
  v.object({
    kind: v.literal('list-updated'),
    by: v.picklist(['monitor', 'unknown']),
    before: v.array(v.string()),
    added: v.array(v.string()),
    list: v.array(v.string()),
    isVisible: v.boolean(),
  }),
  v.object({ kind: v.literal('audiences'), action: v.picklist(['added', 'removed']), audiences: NAMES }),
  v.object({ kind: v.literal('providers'), action: v.picklist(['created', 'deleted']), providers: NAMES }),
  v.object({ kind: v.literal('keys'), added: KEYS, removed: KEYS, published: v.number() }),
]);

/** Facts alone: no rule of the oracle depends on how a message words them. */
const FINDING = v.object({
  check: v.string(),
  subject: v.optional(v.string()),
  thumbprints: v.optional(v.array(v.string())),
  change: v.optional(CHANGE),
});

const BODY = v.object({
  events: v.array(
    v.object({
      eventType: v.string(),
      severity: v.string(),
      issuer: v.nullable(v.string()),
      listed: v.array(v.string()),
      expected: v.array(v.string()),
      findings: v.array(FINDING),
    }),
  ),
  omittedEvents: v.literal(0),
});

/** One event about one target. */
export type Event = v.InferOutput<typeof BODY>['events'][number];

export type Finding = v.InferOutput<typeof FINDING>;
export type Change = v.InferOutput<typeof CHANGE>;
export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

/** What was published, when, and whether there was a recipient. */
export interface Message {
  readonly sequence: number;
  readonly at: number;
  isHeard: boolean;
  readonly events: readonly Event[];
}

/** Parses the body `default`. */
export const readEvents = ({ machine }: AlertMessage): readonly Event[] =>
  v.parse(BODY, JSON.parse(machine)).events;
