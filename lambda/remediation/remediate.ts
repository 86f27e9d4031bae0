/** Decides which lists are repaired, and repairs them if the run may. */
import type { Assignment } from '../config/assignment';
import { isUpdatable } from '../config/scope';
import { applyUpdate } from './apply';
import type { AppliedUpdate, Candidate, Writer } from './apply';
import type { ReportedUpdate } from '../domain/types';
import { anchoredOnceIn } from '../checks/history/history';
import { planUpdate, refusalFinding, reportPlan, sharedByUnrelatedHosts, writeFailure } from './plan';
import type { UpdatePlan, UpdateQuestion } from './plan';
import { mayBegin } from '../deadline';
import type { Ports } from '../ports';
import { stateIds } from '../state/load';
import type { LoadedState } from '../state/load';
import { saveIntents } from '../state/save';
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
    // If its state could not be read, nobody can say what people removed.
    const needed = [...Object.values(stateIds(assignment.account)), report.issuer];
    const isRemembered = !loaded.isStateless && !needed.some((id) => loaded.unreadable.includes(id));
    const question = {
      mode,
      isPermitted: isUpdatable(report.issuer, assignment.config),
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
  const written = await writeLists(planned, loaded, assignment, ports);
  return {
    followed: planned.map((each) =>
      settleOne(each, written.attempts.get(each.followed.report.issuer) ?? null),
    ),
    loaded: written.loaded,
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

/**
 * Writes the planned lists. All intents are saved first, with one write: a second run at the same time finds the
 * item changed and writes nothing.
 */
async function writeLists(
  planned: readonly Planned[],
  loaded: LoadedState,
  { event, account }: Assignment,
  ports: Writer & Pick<Ports, 'store'>,
): Promise<{ readonly attempts: Attempts; readonly loaded: LoadedState }> {
  const { store } = ports;
  const at = ports.now().toISOString();
  const candidates = planned.flatMap(({ followed, question, plan }): readonly Candidate[] =>
    plan.kind === 'write' ? [{ followed, question, plan, intent: { at, added: plan.added } }] : [],
  );
  const isPossible = event.action === 'monitor' && store !== null && candidates.length > 0;
  if (!isPossible || !(await mayBegin(ports.deadline))) return { attempts: new Map(), loaded };
  const intents = candidates.map(
    ({ followed: { report, memory }, intent }) => [report.issuer, { memory, intent }] as const,
  );
  const saved = await saveIntents(new Map(intents), loaded, { store, account });
  if (!saved.ok || saved.value === null) {
    const failure = saved.ok ? null : saved.failure;
    const attempts = candidates.map(({ followed: { report, memory } }): readonly [string, AppliedUpdate] => [
      report.issuer,
      { issuer: report.issuer, updated: null, failure, memory, intent: null },
    ]);
    return { attempts: new Map(attempts), loaded };
  }
  return { attempts: await attemptAll(candidates, ports), loaded: saved.value };
}

async function attemptAll(candidates: readonly Candidate[], writer: Writer): Promise<Attempts> {
  const waiting = [...candidates];
  const done = new Map<string, AppliedUpdate>();
  const work = async (): Promise<void> => {
    // The next run plans the remaining ones again.
    while (await mayBegin(writer.deadline)) {
      const next = waiting.shift();
      if (next === undefined) break;
      done.set(next.followed.report.issuer, await applyUpdate(next, writer));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
  return done;
}

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
