/** What people know of one target, and what they must know by now: the rules of alerting, from the contract alone. */
import type { Change, Event, Message } from './message';
import { factsOf, repetitionOf } from './words';
import type { ProviderState, Dated } from './world';

/** One thing that fires and ends: in how many recorded runs in a row it was there, or was not. */
export interface Streak {
  readonly present: number;
  readonly absent: number;
}

/** `quiet`: it is there, and need not be told of: it is accepted. */
export type Presence = 'present' | 'quiet' | 'absent' | 'unseen';

const AFTER: Readonly<Record<Presence, (before: Streak) => Streak>> = {
  present: ({ present }) => ({ present: present + 1, absent: 0 }),
  quiet: ({ present }) => ({ present, absent: 0 }),
  absent: ({ absent }) => ({ present: 0, absent: absent + 1 }),
  unseen: (before) => before,
};

/** Of one target, or of the account. */
export class Ledger {
  /** What was alerted and not resolved: `drift <thumbprint>`, `unknown`, a check. */
  readonly open = new Set<string>();
  /** The same, as far as it was saved. */
  readonly owed = new Set<string>();
  readonly streaks = new Map<string, Streak>();
  /** When recorded runs last collected each thumbprint at the end of a chain. */
  readonly sightings = new Map<string, number>();
  /** As the last recorded run read it. */
  read: Dated<ProviderState> | null = null;
  /** Updates of the list, by their sequence, that a recorded run must still report. */
  readonly updates = new Set<number>();
  listing: { readonly arns: readonly string[]; readonly sequence: number } | null = null;
  /** Signing keys: in how many recorded runs each was collected, and then missed. */
  readonly kids = new Map<
    string,
    { readonly seen: number; readonly missed: number; readonly isKnown: boolean }
  >();
  /** What recorded runs have sent while nothing changed. A run that knows of it must not send it again. */
  readonly recorded = new Set<string>();
  /** How often, since then. */
  readonly said = new Map<string, number>();
  private state = '';
  /** Everything that was received. */
  readonly heard: { readonly sequence: number; readonly event: Event }[] = [];

  /**
   * People read a message. If its run could not save that something is resolved, the monitor still counts it as
   * alerted: it says so again, or reminds of it if it comes back.
   */
  hear({ sequence, isHeard }: Message, event: Event, isSaved: boolean): void {
    if (!isHeard) return;
    this.heard.push({ sequence, event });
    if (isSaved || !event.eventType.endsWith('.resolved')) turn(this.open, event);
  }

  /** The run that sent it has saved that: no other run need send it again, and one must report its resolution. */
  write = (event: Event): void => {
    const words = repetitionOf(event);
    if (words !== null) this.recorded.add(words);
    turn(this.owed, event);
  };

  /** Whether people received such a change after a moment. */
  heardOf = (isIt: (change: Change) => boolean, since: number): boolean =>
    this.heard.some(
      ({ sequence, event }) =>
        sequence > since && event.findings.some(({ change }) => change !== undefined && isIt(change)),
    );

  /** A recorded run collected this state of the world: words about another one may be sent again. */
  settle(state: string): void {
    if (state !== this.state) {
      this.recorded.clear();
      this.said.clear();
    }
    this.state = state;
  }

  count(fact: string, presence: Presence): Streak {
    const before = this.streaks.get(fact) ?? { present: 0, absent: 0 };
    const after = AFTER[presence](before);
    this.streaks.set(fact, after);
    return after;
  }
}

function turn(open: Set<string>, event: Event): void {
  const facts = factsOf(event);
  if (!event.eventType.endsWith('.resolved')) facts.forEach((fact) => open.add(fact));
  else for (const each of open) if (facts.includes(each.replace(/^drift .*/, 'drift'))) open.delete(each);
}
