/** Publishes alerts, then saves that they were published: an alert may be repeated, but is never lost. */
import { hasRecipients } from '../checks/history/account';
import type { Notification } from '../domain/notification';
import type { Finding, Report } from '../domain/types';
import type { PublishError } from '../domain/errors';
import { ACCOUNT_ITEM } from '../state/schema';
import type { AccountMemory } from '../state/schema';
import { isMessageDay, notSaved } from '../checks/history/not-saved';
import { REPETITIONS_ITEM } from '../state/repetition';
import type { Saved } from '../domain/store';
import type { Ports } from '../ports';
import type { Delivered } from './deliver';
import { saveState } from '../state/save';
import type { LoadedState } from '../state/load';
import type { Decision } from './decision';

/** The results of a run that may be alerted. */
export interface RunOutcome {
  readonly decision: Decision;
  /** The updates of the decision as notifications. */
  readonly updates: readonly Notification[];
  readonly account: AccountMemory;
  readonly loaded: LoadedState;
  readonly report: Omit<Report, 'text'>;
  /** Minutes between two scheduled runs. */
  readonly intervalMinutes: number;
}

/**
 * Publishes, then saves; throws PublishError if the alert could not be published, and nothing is saved. A
 * failure of the chat fails the run, too, but only after the alert has been recorded, so that nobody gets the
 * same mail twice.
 */
export async function notify(outcome: RunOutcome, ports: Ports): Promise<NotifyResult> {
  const { decision, loaded } = outcome;
  const { failure, omitted } = await deliverDecision(outcome, ports);
  const recipients = await recipientsNow(outcome, ports);
  const memories = decision.memories(hasRecipients(recipients), omitted);
  const saved = await saveDecision(
    { ...memories, account: { ...memories.account, ...recipients } },
    loaded,
    ports,
  );
  const second = saved.ok ? null : await deliverNotSaved(outcome, saved, ports);
  const failed = failure ?? second?.failed ?? null;
  if (failed !== null) throw failed;
  return { saved, finding: second?.finding ?? null };
}

/** How a run ended. `finding`: OPS002 if its state could not be saved. */
export interface NotifyResult {
  readonly saved: Saved;
  readonly finding: Finding | null;
}

type NotSaved = Extract<Saved, { ok: false }>;

/**
 * If nothing can be saved, what waits for a second run would wait for ever. So it is alerted now, in a second
 * message with OPS002: once a day, or in every run that has something critical.
 */
async function deliverNotSaved(
  { decision, loaded, report, intervalMinutes }: RunOutcome,
  { failure, unsaved }: NotSaved,
  ports: Ports,
): Promise<{ readonly finding: Finding; readonly failed: PublishError | null }> {
  const isUnsaved = (id: string): boolean => unsaved === undefined || unsaved.includes(id);
  const waiting = decision.waiting
    .filter(({ id }) => isUnsaved(id))
    .flatMap(({ notifications }) => notifications);
  const lastSaved = (unsaved ?? [ACCOUNT_ITEM]).map((id) => lastSavedOf(id, loaded));
  const known = lastSaved.filter((each) => each !== null).sort();
  const finding = notSaved(failure, known[0] ?? null);
  const mustDeliver =
    waiting.some(({ severity }) => severity === 'critical') ||
    lastSaved.some((each) => isMessageDay(each, ports.now(), intervalMinutes));
  if (!mustDeliver) return { finding, failed: null };
  const { deliver } = await import('./deliver');
  const own: Notification = {
    eventType: 'finding.firing',
    severity: finding.severity,
    target: null,
    findings: [finding],
    since: report.startedAt,
  };
  const delivered = await deliver(
    { updates: [], notifications: [own, ...waiting] },
    { report, remarks: waiting.length === 0 ? [] : [WITHOUT_CONFIRMATION] },
    ports,
  );
  return { finding, failed: delivered.failure };
}

const WITHOUT_CONFIRMATION =
  'Because the state could not be saved, this message also has what only one run has found so far: no second run can confirm it.';

/** When the state of an item was last saved; null: not known, or never. */
function lastSavedOf(id: string, { account, target }: LoadedState): string | null {
  // The item of repetitions is saved by every run, as that of the account is.
  if (id === ACCOUNT_ITEM || id === REPETITIONS_ITEM) return account?.lastRun ?? null;
  return target(id)?.lastRun ?? null;
}

/**
 * Recipients are counted once a day. The last one may have unsubscribed since, so a run that publishes a
 * message counts them again.
 */
async function recipientsNow(
  { decision, account: { recipients }, report }: RunOutcome,
  { countRecipients }: Ports,
): Promise<Pick<AccountMemory, 'recipients'>> {
  const isFresh = recipients?.checkedAt === report.startedAt;
  if (countRecipients === null || isFresh || !hasMessages(decision)) return { recipients };
  const counted = await countRecipients();
  if (!counted.ok || counted.value > 0) return { recipients };
  return { recipients: { confirmed: 0, checkedAt: report.startedAt } };
}

const hasMessages = ({ updates, notifications }: Decision): boolean =>
  updates.length + notifications.length > 0;

async function saveDecision(
  memories: ReturnType<Decision['memories']>,
  loaded: LoadedState,
  { store, now }: Ports,
): Promise<Saved> {
  return store === null || loaded.isStateless
    ? { ok: true, value: 0 }
    : saveState(memories, loaded, { store, now: now() });
}

/** Most runs have no message, so the modules for messages are loaded only if there is one. */
async function deliverDecision(
  { decision, updates, report, loaded }: RunOutcome,
  ports: Ports,
): Promise<Delivered> {
  if (!hasMessages(decision)) return { omitted: new Set(), failure: null };
  const messages = await import('./deliver');
  const { notifications } = decision;
  return messages.deliver({ updates, notifications }, { report, remarks: remarks(loaded) }, ports);
}

const remarks = ({ failure }: LoadedState): readonly string[] =>
  failure === null
    ? []
    : [
        'What earlier runs found is not known, because the state store could not be read. So everything is told as if it were new.',
      ];
