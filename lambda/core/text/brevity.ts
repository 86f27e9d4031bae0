/** Messages cut short where strangers have sent so much that all of it would be too long to be sent on. */
import type { Finding } from '../domain';
import { abridge } from './quote';

const MOST_VALUES = 20;

/** A mail, cut, and what to do about it. */
export function briefText(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const shown = Array.from(text.slice(0, characters)).slice(0, -1).join('');
  return `${shown}…\n\nCut for length: invoke the function with {"action":"audit"} to see all.\n`;
}

/** What of an event may be long. */
interface Lengthy {
  readonly issuer: string | null;
  readonly providerArn: string | null;
  readonly listed: readonly string[];
  readonly expected: readonly string[];
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
}

/** An event with the first of its values, each cut. */
export function briefEvent<T extends Lengthy>(event: T): T {
  const some = (values: readonly string[]): readonly string[] => values.slice(0, MOST_VALUES).map(abridge);
  return {
    ...event,
    issuer: event.issuer === null ? null : abridge(event.issuer),
    providerArn: event.providerArn === null ? null : abridge(event.providerArn),
    listed: some(event.listed),
    expected: some(event.expected),
    roles: some(event.roles),
    findings: event.findings.slice(0, MOST_VALUES).map((finding) => ({
      check: finding.check,
      severity: finding.severity,
      message: abridge(finding.message),
      remedy: abridge(finding.remedy),
    })),
  };
}
