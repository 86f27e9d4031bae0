/** The figures of a run for metrics and the log. */
import type { Failure, Report, TargetReport } from './types';
import { DAY_MS } from './duration';

/** Figures of one finished `monitor` run. */
export interface RunFacts {
  readonly milliseconds: number;
  readonly targetsChecked: number;
  readonly targetsDrifted: number;
  readonly targetsUnknown: number;
  /**
   * Until the first certificate of a served path expires, in days; null: no chain was collected. May be
   * negative.
   */
  readonly daysToExpiry: number | null;
  /** Null: not counted in this run. */
  readonly hasNoRecipients: boolean | null;
  /** Items of the store that could not be read and were replaced. */
  readonly unreadableItems: number;
  /** Items that another run had written in between. */
  readonly conflicts: number;
  /** The store did not save what the next run needs. */
  readonly isNotSaved: boolean;
  /** Failures that belong to no target. */
  readonly failures: readonly Failure[];
  readonly targets: readonly TargetReport[];
}

/** The figures that a report contains. */
export function factsOf(
  report: Omit<Report, 'text'>,
  others: Pick<RunFacts, 'hasNoRecipients' | 'unreadableItems' | 'conflicts' | 'isNotSaved'>,
): RunFacts {
  const { targets, failures, summary, startedAt, finishedAt } = report;
  const expiries = targets.flatMap(({ chains }) =>
    chains.flatMap(({ certificates }) =>
      certificates.filter(({ onPath }) => onPath).map(({ notAfter }) => Date.parse(notAfter)),
    ),
  );
  const first = expiries.reduce((earliest, each) => Math.min(earliest, each), Infinity);
  return {
    milliseconds: Date.parse(finishedAt) - Date.parse(startedAt),
    targetsChecked: targets.length,
    targetsDrifted: summary.drifted,
    targetsUnknown: summary.notAudited,
    daysToExpiry: Number.isFinite(first) ? (first - Date.parse(finishedAt)) / DAY_MS : null,
    failures,
    targets,
    ...others,
  };
}
