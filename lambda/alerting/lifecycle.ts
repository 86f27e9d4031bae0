/** When people are notified: first firing, changes, reminders, and resolved. Pure, one track at a time. */
import type { Finding, Severity } from '../domain/types';
import { evidenceOf, limitEvidence } from '../state/evidence';
import { storedFindings } from '../state/schema';
import type { Track } from '../state/schema';
import { SEVERITIES, compareSeverity } from '../domain/severity';
import type { FindingState, Subject } from '../checks/history/state-of-findings';
import { DAY_MS } from '../domain/duration';

/** Time from the last message to a reminder; null: there is none. */
const REMINDERS: Readonly<Record<Severity, number | null>> = {
  critical: DAY_MS,
  high: 3 * DAY_MS,
  medium: 30 * DAY_MS,
  low: null,
  info: null,
};

/** A second run confirms a finding; a failure may be temporary, so it takes three runs, or a day. */
const CONFIRMING_RUNS = 2;
const BLIND_RUNS = 3;
const BLIND_MS = DAY_MS;
/** Number of consecutive runs that must check for it and not find it before it is resolved. */
const CLEAN_RUNS = 2;

/** The circumstances of a run. */
export interface Moment {
  readonly now: Date;
  /** The state contains no earlier run: everything is alerted at once. */
  readonly baseline: boolean;
  /** A second look within this run found the same. */
  readonly confirmed: boolean;
  /** It is suppressed: it is followed, not alerted. */
  readonly accepted: boolean;
  /** How many values of evidence the track may have. */
  readonly room: number;
}

/** Why a track causes a notification. */
export type Occasion = 'firing' | 'reminder' | 'resolved';

/** A track after a run, before it is known whether a message was published. Null: it is deleted. */
export interface LifecycleStep {
  readonly track: Track | null;
  readonly occasion: Occasion | null;
  /** What this run found. Empty if it did not find it: then the text is generated from what is stored. */
  readonly findings: readonly Finding[];
  /** The values of evidence that this run found: a message names no others. */
  readonly found: readonly string[];
  /** It would be alerted now if it needed no further run: that is lost if the track cannot be saved. */
  readonly waiting: boolean;
}

const quiet = (track: Track | null, occasion: Occasion | null = null): LifecycleStep => ({
  track,
  occasion,
  findings: [],
  found: [],
  waiting: false,
});

/** Follows one track through one run. `key` is `drift`, `unknown` or the id of a check. */
export function followTrack(
  key: Track['key'],
  previous: Track | null,
  state: FindingState,
  moment: Moment,
): LifecycleStep {
  switch (state.kind) {
    case 'skipped':
      return quiet(previous);
    case 'absent':
      return previous === null ? quiet(null) : miss(previous);
    case 'present':
      return observeTrack(key, previous, state, moment);
  }
}

/** What a message about a track does not name. */
export interface Omission {
  readonly findings: readonly Finding[];
  /** The message names nothing of the track. */
  readonly isWhole: boolean;
}

/**
 * The track after a message that has recipients. A resolved one is deleted. What the message does not name
 * does not count as notified, unless an earlier message named it: neither what it has no room for, nor what
 * only an earlier run found.
 */
export function afterMessage(
  { track, occasion, findings, found }: LifecycleStep,
  now: Date,
  omission: Omission = NOTHING,
): Track | null {
  if (track === null || occasion === null || omission.isWhole) return track;
  if (occasion === 'resolved') return omission.findings.length === 0 ? null : track;
  const named = findings.filter((finding) => !omission.findings.includes(finding));
  if (named.length === 0 && omission.findings.length > 0) return track;
  const least = SEVERITIES.filter((each) => named.some(({ severity }) => severity === each)).at(-1);
  const unnamed = new Set([
    ...omission.findings.map(({ subject }) => evidenceOf(subject ?? 'itself')),
    ...(omission.findings.length === 0 || least === undefined
      ? []
      : SEVERITIES.filter((each) => compareSeverity(each, least) > 0).map((each) => `severity ${each}`)),
  ]);
  const earlier = track.notified?.evidence ?? [];
  const evidence = track.evidence
    .map(({ value }) => value)
    .filter((value) => (found.includes(value) && !unnamed.has(value)) || earlier.includes(value));
  return { ...track, notified: { at: now.toISOString(), evidence } };
}

const NOTHING: Omission = { findings: [], isWhole: false };

function miss(previous: Track): LifecycleStep {
  // The end of a refusal needs no message: the update has its own.
  if (previous.key === 'update') return quiet(null);
  const track = { ...previous, missed: previous.missed + 1 };
  if (previous.notified === null) return quiet(mayReturn(track) ? track : null);
  return quiet(track, track.missed >= CLEAN_RUNS ? 'resolved' : null);
}

