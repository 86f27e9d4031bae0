/** Kept connections to hosts: as few as what is under way needs, and no task behind another one on them. */

/** A connection that is being set up. */
export interface Opening<C> {
  readonly connection: C;
  /** How many tasks it can carry side by side. Rejects where it could not be set up. */
  readonly room: Promise<number>;
}

/** What the connections are like. */
export interface ConnectionOptions<C> {
  readonly open: (origin: string) => Opening<C>;
  /** Ends a connection with all that is under way. */
  readonly end: (connection: C) => Promise<void>;
  /** The most connections to one origin. */
  readonly most: number;
  /** How much room to expect of an origin that has not been met. */
  readonly room: number;
}

/** All connections of one kind. */
export interface Connections<C> {
  /** Runs a task as soon as a connection has room for it, in the order of asking. */
  readonly use: <T>(origin: string, task: (connection: C) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface Seat<C> {
  readonly connection: C;
  /** Rejects, with the reason, where it could not be set up. */
  readonly met: Promise<void>;
  running: number;
}

interface Origin<C> {
  readonly seats: Seat<C>[];
  readonly waiting: (() => void)[];
  room: number;
}

/** Where there is more room than was thought, all who wait look again. */
function learn<C>(origin: Origin<C>, room: number): void {
  if (origin.room === room) return;
  origin.room = room;
  for (const look of origin.waiting.splice(0)) look();
}

/**
 * A second connection is opened when the first one is full, whether or not it stands: who comes while it is being set
 * up waits for it no longer than for one of his own, and handshakes are the dearest part of a run. Where it turns out
 * to carry less than was thought, those without room go elsewhere. Where it could not be set up, all who waited for it
 * hear why: a host that is silent costs a run its time limit once, and not once a document. It is not tried again, as
 * undici 7 throws where nobody can catch it when a certificate names another host a second time.
 */
export function connections<C>(options: ConnectionOptions<C>): Connections<C> {
  const origins = new Map<string, Origin<C>>();
  let closed = false;
  const seatsOf = (): readonly Seat<C>[] => [...origins.values()].flatMap(({ seats }) => seats);
  const openSeat = (name: string, origin: Origin<C>): Seat<C> => {
    const { connection, room } = options.open(name);
    const seat: Seat<C> = { connection, met: room.then((known) => learn(origin, known)), running: 0 };
    seat.met.catch(() => giveUp(seat, origin));
    origin.seats.push(seat);
    // What still asks after the end is to hear of it from its connection.
    if (closed) void options.end(connection);
    return seat;
  };
  const giveUp = (seat: Seat<C>, { seats, waiting }: Origin<C>): void => {
    seats.splice(seats.indexOf(seat), 1);
    void options.end(seat.connection);
    for (const look of waiting.splice(0)) look();
  };
  const sit = async (name: string, origin: Origin<C>): Promise<Seat<C>> => {
    for (;;) {
      const known = origin.seats.find(({ running }) => running < origin.room);
      if (known === undefined && origin.seats.length === options.most) {
        await new Promise<void>((go) => origin.waiting.push(go));
        continue;
      }
      const seat = known ?? openSeat(name, origin);
      seat.running += 1;
      // The first task sets the connection up.
      if (known === undefined) return seat;
      await seat.met;
      if (seat.running <= origin.room) return seat;
      seat.running -= 1;
    }
  };
  return {
    use: async (name, task) => {
      const origin = origins.get(name) ?? { seats: [], waiting: [], room: options.room };
      origins.set(name, origin);
      const seat = await sit(name, origin);
      try {
        return await task(seat.connection);
      } finally {
        seat.running -= 1;
        origin.waiting.shift()?.();
      }
    },
    close: async () => {
      closed = true;
      await Promise.all(seatsOf().map(({ connection }) => options.end(connection)));
    },
  };
}
