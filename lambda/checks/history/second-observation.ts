/** Critical findings are confirmed by a second observation in the same run, before anybody is alerted. */
import type { CheckId } from '../../domain/checks';
import type { Finding, TargetReport } from '../../domain/types';
import type { Followed } from './followed';
import { findingStates } from './state-of-findings';

/**
 * Whether a target has a critical finding that people have not been notified of: a second observation in the same run confirms it
 * before the alert and before an update of the list. An earlier notification of another critical finding, or
 * of another certificate, does not delay it.
 */
export const needsSecondObservation = (followed: Followed, now: Date, mayUpdate: boolean): boolean =>
  !followed.baseline &&
  criticalChecks(followed.report).length > 0 &&
  (mayUpdate ||
    findingStates(followed, now).some(({ key, state, accepted }) => {
      if (accepted || state.kind !== 'present' || state.severity !== 'critical') return false;
      const known = followed.memory.tracks.find((track) => track.key === key)?.notified?.evidence ?? [];
      const subjects = state.subjects.filter(({ foundNow }) => foundNow).map(({ value }) => value);
      return ['severity critical', ...subjects].some((value) => !known.includes(value));
    }));

/** The target, with those of its critical checks confirmed that the second observation found again. */
export const confirmBy = (followed: Followed, second: TargetReport): Followed => {
  const again = criticalChecks(second);
  return {
    ...followed,
    confirmed: new Set(criticalChecks(followed.report).filter((check) => again.includes(check))),
  };
};

const isCritical = ({ severity, accepted }: Finding): boolean =>
  severity === 'critical' && accepted === undefined;

const criticalChecks = ({ findings }: TargetReport): readonly CheckId[] =>
  findings.filter(isCritical).map(({ check }) => check);
