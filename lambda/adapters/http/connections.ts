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

/**
 * The connections to one origin. A second one is opened when the first one is full, whether or not it stands: who comes
 * while it is being set up waits for it no longer than for one of his own, and handshakes are the dearest part of a run.
 * Where it turns out to carry less than was thought, those without room go elsewhere. Where it could not be set up, all
 * who waited for it hear why: a host that is silent costs a run its time limit once, and not once a document. It is not
 * tried again, as undici 7 throws where nobody can catch it when a certificate names another host a second time.
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
    // What still asks after the end is to hear of it from its connection.
    if (this.isClosed()) void this.options.end(connection);
    return seat;
  }

  /** Where there is more room than was thought, all who wait look again. */
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
