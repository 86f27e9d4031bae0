/** What others changed in IAM, and listed values that no host serves. Needs no additional calls. */
import type { Finding, TargetReport } from '../../domain/types';
import { AUDIENCE, THUMBPRINT, nameAll } from '../../state/identifiers';
import type { TargetMemory } from '../../state/schema';
import type { ObservedTarget } from './observed';
import { isThumbprint, normaliseThumbprint } from '../../x509/thumbprint';
import type { Change } from '../../state/change';
import { DAY_MS } from '../../domain/duration';

/** Certificates collected within this time count as served: edge servers and rotations alternate. */
export const WINDOW_MS = 7 * DAY_MS;

/** THUMB008 and PROV007: what was added to a provider, or removed, since the last run that could read it. */
export function evaluateListChanges(previous: TargetMemory, observed: ObservedTarget): readonly Change[] {
  if (observed.audiences === null) return [];
  return [
    ...(previous.listed === null ? [] : thumbprintChanges(previous, previous.listed, observed)),
    ...(previous.audiences === null ? [] : audienceChanges(previous.audiences, observed.audiences)),
  ];
}

/** Entries that the monitor has added or begun to add; none if updates are off, whatever the state says. */
export const ownAdditions = (
  { added, intent }: Pick<TargetMemory, 'added' | 'intent'>,
  { mayUpdate }: Pick<ObservedTarget, 'mayUpdate'>,
): readonly string[] => (mayUpdate ? [...added, ...(intent?.added ?? [])] : []);

/**
 * Whether a listed thumbprint can be compared with what the issuer serves. If its documents could not be
 * read, the host of its keys is not known, and the chains of another host prove nothing.
 */
const isComparable = ({ report }: ObservedTarget): boolean =>
  report.failure === undefined && report.chains.length > 0;

/**
 * Thumbprints whose addition is alerted before they can be compared: an attacker who adds one may also make
 * the issuer unreachable. The first run that can compare them reports the result.
 */
export function notComparedAfter(
  previous: TargetMemory,
  observed: ObservedTarget,
  changes: readonly Change[],
): readonly string[] {
  if (observed.audiences === null) return previous.notCompared;
  if (isComparable(observed)) return [];
  const listed = observed.report.listed.map(normaliseThumbprint);
  const added = changes.flatMap((change) =>
    change.kind === 'thumbprints-added' && change.comparison === 'not-compared'
      ? change.thumbprints.names
      : [],
  );
  return [...new Set([...previous.notCompared, ...added])].filter((each) => listed.includes(each));
}

function thumbprintChanges(
  { added: done, intent, notCompared }: TargetMemory,
  before: readonly string[],
  observed: ObservedTarget,
): readonly Change[] {
  const now = observed.report.listed.map(normaliseThumbprint);
  const ours = ownAdditions({ added: done, intent }, observed);
  const added = without(now, [...before, ...ours]);
  const gone = without(before, now);
  const own = gone.filter((each) => ours.includes(each));
  const earlier = notCompared.filter((each) => now.includes(each) && !added.includes(each));
  const additions = (values: readonly string[], isLater: boolean): readonly Change[] => {
    const change = (comparison: ListComparison, of: readonly string[]): readonly Change[] =>
      of.length === 0
        ? []
        : [{ kind: 'thumbprints-added', comparison, isLater, thumbprints: nameAll(of, THUMBPRINT) }];
    if (!isComparable(observed)) return isLater ? [] : change('not-compared', values);
    const strange = without(values, observed.verified);
    return [...change('not-served', strange), ...change('served', without(values, strange))];
  };
  const removals = (values: readonly string[], isOwn: boolean): readonly Change[] =>
    values.length === 0
      ? []
      : [{ kind: 'thumbprints-removed', isOwn, thumbprints: nameAll(values, THUMBPRINT) }];
  return [
    ...additions(added, false),
    ...additions(earlier, true),
    ...removals(own, true),
    ...removals(without(gone, own), false),
  ];
}

type ListComparison = Extract<Change, { kind: 'thumbprints-added' }>['comparison'];

function audienceChanges(before: readonly string[], now: readonly string[]): readonly Change[] {
  const change = (action: 'added' | 'removed', values: readonly string[]): readonly Change[] =>
    values.length === 0 ? [] : [{ kind: 'audiences', action, audiences: nameAll(values, AUDIENCE) }];
  return [...change('added', without(now, before)), ...change('removed', without(before, now))];
}

const without = (from: readonly string[], what: readonly string[]): readonly string[] => [
  ...new Set(from.filter((each) => !what.includes(each))),
];

/**
 * THUMB003: listed values that no served chain contained during the whole window. Reported only after a whole
 * window of runs, and only if this run could collect the chains.
 */
export function evaluateStale(memory: TargetMemory, report: TargetReport, now: Date): readonly Finding[] {
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
  const aside =
    placeholders.length === 0 ? '' : ` Not a certificate, but a placeholder: ${placeholders.join(', ')}.`;
  return {
    check: 'THUMB003',
    severity: 'info',
    thumbprints: stale,
    message: `The list has entries that no server has used for 7 days: ${stale.join(', ')}.${aside}`,
    remedy:
      enforced === false
        ? 'You can remove a thumbprint that the issuer does not plan to use.'
        : 'Keep a thumbprint that the issuer plans to use: it must be listed before a server uses it.',
  };
}

/** Expected values of this run and of those of the last seven days. */
export const expectedLately = (memory: TargetMemory, now: Date): readonly string[] =>
  memory.thumbprints
    .filter(({ expected }) => expected !== null && now.getTime() - Date.parse(expected) < WINDOW_MS)
    .map(({ thumbprint }) => thumbprint);
