/** Tells people, then remembers that they were told: an alert may be repeated, but is never lost. */
import { isHeard } from './core/account-history';
import type { Decision } from './core/decide';
import type { Outcome, Report } from './core/domain';
import type { AccountMemory } from './core/memory';
import type { handOver as HandOverFunction } from './hand-over';
import type { Ports } from './ports';
import { keep } from './recall';
import type { Recalled } from './recall';

type HandOver = typeof HandOverFunction;

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
  const isNews = decision.updates.length + decision.notifications.length > 0;
  const unheard = isNews ? await handOver(decision, { report, remarks: remarks(recalled) }, ports) : null;
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

/** Most runs have nothing to tell: what only a message needs is loaded with it. */
const handOver = async (...message: Parameters<HandOver>): ReturnType<HandOver> =>
  (await import('./hand-over')).handOver(...message);

const remarks = ({ failure }: Recalled): readonly string[] =>
  failure === null
    ? []
    : [
        'What earlier runs found is not known, because the state store could not be read. So everything is told as if it were new.',
      ];
