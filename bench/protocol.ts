/** The commands of the bench to the process of its servers, and the answers. */
import * as v from 'valibot';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** `orgs` providers in an account of their own, for one issuer. `stale` lists a thumbprint that nobody serves. */
const Account = v.object({
  command: v.literal('account'),
  issuer: v.string(),
  orgs: count,
  listed: v.picklist(['served', 'stale']),
});

/** Milliseconds, from now on. */
const Delay = v.object({ command: v.literal('delay'), rtt: v.number() });
/** Resets the counters, and returns them. */
const Count = v.object({ command: v.literal('count') });
/** A token bucket in front of the Gets of every account; `null` removes it. */
const Throttle = v.object({
  command: v.literal('throttle'),
  bucket: v.nullable(v.object({ perSecond: v.number(), burst: count })),
});
/** Other certificates below the same root, for one issuer. */
const Rotate = v.object({ command: v.literal('rotate'), issuer: v.string() });
/** What has a delayed connection, and at which port. */
const Describe = v.object({ command: v.literal('describe') });

/** A command with the number that identifies its answer. */
export const Request = v.object({
  id: count,
  order: v.variant('command', [Account, Delay, Count, Throttle, Rotate, Describe]),
});
export type Order = v.InferOutput<typeof Request>['order'];

/** An answer. */
export const Reply = v.object({ id: count, result: v.unknown() });

/** An account as clients use it, through the delayed connection. */
export const AccountMade = v.object({
  url: v.string(),
  topicArn: v.string(),
  table: v.object({ url: v.string(), name: v.string() }),
});

/** What the servers counted since the last request for it. */
export const Counted = v.object({
  /** Handshakes that went as far as the server's certificate. */
  handshakes: count,
  /** Connections that carried at least one request. */
  documentConnections: count,
  /** The most requests that one connection carried at one time. */
  streams: count,
  documents: count,
  gets: count,
  calls: count,
  published: count,
});
export type Counted = v.InferOutput<typeof Counted>;

/** What is ready. `thumbprints` are those served now. */
export const Described = v.object({
  root: v.string(),
  echoPort: count,
  issuers: v.record(
    v.string(),
    v.object({
      url: v.string(),
      name: v.string(),
      addresses: v.array(v.string()),
      thumbprints: v.array(v.string()),
    }),
  ),
});
export type Described = v.InferOutput<typeof Described>;
