/** The same over HTTP/1.1: a connection carries one request at a time. */
import { productFinds } from '../judges';
import { measure, warmMs } from '../measure';
import type { Life } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Scenario } from '../scenario';
import { median } from '../statistics';

const ORGS = 100;
const ROUNDS = 3;
/** Two round trips to connect, then 200 documents eight at a time; over h2 100 Gets on 16 sockets set the pace. */
const LIMIT = (2 + Math.ceil((2 * ORGS) / 8)) / (2 + Math.ceil(ORGS / 16));

/** In turn with h2. */
export const http1: Scenario = async (bench) => {
  const accounts = {
    h1: await primedAccount(bench, 'http1', ORGS),
    h2: await primedAccount(bench, 'plain', ORGS),
  };
  await bench.world.setRtt(FAR_RTT);
  const lives: Record<keyof typeof accounts, Life[]> = { h1: [], h2: [] };
  for (let round = 0; round < (bench.quick ? 1 : ROUNDS); round += 1) {
    for (const protocol of ['h1', 'h2'] as const) {
      bench.say(`HTTP/1.1 and h2, ${ORGS} orgs: ${protocol}`);
      const account = accounts[protocol];
      const subject = { bundle: bench.product, judge: productFinds(account, 'in-sync'), warm: 2 };
      lives[protocol].push(await measure(bench, account, subject));
    }
  }
  const seen = lives.h1.map(({ cold }) => cold.seen);
  const count = (words: string, limit: number, measured: number) =>
    ({ goal: 'P1', words: `HTTP/1.1: ${words}`, limit, measured, unit: '' }) as const;
  return {
    verdicts: [
      count('connections for documents', 8, Math.max(...seen.map((each) => each.documentConnections))),
      count('requests at a time on one of them', 1, Math.max(...seen.map(({ streams }) => streams))),
      {
        goal: 'P2',
        words: `HTTP/1.1: warm run, orgs: ${ORGS}, of h2`,
        limit: LIMIT,
        measured: median(lives.h1.map(warmMs)) / median(lives.h2.map(warmMs)),
        unit: 'x',
      },
    ],
  };
};
