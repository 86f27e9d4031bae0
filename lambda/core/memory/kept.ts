/** What of a track an item keeps, so that DynamoDB takes it: 400 KB, whatever a run found. */
import type { Track } from './memory';

/** Of one check at one target: an account may have a thousand roles, and something wrong with each. */
const MOST_FINDINGS = 20;

/**
 * The track with the first of its findings. While it fires, a run tells its own; those that are kept are for the message
 * that it is over.
 */
export function kept(track: Track): Track {
  const { findings } = track;
  const [first] = findings;
  if (first === undefined || findings.length <= MOST_FINDINGS) return track;
  const shown = findings.slice(0, MOST_FINDINGS - 1);
  const message = `${findings.length - shown.length} more findings of ${first.check}.`;
  const { check, severity } = first;
  return { ...track, findings: [...shown, { check, severity, message, remedy: '' }] };
}
