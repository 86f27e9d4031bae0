/** What others changed in IAM, and what a list holds that nobody serves. Seen in calls that are made anyway. */
import type { Finding, TargetReport } from '../domain';
import type { TargetMemory } from './memory';
import { quote } from '../text/quote';
import { lookInCloudTrail } from '../../remedies/remedy';
import type { Seen } from './seen';
import { isThumbprint, normaliseThumbprint } from '../certificates/thumbprint';

/** Certificates seen within this time count as served: edges and rotations take turns. */
export const WINDOW_MS = 7 * 86_400_000;

/** THUMB008 and PROV007: what was added to a provider, or taken away, since the last run that could read it. */
export function judgeListChanges(
  previous: TargetMemory,
  { report, audiences, verified }: Seen,
): readonly Finding[] {
  if (audiences === null) return [];
  const listed = report.listed.map(normaliseThumbprint);
  return [
    ...(previous.listed === null
      ? []
      : thumbprintChanges(previous, previous.listed, listed, report.chains.length > 0 ? verified : null)),
    ...(previous.audiences === null ? [] : audienceChanges(previous.audiences, audiences)),
  ];
}

const STRANGE =
  'No chain that verifies from here holds it. Where AWS checks the list, its owner can stand in for the issuer.';
const BLIND = 'No chain could be seen in this run, so whether the issuer serves it is not known.';

/** `verified`: thumbprints on chains that verify; null: no chain could be seen. */
function thumbprintChanges(
  { added: done, intent }: TargetMemory,
  before: readonly string[],
  now: readonly string[],
  verified: readonly string[] | null,
): readonly Finding[] {
  const ours = [...done, ...(intent?.added ?? [])];
  const added = without(now, [...before, ...ours]);
  const strange = without(added, verified ?? []);
  const gone = without(before, now);
  const removed = without(gone, ours);
  const why = verified === null ? BLIND : STRANGE;
  const change = { check: 'THUMB008', event: 'UpdateOpenIDConnectProviderThumbprint' } as const;
  return [
    ...told({ ...change, severity: 'high' }, strange, (values) => `added ${values} to the list. ${why}`),
    ...told(
      { ...change, severity: 'info' },
      without(added, strange),
      (values) => `added ${values} to the list; the issuer serves it.`,
    ),
    ...told(
      { ...change, severity: 'medium' },
      without(gone, removed),
      (values) =>
        `removed ${values} from the list, which the monitor had added. That is respected: it is not added again.`,
    ),
    ...told({ ...change, severity: 'info' }, removed, (values) => `removed ${values} from the list.`),
  ];
}

function audienceChanges(before: readonly string[], now: readonly string[]): readonly Finding[] {
  return [
    ...told(
      { check: 'PROV007', severity: 'medium', event: 'AddClientIDToOpenIDConnectProvider' },
      without(now, before),
      (values) => `added the audience ${values}: tokens made for it are accepted now.`,
    ),
    ...told(
      { check: 'PROV007', severity: 'info', event: 'RemoveClientIDFromOpenIDConnectProvider' },
      without(before, now),
      (values) => `removed the audience ${values}.`,
    ),
  ];
}

/** One finding for all values that somebody changed alike; none for none. `event`: its name in CloudTrail. */
const told = (
  { event, ...about }: Pick<Finding, 'check' | 'severity'> & { readonly event: string },
  values: readonly string[],
  what: (values: string) => string,
): readonly Finding[] =>
  values.length === 0
    ? []
    : [{ ...about, message: `Somebody ${what(shown(values))}`, remedy: lookInCloudTrail(event) }];

const without = (from: readonly string[], what: readonly string[]): readonly string[] => [
  ...new Set(from.filter((each) => !what.includes(each))),
];

/** An IAM provider may have a hundred audiences. */
const MOST_SHOWN = 10;

function shown(values: readonly string[]): string {
  const rest = values.length - MOST_SHOWN;
  const words = values.slice(0, MOST_SHOWN).map((value) => (isThumbprint(value) ? value : quote(value)));
  return `${words.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/**
 * THUMB003: listed values that no served chain has shown during the whole window. Known only once the window has
 * been watched; said only where this run could see the chains.
 */
export function judgeStale(memory: TargetMemory, report: TargetReport, now: Date): readonly Finding[] {
  if (report.failure !== undefined || report.chains.length === 0) return [];
  if (now.getTime() - Date.parse(memory.firstRun) < WINDOW_MS) return [];
  const recent = memory.thumbprints
    .filter(({ last }) => now.getTime() - Date.parse(last) < WINDOW_MS)
    .map(({ thumbprint }) => thumbprint);
  const stale = without(report.listed.map(normaliseThumbprint), recent).filter(isThumbprint);
  return stale.length === 0 ? [] : [staleFinding(stale, report.enforced)];
}

function staleFinding(stale: readonly string[], enforced: boolean | null): Finding {
  const placeholders = stale.filter((each) => /^(.)\1*$/.test(each));
  const aside = placeholders.length === 0 ? '' : ` ${shown(placeholders)} is a placeholder.`;
  return {
    check: 'THUMB003',
    severity: 'info',
    message: `No chain has shown ${shown(stale)} for 7 days.${aside}`,
    remedy:
      enforced === false
        ? 'It can be removed, if nobody plans to serve it.'
        : 'Leave it, if a change to it is planned: a value must be listed before a server changes to it.',
  };
}

/** Values that AWS might meet, by this run and by those of the last seven days. */
export const expectedLately = (memory: TargetMemory, now: Date): readonly string[] =>
  memory.thumbprints
    .filter(({ expected }) => expected !== null && now.getTime() - Date.parse(expected) < WINDOW_MS)
    .map(({ thumbprint }) => thumbprint);
