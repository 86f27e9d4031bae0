/** What an event is about, and when two messages say the same. */
import type { Event } from './message';

/** Checks that are alerted once. */
const CHANGES = /^(THUMB008|PROV006|PROV007)$/;

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
  const changes = findings.filter(
    ({ check }) => CHANGES.test(check) || /^(keys|updated|update)/.test(eventType),
  );
  const words = changes.length > 0 ? changes.map(({ message }) => message) : factsOf(event);
  return [eventType, severity, ...words].join(' | ');
}
