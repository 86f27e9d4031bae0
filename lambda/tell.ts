/** Tells people, then remembers that they were told: an alert may be repeated, but is never lost. */
import { isHeard } from './core/account-history';
import type { Decision } from './core/decide';
import type { Outcome, Report } from './core/domain';
import { PublishError } from './core/errors';
import type { AccountMemory } from './core/memory';
import type { Ports } from './ports';
import { keep } from './recall';
import type { Recalled } from './recall';

/** What a run has to tell. */
export interface News {
  readonly decision: Decision;
  readonly account: AccountMemory;
  readonly recalled: Recalled;
  readonly report: Omit<Report, 'text'>;
}

/**
 * Publishes, then saves; throws PublishError where the alert could not be handed over, and nothing is saved. A chat
 * that takes nothing fails the run, too, but only after the alert has been recorded: nobody gets the same mail twice.
 */
export async function tell(
  { decision, account, recalled, report }: News,
  ports: Ports,
): Promise<Outcome<number>> {
  const context = { report, remarks: remarks(recalled) };
  // An update is a message of its own, and the first: it changed who may sign in.
  for (const notifications of [decision.updates, decision.notifications]) {
    if (notifications.length === 0) continue;
    // Most runs tell nobody anything: how to word it is loaded when there is something to say.
    const { composeAlert } = await import('./core/alert');
    const message = composeAlert(notifications, context);
    if (message !== null) await ports.publish(message);
  }
  const unheard = await tellChat(decision, report, ports);
  const saved = await save(decision.memories(isHeard(account)), recalled, ports);
  if (unheard !== null) throw unheard;
  return saved;
}

async function save(
  memories: ReturnType<Decision['memories']>,
  recalled: Recalled,
  { store }: Ports,
): Promise<Outcome<number>> {
  return store === null || recalled.isStateless ? { ok: true, value: 0 } : keep(memories, recalled, store);
}

async function tellChat(
  { updates, notifications }: Decision,
  { account }: News['report'],
  { publishChat }: Ports,
): Promise<PublishError | null> {
  const news = [...updates, ...notifications];
  if (publishChat === null || news.length === 0) return null;
  try {
    const { composeChat } = await import('./core/chat');
    for (const message of composeChat(news, account)) await publishChat(message);
    return null;
  } catch (error) {
    if (error instanceof PublishError) return error;
    throw error;
  }
}

const remarks = ({ failure }: Recalled): readonly string[] =>
  failure === null
    ? []
    : [
        'What earlier runs found is not known, because the state store could not be read. So everything is told as if it were new.',
      ];
