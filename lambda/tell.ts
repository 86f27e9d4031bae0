/** Tells people, then remembers that they were told: an alert may be repeated, but is never lost. */
import { isHeard } from './core/memory/account-history';
import type { Decision } from './core/decide';
import type { Outcome, Report } from './core/domain';
import type { PublishError } from './core/errors';
import type { AccountMemory } from './core/memory/memory';
import type { Ports } from './ports';
import { keep } from './keep';
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
export async function tell(news: News, ports: Ports): Promise<Outcome<number>> {
  const { decision, recalled } = news;
  const unheard = await handOver(news, ports);
  const heard = await listeners(news, ports);
  const memories = decision.memories(isHeard(heard));
  const saved = await save({ ...memories, account: { ...memories.account, ...heard } }, recalled, ports);
  if (unheard !== null) throw unheard;
  return saved;
}

/**
 * Recipients are counted once a day. The last one may have left since, so whoever told something makes sure that
 * somebody could hear it.
 */
async function listeners(
  { decision, account: { recipients }, report }: News,
  { countRecipients }: Ports,
): Promise<Pick<AccountMemory, 'recipients'>> {
  const isFresh = recipients?.checkedAt === report.startedAt;
  if (countRecipients === null || isFresh || !hasNews(decision)) return { recipients };
  const counted = await countRecipients();
  if (!counted.ok || counted.value > 0) return { recipients };
  return { recipients: { confirmed: 0, checkedAt: report.startedAt } };
}

const hasNews = ({ updates, notifications }: Decision): boolean => updates.length + notifications.length > 0;

async function save(
  memories: ReturnType<Decision['memories']>,
  recalled: Recalled,
  { store, now }: Ports,
): Promise<Outcome<number>> {
  return store === null || recalled.isStateless
    ? { ok: true, value: 0 }
    : keep(memories, recalled, { store, now: now() });
}

/** Most runs have nothing to tell: what only a message needs is loaded with it. */
async function handOver({ decision, report, recalled }: News, ports: Ports): Promise<PublishError | null> {
  if (!hasNews(decision)) return null;
  const messages = await import('./hand-over');
  return messages.handOver(decision, { report, remarks: remarks(recalled) }, ports);
}

const remarks = ({ failure }: Recalled): readonly string[] =>
  failure === null
    ? []
    : [
        'What earlier runs found is not known, because the state store could not be read. So everything is told as if it were new.',
      ];
