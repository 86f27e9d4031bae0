/** Decides which lists are repaired, and repairs them if the run may. */
import type { Assignment } from '../config/assignment';
import { applyUpdate } from './apply';
import type { AppliedUpdate, Candidate } from './apply';
import type { ReportedUpdate } from '../domain/types';
import type { Store, StoredItem } from '../domain/store';
import { anchoredOnceIn } from '../checks/history/history';
import { planUpdate, refusalFinding, reportPlan, sharedByUnrelatedHosts, writeFailure } from './plan';
import type { UpdatePlan, UpdateQuestion } from './plan';
import { mayBegin } from '../deadline';
import type { Ports } from '../ports';
import type { LoadedState } from '../state/load';
import type { Observation } from '../checks/target';
import type { Followed } from '../checks/history/followed';
import { isAbout } from '../domain/checks';

/** Lists that are written at a time: IAM throttles writes. */
const WRITERS = 4;

/** The targets after the updates, and the loaded state with the new versions. */
export interface Remediated {
  readonly followed: readonly Followed[];
  readonly loaded: LoadedState;
}

/** The context of the run, in addition to the results. */
export interface Collected {
  readonly observations: readonly Observation[];
  readonly loaded: LoadedState;
}

interface Planned {
  readonly followed: Followed;
  readonly question: Omit<UpdateQuestion, 'candidates'>;
  readonly plan: UpdatePlan;
}

/** Plans every list; `monitor` writes a list if every guard passes, `audit` only reports it. */
export async function remediate(
  followed: readonly Followed[],
  { observations, loaded }: Collected,
  assignment: Assignment,
  ports: Ports,
  now: Date,
): Promise<Remediated> {
  const shared = sharedByUnrelatedHosts(followed.map(({ report }) => report));
  const planned = followed.flatMap((target, index): readonly Planned[] => {
    const observation = observations[index];
    if (observation === undefined) return [];
    const { update: mode, holdDownHours } = assignment.config;
    const { report, memory } = target;
    const confirmed = isConfirmed(target);
    const isRemembered = !loaded.isStateless;
    const question = {
      mode,
      holdDownHours,
      observation,
      report,
      memory,
      confirmed,
      isRemembered,
      shared,
      now,
    };
    return [{ followed: target, question, plan: planUpdate(question) }];
  });
  const { store } = ports;
  const canWrite = assignment.event.action === 'monitor' && store !== null;
  const attempts: Attempts = canWrite ? await attemptAll(planned, loaded, { ...ports, store }) : new Map();
  return {
    followed: planned.map((each) => settleOne(each, attempts.get(each.followed.report.issuer) ?? null)),
    loaded: withVersions(loaded, attempts),
  };
}

/** Whether the second look found every critical finding about the list again. */
function isConfirmed({ report, confirmed }: Followed): boolean {
  const critical = report.findings.filter(
    (finding) => finding.severity === 'critical' && isAbout(finding, 'thumbprints'),
  );
  return critical.length > 0 && critical.every(({ check }) => confirmed.has(check));
}

type Attempts = ReadonlyMap<string, AppliedUpdate>;

async function attemptAll(
  planned: readonly Planned[],
  { items }: LoadedState,
  writer: Ports & { readonly store: Store },
): Promise<Attempts> {
  const waiting = planned.flatMap(({ followed, question, plan }): readonly Candidate[] =>
    plan.kind === 'write' ? [{ followed, question, plan, ...stored(items.get(followed.report.issuer)) }] : [],
  );
  const done: AppliedUpdate[] = [];
  const work = async (): Promise<void> => {
    // The next run plans the remaining ones again.
    while (await mayBegin(writer.deadline)) {
      const next = waiting.shift();
      if (next === undefined) break;
      done.push(await applyUpdate(next, writer));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
  return new Map(done.map((each) => [each.issuer, each]));
}

const stored = (item: StoredItem | undefined): Pick<Candidate, 'version' | 'unreadable'> => ({
  version: item?.version ?? null,
  unreadable: item?.unreadable ?? null,
});

function settleOne({ followed, plan }: Planned, attempted: AppliedUpdate | null): Followed {
  const update = attempted === null ? reportPlan(plan) : outcomeOf(attempted);
  const report = update === null ? followed.report : { ...followed.report, update };
  const settled = { ...followed, report };
  if (plan.kind === 'refuse' && !plan.guard.quiet)
    return {
      ...settled,
      refusal: refusalFinding(report, plan.guard, plan.added, anchoredOnceIn(followed.memory)),
    };
  if (attempted === null) return settled;
  const { memory, updated, failure } = attempted;
  return {
    ...settled,
    memory,
    updated: updated ?? followed.updated,
    intent: updated === null ? followed.intent : attempted.intent,
    refusal: failure === null ? null : writeFailure(report, failure),
  };
}

function outcomeOf({ updated, failure }: AppliedUpdate): ReportedUpdate | null {
  if (updated !== null) {
    const message = `The monitor added ${updated.added.join(', ')}.`;
    return { decision: 'written', guard: null, message, list: updated.list };
  }
  return failure === null ? null : { decision: 'refused', guard: null, message: failure.message, list: null };
}

/** The items of the lists that were written have a newer version now: our own, with an intent in it. */
function withVersions(loaded: LoadedState, attempts: Attempts): LoadedState {
  const items = new Map(loaded.items);
  for (const { issuer, version } of attempts.values()) {
    items.set(issuer, { json: '', unreadable: null, ...items.get(issuer), version });
  }
  const target: LoadedState['target'] = (issuer) => (attempts.has(issuer) ? null : loaded.target(issuer));
  return { ...loaded, items, target };
}
