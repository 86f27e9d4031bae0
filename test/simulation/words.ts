/** What an event is about, and when two messages say the same. */
import type { Event } from './message';

/** What an event is about, in the ledger's words. */
export function factsOf({ eventType, listed, expected, findings }: Event): readonly string[] {
  const [kind = ''] = eventType.split('.');
  switch (kind) {
    case 'drift':
      return eventType.endsWith('.resolved')
        ? ['drift']
        : expected.filter((each) => !listed.includes(each)).map((each) => `drift ${each}`);
    case 'unknown':
      return ['unknown'];
    case 'finding':
      return findings.map(({ check }) => check);
    default:
      return [];
  }
}

/** An event as something that is sent once; null: reminders may follow. */
export function repetitionOf(event: Event): string | null {
  const { eventType, severity, findings } = event;
  if (eventType.endsWith('.reminder')) return null;
  const once = findings.filter(({ change }) => change !== undefined || eventType === 'update.refused');
  const words = once.length > 0 ? once.map((finding) => JSON.stringify(finding)) : factsOf(event);
  return [eventType, severity, ...words].join(' | ');
}
