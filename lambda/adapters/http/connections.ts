/**
 * Reused connections to hosts: as few as the tasks in progress need, and no task waits for another one on
 * them.
 */

/** A connection that is being set up. */
export interface Opening<C> {
  readonly connection: C;
  /** How many tasks it can carry at a time. Rejects if it could not be set up. */
  readonly room: Promise<number>;
}

/** Options of the connections. */
export interface ConnectionOptions<C> {
  readonly open: (origin: string) => Opening<C>;
  /** Ends a connection with all tasks on it. */
  readonly end: (connection: C) => Promise<void>;
  /** The most connections to one origin. */
  readonly most: number;
  /** Expected number of tasks per connection to a new origin. */
  readonly room: number;
}

/** All connections of one kind. */
export interface Connections<C> {
  /** Runs a task as soon as a connection has room for it, in the order of the calls. */
  readonly use: <T>(origin: string, task: (connection: C) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface Seat<C> {
  readonly connection: C;
  /** Rejects, with the reason, if it could not be set up. */
  readonly met: Promise<void>;
  running: number;
}

/**
 * The connections to one origin. A second one is opened only when the first one is full, even if that is
 * still being set up: a task waits for it no longer than for a new one, and handshakes are the most expensive
 * part of a run. If it has less room than expected, the tasks without room use another one. If it could not
 * be set up, all its tasks fail with the reason: a host that does not answer costs a run its time limit once,
 * and not once per document. It is not tried again, as undici 7 throws an error that cannot be caught if a
 * certificate names another host a second time.
 */
class Origin<C> {
  private readonly seats: Seat<C>[] = [];
  private readonly waiting: (() => void)[] = [];
  private room: number;

  constructor(
    private readonly name: string,
    private readonly options: ConnectionOptions<C>,
    private readonly isClosed: () => boolean,
  ) {
    this.room = options.room;
  }

  async use<T>(task: (connection: C) => Promise<T>): Promise<T> {
    const seat = await this.sit();
    try {
      return await task(seat.connection);
    } finally {
      seat.running -= 1;
      this.waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.seats.map(({ connection }) => this.options.end(connection)));
  }

  private async sit(): Promise<Seat<C>> {
    for (;;) {
      const known = this.seats.find(({ running }) => running < this.room);
      if (known === undefined && this.seats.length === this.options.most) {
        await new Promise<void>((go) => this.waiting.push(go));
        continue;
      }
      const seat = known ?? this.open();
      seat.running += 1;
      // The first task sets the connection up.
      if (known === undefined) return seat;
      await seat.met;
      if (seat.running <= this.room) return seat;
      seat.running -= 1;
    }
  }

  private open(): Seat<C> {
    const { connection, room } = this.options.open(this.name);
    const seat: Seat<C> = { connection, met: room.then((known) => this.learn(known)), running: 0 };
    seat.met.catch(() => this.giveUp(seat));
    this.seats.push(seat);
    // A task that begins after the end fails because its connection has ended.
    if (this.isClosed()) void this.options.end(connection);
    return seat;
  }

  /** If the room differs from what was expected, all waiting tasks check again. */
  private learn(room: number): void {
    if (this.room === room) return;
    this.room = room;
    this.lookAgain();
  }

  private giveUp(seat: Seat<C>): void {
    this.seats.splice(this.seats.indexOf(seat), 1);
    void this.options.end(seat.connection);
    this.lookAgain();
  }

  private lookAgain(): void {
    for (const look of this.waiting.splice(0)) look();
  }
}

/** Connections to any number of origins. */
export function connections<C>(options: ConnectionOptions<C>): Connections<C> {
  const origins = new Map<string, Origin<C>>();
  let closed = false;
  return {
    use: (name, task) => {
      const origin = origins.get(name) ?? new Origin(name, options, () => closed);
      origins.set(name, origin);
      return origin.use(task);
    },
    close: async () => {
      closed = true;
      await Promise.all([...origins.values()].map((origin) => origin.close()));
    },
  };
}
