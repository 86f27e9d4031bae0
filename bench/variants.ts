/** First runs of the monitor under other conditions: IAM throttles, an issuer has many addresses, a provider drifted. */
import { checkReport } from './answers';
import { knownAccount, runFunction } from './measure';
import type { Bench } from './measure';
import { inRounds } from './rounds';
import type { Result, Task } from './rounds';
import type { Account, BenchIssuer } from './world';

const BUCKET = { perSecond: 20, burst: 50 };
const THROTTLED_ORGS = 200;
const EDGES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
const STALE = ['0123456789abcdef0123456789abcdef01234567'];

/** Four addresses are left out where this machine has only one. */
export async function measureVariants(bench: Bench, issuer: BenchIssuer): Promise<readonly Result[]> {
  const { world, bundles, quick } = bench;
  const run = (account: Account, status: 'in-sync' | 'drifted' = 'in-sync'): ReturnType<Task['run']> =>
    runFunction(bench, account, { bundle: bundles.monitor, check: checkReport(account, status) });
  const inSync = async (contender: string, of: BenchIssuer): Promise<Task> => {
    const account = await knownAccount(bench, of, 1);
    return { contender, orgs: 1, times: quick ? 3 : 7, run: () => run(account) };
  };
  const drift: Task = {
    contender: 'drift',
    orgs: 1,
    times: quick ? 3 : 7,
    // A drift is reported once: each run has an account of its own.
    run: async () => run(await world.openAccount(issuer, 1, STALE), 'drifted'),
  };
  const many = await knownAccount(bench, issuer, THROTTLED_ORGS);
  const throttled: Task = {
    contender: 'throttled',
    orgs: THROTTLED_ORGS,
    times: 1,
    // A lost call is a target that was not evaluated, and so a wrong answer.
    run: () => {
      world.throttle(BUCKET);
      return run(many).finally(() => world.throttle(null));
    },
  };
  const narrow = await world.openIssuer({ keyTypes: ['ecdsa'] });
  const edges = await world
    .openIssuer({ name: 'edges.example.com', keyTypes: ['rsa', 'ecdsa'], addresses: EDGES })
    .catch(() => null);
  return inRounds([
    await inSync('no drift', issuer),
    drift,
    await inSync('1 address x 1 key type', narrow),
    ...(edges === null ? [] : [await inSync('4 addresses x 2 key types', edges)]),
    throttled,
  ]);
}
