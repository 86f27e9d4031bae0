/** Repairs one list: reads it once more, writes it, and reads the result. */
import type { Failure, Outcome, Provider } from '../domain/types';
import { failure } from '../domain/errors';
import type { Updated } from '../checks/history/intents';
import type { Intent, TargetMemory } from '../state/schema';
import { planUpdate } from './plan';
import type { UpdatePlan, UpdateQuestion } from './plan';
import { beforeDeadline } from '../deadline';
import type { Ports } from '../ports';
import type { Followed } from '../checks/history/followed';
import { SECOND_MS } from '../domain/duration';

/** A list that may be written. */
export interface Candidate {
  readonly followed: Followed;
  readonly question: Omit<UpdateQuestion, 'candidates'>;
  readonly plan: Extract<UpdatePlan, { kind: 'write' }>;
  /** Saved before the list is written. */
  readonly intent: Intent;
}

/** The result. `memory`: the target's, to save at the end of the run. */
export interface AppliedUpdate {
  readonly issuer: string;
  readonly updated: Updated | null;
  /** Why nothing was written, if that must be reported. */
  readonly failure: Failure | null;
  readonly memory: TargetMemory;
  /** What was applied; null: nothing was. */
  readonly intent: Intent | null;
}

/** Failures by which AWS says that it wrote nothing. With others, such as a timeout, it is unknown. */
const CERTAIN = new Set<Failure['code']>([
  'AWS_ACCESS_DENIED',
  'AWS_CONFLICT',
  'AWS_CREDENTIALS',
  'AWS_NOT_FOUND',
]);

/** The ports that an update needs. */
export type Writer = Pick<Ports, 'readProvider' | 'updateThumbprints' | 'wait' | 'now' | 'deadline'>;

/** IAM is eventually consistent: how long, and how often, the list is read until the write is visible. */
const VISIBLE_MS = 30 * SECOND_MS;
const POLL_MS = 1_500;

/** Writes one list, whose intent has been saved: the next run detects a run that ends in between. */
export async function applyUpdate(candidate: Candidate, writer: Writer): Promise<AppliedUpdate> {
  const { followed, intent } = candidate;
  const { memory } = followed;
  const { issuer } = followed.report;
  const written = await writeList(candidate, writer);
  if (!written.ok) {
    const known = CERTAIN.has(written.failure.code) ? memory : { ...memory, intent };
    return { issuer, updated: null, failure: written.failure, memory: known, intent: null };
  }
  const { value } = written;
  if (value === null) return { issuer, updated: null, failure: null, memory, intent: null };
  return { issuer, updated: value, failure: null, memory: remembering(memory, value, intent.at), intent };
}

const remembering = (memory: TargetMemory, { added, list }: Updated, at: string): TargetMemory => ({
  ...memory,
  intent: null,
  added: [...new Set([...memory.added, ...added])],
  updatedAt: at,
  listed: list,
});

/** Null: the last read showed nothing left to write, or there was no time. */
async function writeList(candidate: Candidate, writer: Writer): Promise<Outcome<Updated | null>> {
  const arn = candidate.followed.report.providerArn ?? '';
  for (const isLast of [false, true]) {
    const current = await beforeDeadline(writer.readProvider(arn), writer.deadline);
    if (current === 'late') return { ok: true, value: null };
    if (!current.ok) return current;
    const plan = decideAgain(candidate, current.value);
    if (plan.kind !== 'write') return { ok: true, value: null };
    const written = await beforeDeadline(writer.updateThumbprints(arn, plan.list), writer.deadline);
    // The intent remains: the next run checks the result.
    if (written === 'late') return { ok: false, failure: UNANSWERED };
    if (written.ok) {
      const isVisible = await isShown(arn, plan.added, writer);
      const { before, list, added } = plan;
      return { ok: true, value: { before, list, added, isVisible, by: 'monitor' } };
    }
    // Somebody else wrote at the same time: read and decide once more.
    if (written.failure.code !== 'AWS_CONFLICT' || isLast) return written;
  }
  return { ok: true, value: null };
}

/** The list that is written is the one that was evaluated, or one that every guard has approved since. */
function decideAgain({ plan, question, followed, intent }: Candidate, current: Provider): UpdatePlan {
  const isSame = JSON.stringify(current.thumbprints) === JSON.stringify(plan.before);
  if (isSame) return plan;
  const again = planUpdate({ ...question, report: { ...followed.report, listed: current.thumbprints } });
  // What somebody has removed since is not in the intent, and the next run decides about it.
  const isIntended = again.kind === 'write' && again.added.every((each) => intent.added.includes(each));
  return isIntended ? again : { kind: 'none' };
}

/** The run still has to publish and save: if its time ends before the write is visible, it reports that. */
async function isShown(arn: string, added: readonly string[], writer: Writer): Promise<boolean> {
  for (let waited = 0; waited <= VISIBLE_MS; waited += POLL_MS) {
    const current = await beforeDeadline(writer.readProvider(arn), writer.deadline);
    if (current === 'late') return false;
    if (current.ok && added.every((each) => current.value.thumbprints.includes(each))) return true;
    if ((await beforeDeadline(writer.wait(POLL_MS), writer.deadline)) === 'late') return false;
  }
  return false;
}

const UNANSWERED = failure(
  'deadline',
  'DEADLINE_EXCEEDED',
  'The run ended before IAM answered the update. The next run checks whether the list has changed.',
);
