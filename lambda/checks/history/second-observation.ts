/** Urgent findings are confirmed by a second observation in the same run, before anybody is alerted. */
import type { CheckId } from '../../domain/checks';
import type { Severity, TargetReport } from '../../domain/types';
import { openFindings } from '../suppressions';
import type { Followed } from './followed';
import { findingStates } from './state-of-findings';

/**
 * Whether a target has an urgent finding that people have not been notified of: a second observation in the same run confirms it
 * before the alert and before an update of the list. An earlier notification of another urgent finding, or
 * of another certificate, does not delay it.
 */
export const needsSecondObservation = (followed: Followed, now: Date, mayUpdate: boolean): boolean =>
  !followed.baseline &&
  urgentChecks(followed.report).length > 0 &&
  (mayUpdate ||
    findingStates(followed, now).some(({ key, state, accepted }) => {
      if (accepted || state.kind !== 'present' || !isUrgent({ check: key, severity: state.severity }))
        return false;
      const known = followed.memory.tracks.find((track) => track.key === key)?.notified?.evidence ?? [];
      const subjects = state.subjects.filter(({ foundNow }) => foundNow).map(({ value }) => value);
      return [`severity ${state.severity}`, ...subjects].some((value) => !known.includes(value));
    }));

/** The target, with those of its urgent checks confirmed that the second observation found again. */
export const confirmBy = (followed: Followed, second: TargetReport): Followed => {
  const again = urgentChecks(second);
  return {
    ...followed,
    confirmed: new Set(urgentChecks(followed.report).filter((check) => again.includes(check))),
  };
};

/** Critical, or a host that somebody else can take over at any time, whether a role trusts it already or not. */
const isUrgent = ({ check, severity }: { readonly check: string; readonly severity: Severity }): boolean =>
  severity === 'critical' || check === 'DISC005';

const urgentChecks = ({ findings }: TargetReport): readonly CheckId[] =>
  openFindings(findings)
    .filter(isUrgent)
    .map(({ check }) => check);
