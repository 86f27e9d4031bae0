/** The report of a run: sorted, JSON-safe, the same for the function, the command line and the mail. */
import type {
  Action,
  Failure,
  Finding,
  Report,
  ReportedTrustStore,
  SkippedCheck,
  Summary,
  TargetReport,
} from '../domain/types';
import { openFindings } from '../checks/suppressions';
import { reportText } from './text';
import type { UntoldReport } from './text';
import { gravest } from '../domain/severity';

/** The results of a run, before they are sorted. */
export interface Findings {
  readonly action: Action;
  readonly account: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly targets: readonly TargetReport[];
  readonly findings?: readonly Finding[];
  readonly failures?: readonly Failure[];
  readonly notes?: readonly string[];
  readonly skipped?: readonly SkippedCheck[];
  readonly trustStore?: ReportedTrustStore;
}

/** Sorts a run's results: targets by issuer, then by provider. */
export function assembleReport(run: Findings): UntoldReport {
  const { action, account, findings = [], failures = [], notes = [], skipped = [] } = run;
  const targets = [...run.targets].sort(
    (a, b) => compare(a.issuer, b.issuer) || compare(a.providerArn ?? '', b.providerArn ?? ''),
  );
  return {
    schemaVersion: 1,
    action,
    account,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    findings,
    failures,
    ...(notes.length === 0 ? {} : { notes }),
    ...(skipped.length === 0 ? {} : { skipped }),
    ...(run.trustStore === undefined ? {} : { trustStore: run.trustStore }),
    summary: summarise(targets, findings),
    targets,
  };
}

/** The report with the text that a person reads. */
export const withText = (report: UntoldReport): Report => ({ ...report, text: reportText(report) });

function summarise(targets: readonly TargetReport[], findings: readonly Finding[]): Summary {
  const having = (status: TargetReport['status']): number =>
    targets.filter((one) => one.status === status).length;
  const all = [...findings, ...targets.flatMap((target) => target.findings)];
  return {
    inSync: having('in-sync'),
    drifted: having('drifted'),
    providerMissing: having('provider-missing'),
    notAudited: having('not-audited'),
    accepted: all.length - openFindings(all).length,
    worst: gravest(openFindings(all).map(({ severity }) => severity)),
  };
}

/** By code unit, so that the order is the same in every locale. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
