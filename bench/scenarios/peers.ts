/** What people have today: a shell pipeline, a script with threads. The rest of P4. */
import type { Verdict } from '../goals';
import { productFinds } from '../judges';
import { measure } from '../measure';
import { pipeline, threads } from '../peers/command';
import type { Command } from '../peers/command';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Bench, Scenario } from '../scenario';
import { median } from '../statistics';

/** In turn with the product. */
export const peers: Scenario = async (bench) => {
  await bench.world.setRtt(FAR_RTT);
  return {
    verdicts: [
      await compare(bench, { peer: pipeline, orgs: 10, limit: 0.06, rounds: bench.quick ? 1 : 2 }),
      await compare(bench, { peer: threads, orgs: 100, limit: 0.35, rounds: bench.quick ? 1 : 3 }),
    ],
  };
};

interface Comparison {
  readonly peer: Command;
  readonly orgs: number;
  readonly limit: number;
  readonly rounds: number;
}

async function compare(bench: Bench, { peer, orgs, limit, rounds }: Comparison): Promise<Verdict> {
  const verdict = {
    goal: 'P4',
    words: `process to answer, ${orgs} orgs, of ${peer.name}`,
    limit,
    unit: 'x',
  } as const;
  if (peer.missing !== null) return { ...verdict, measured: null, note: `not measured: ${peer.missing}` };
  const account = await primedAccount(bench, 'plain', orgs);
  const judge = productFinds(account, 'in-sync');
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bench.say(`${peer.name}, ${orgs} orgs`);
    ours.push((await measure(bench, account, { bundle: bench.product, judge })).cold.wallMs);
    theirs.push(await peer.run(bench, account));
  }
  return { ...verdict, measured: median(ours) / median(theirs) };
}