/**
 * Edge servers alternate, so one clean run does not make a finding new. A failure ends with the first run
 * that succeeds.
 */
const mayReturn = ({ key, missed }: Track): boolean => key !== 'unknown' && missed < CLEAN_RUNS;

function observeTrack(
  key: Track['key'],
  previous: Track | null,
  { findings, severity, subjects }: Extract<FindingState, { kind: 'present' }>,
  moment: Moment,
): LifecycleStep {
  // Drift of another edge server from an earlier run still counts, but a run that does not find it does not
  // alert it.
  const isObserved = findings.length > 0 || key === 'unknown';
  const current = [
    ...subjects,
    // A more severe finding is new; a less severe one is not. So each severity up to this one is a subject of
    // its own.
    ...SEVERITIES.filter((each) => compareSeverity(each, severity) <= 0).map((each) => ({
      value: `severity ${each}`,
      foundNow: isObserved,
    })),
  ];
  const evidence = limitEvidence(
    weigh(previous?.evidence ?? [], current),
    previous?.notified?.evidence ?? [],
    moment.room,
  );
  const present = new Set(evidence.map(({ value }) => value));
  const track: Track = {
    key,
    since: previous?.since ?? moment.now.toISOString(),
    found: (previous?.found ?? 0) + 1,
    missed: 0,
    severity,
    evidence,
    ...(findings.length > 0 || previous === null
      ? storedFindings(findings)
      : { findings: previous.findings, more: previous.more }),
    // When its suppression ends it is new again, although people were notified before.
    notified: previous?.notified
      ? {
          ...previous.notified,
          evidence: moment.accepted ? [] : previous.notified.evidence.filter((value) => present.has(value)),
        }
      : null,
  };
  const isOpen = isObserved && !moment.accepted;
  const found = current.filter(({ foundNow }) => foundNow).map(({ value }) => value);
  const occasion = isOpen ? occasionOf(track, found, moment) : null;
  const waiting = isOpen && occasion === null && isNew(track, found, { ...moment, baseline: true });
  return { track, occasion, findings: unnamedFirst(findings, previous).map(plain), found, waiting };
}

/** Without the properties that only this run needs. */
const plain = ({ check, severity, message, remedy, subject, thumbprints }: Finding): Finding => ({
  check,
  severity,
  message,
  remedy,
  ...(subject === undefined ? {} : { subject }),
  ...(thumbprints === undefined ? {} : { thumbprints }),
});

/**
 * The most severe first, and of those the ones that no message has named yet: a message may have no room for
 * all.
 */
function unnamedFirst(findings: readonly Finding[], previous: Track | null): readonly Finding[] {
  const named = new Set(previous?.notified?.evidence ?? []);
  const isNamed = ({ subject }: Finding): number => Number(named.has(evidenceOf(subject ?? 'itself')));
  return [...findings].sort((a, b) => compareSeverity(b.severity, a.severity) || isNamed(a) - isNamed(b));
}

/** Subjects that alternate remain for one missed run. */
function weigh(previous: Track['evidence'], current: readonly Subject[]): Track['evidence'] {
  const earlier = new Map(previous.map((each) => [each.value, each.found]));
  const now = new Map(current.map((each) => [each.value, each.foundNow]));
  const found = [...now].map(([value, foundNow]) => ({
    value,
    found: (earlier.get(value) ?? 0) + (foundNow ? 1 : 0),
    missed: 0,
  }));
  const missed = previous
    .filter(({ value }) => !now.has(value))
    .map((each) => ({ ...each, missed: each.missed + 1 }))
    .filter((each) => each.missed < CLEAN_RUNS);
  return [...found, ...missed];
}

function occasionOf(track: Track, found: readonly string[], moment: Moment): Occasion | null {
  if (isNew(track, found, moment)) return 'firing';
  const interval = REMINDERS[track.severity];
  if (track.notified === null || interval === null) return null;
  return moment.now.getTime() - Date.parse(track.notified.at) >= interval ? 'reminder' : null;
}

/** Whether something is new that this run found, so that its message can name it. */
function isNew(track: Track, found: readonly string[], { now, baseline, confirmed }: Moment): boolean {
  if (track.key === 'unknown') {
    const age = now.getTime() - Date.parse(track.since);
    return track.notified === null && (baseline || track.found >= BLIND_RUNS || age >= BLIND_MS);
  }
  // A decision of the monitor itself needs no second look.
  const isCertain = baseline || confirmed || track.key === 'update';
  const ripe = track.evidence.filter((each) => isCertain || each.found >= CONFIRMING_RUNS);
  const known = new Set(track.notified?.evidence ?? []);
  return ripe.some(({ value }) => found.includes(value) && !known.has(value));
}
