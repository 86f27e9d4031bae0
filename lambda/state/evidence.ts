/**
 * The evidence of findings, as an item stores it: a short hash, so that all names take the same size whatever
 * their length, and a limit that the findings of one item share.
 */
import { createHash } from 'node:crypto';
import { SEVERITIES } from '../domain/severity';

/** 80 bits of SHA-256 in base64url. Two of a million roles have the same with a probability of 10^-12. */
const HASH_CHARACTERS = 14;

/** Maximum number of values of one target, or of the account, for all its tracks together: about 45 KB packed. */
export const MAX_EVIDENCE = 4_000;

/** Words of the monitor itself, not names that others chose: they stay readable. */
const WORDS: ReadonlySet<string> = new Set([
  'itself',
  ...SEVERITIES.map((severity) => `severity ${severity}`),
]);

const HASHED = /^#[\w-]{14}$/;

/** Whether an item can contain a text unchanged. */
export const isEvidence = (text: string): boolean => WORDS.has(text) || HASHED.test(text);

/** The value that represents a subject in an item. */
export const evidenceOf = (subject: string): string =>
  WORDS.has(subject)
    ? subject
    : `#${createHash('sha256').update(subject).digest('base64url').slice(0, HASH_CHARACTERS)}`;

/**
 * How many values each of several tracks may have, so that all have at most `total`: small ones retain all of
 * theirs, and the large ones share the rest equally. So a finding with thousands of subjects displaces no
 * other finding.
 */
export function shareOf(demands: readonly number[], total: number): number {
  if (demands.reduce((sum, each) => sum + each, 0) <= total) return Infinity;
  let left = total;
  const sorted = [...demands].sort((a, b) => a - b);
  for (const [index, demand] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (demand > share) return share;
    left -= demand;
  }
  return Infinity;
}

/** Values, and in how many runs each was collected and then missed. */
type StoredEvidence = readonly { readonly value: string; readonly found: number; readonly missed: number }[];

interface WithEvidence {
  readonly evidence: StoredEvidence;
  readonly notified: { readonly at: string; readonly evidence: readonly string[] } | null;
}

/**
 * At most `room` values: the words and the values that people were notified of first, then the others in
 * their order.
 */
export function limitEvidence(
  evidence: StoredEvidence,
  known: readonly string[],
  room: number,
): StoredEvidence {
  if (evidence.length <= room) return evidence;
  const before = new Set(known);
  const isFirst = ({ value }: StoredEvidence[number]): boolean => WORDS.has(value) || before.has(value);
  return [...evidence.filter(isFirst), ...evidence.filter((each) => !isFirst(each))].slice(0, room);
}

/** The tracks of an item with at most `total` values of evidence together. */
export function limitTracks<T extends WithEvidence>(tracks: readonly T[], total: number): readonly T[] {
  const room = shareOf(
    tracks.map(({ evidence }) => evidence.length),
    total,
  );
  return tracks.map((track) => {
    const evidence = limitEvidence(track.evidence, track.notified?.evidence ?? [], room);
    const values = new Set(evidence.map(({ value }) => value));
    const notified =
      track.notified === null
        ? null
        : { ...track.notified, evidence: track.notified.evidence.filter((value) => values.has(value)) };
    return { ...track, evidence, notified };
  });
}
