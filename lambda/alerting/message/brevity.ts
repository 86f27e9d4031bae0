/** Shortens messages if third parties have sent so much that the whole would be too long to publish. */
import type { Finding } from '../../domain/types';
import { escapeLines } from '../../text/escape';
import { fewPolicies } from '../../remedies/policies';
import { remedySteps } from '../../remedies/steps';
import { abridge } from '../../text/quote';

const MAX_VALUES = 20;
/** Longer than any command that lists five thumbprints. Corrected policies are left out before. */
const MAX_COMMAND = 600;
/** More than any remedy of this product has. */
const MAX_STEPS = 5;

/** After the verdicts of a mail. */
export const ACTIONS = '\n\nWHAT TO DO\n\n';

/**
 * A mail, cut, and how to get all of it. However long its verdicts are, half of the length is for what to do.
 */
export function briefText(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const at = text.indexOf(ACTIONS);
  const [verdicts, rest] = at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  const shown = cutText(verdicts, Math.max(characters / 2, characters - rest.length));
  return `${shown}${cutText(rest, characters - shown.length)}\n\nThis text was cut because it is too long. To see all findings: thumbprint-monitor audit --output json\n`;
}

/** No pair of surrogates is cut in half. */
const cutText = (text: string, most: number): string =>
  text.length <= most ? text : `${Array.from(text.slice(0, most)).slice(0, -1).join('')}…`;

/** The parts of an event that may be long. */
interface Lengthy {
  readonly issuer: string | null;
  readonly providerArn: string | null;
  readonly listed: readonly string[];
  readonly expected: readonly string[];
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
}

/** An event with the first of its values, each cut. Optional facts of findings are left out. */
export function briefEvent<T extends Lengthy>(event: T): T {
  const some = (values: readonly string[]): readonly string[] => values.slice(0, MAX_VALUES).map(abridge);
  return {
    ...event,
    issuer: event.issuer === null ? null : abridge(event.issuer),
    providerArn: event.providerArn === null ? null : abridge(event.providerArn),
    listed: some(event.listed),
    expected: some(event.expected),
    roles: some(event.roles),
    findings: event.findings.slice(0, MAX_VALUES).map((finding) => ({
      check: finding.check,
      severity: finding.severity,
      message: abridge(finding.message),
      remedy: briefRemedy(finding.remedy),
    })),
  };
}

/**
 * A command is shown whole or not at all: half of one that replaces a list would replace it by a shorter
 * list.
 */
const briefRemedy = (remedy: string): string =>
  remedySteps(fewPolicies(0)(remedy))
    .slice(0, MAX_STEPS)
    .map(({ prose, command }) => {
      const shown = command === null ? '' : escapeLines(command);
      return shown === '' || shown.length > MAX_COMMAND ? abridge(prose) : `${abridge(prose)}\n${shown}`;
    })
    .join('\n\n');
