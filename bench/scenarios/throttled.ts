/** An IAM that throttles, as IAM does. P9. */
import { bucketTime } from '../bucket';
import { productFinds, requestsFind } from '../judges';
import { measure } from '../measure';
import type { Sample, Subject } from '../measure';
import { buildPeer } from '../peers/build';
import { FAR_RTT } from '../scenario';
import { primedAccount } from '../prime';
import type { Bench, Scenario } from '../scenario';
import type { BenchAccount } from '../world';

const BUCKET = { perSecond: 20, burst: 50 };
const ORGS = 200;

/** A lost call would be a target that was not audited, and so a wrong answer. */
export const throttled: Scenario = async (bench) => {
  await bench.world.setRtt(FAR_RTT);
  const account = await primedAccount(bench, 'plain', ORGS);
  const product = { bundle: bench.product, judge: productFinds(account, 'in-sync') };
  const requests = { bundle: buildPeer(bench, 'requests'), judge: requestsFind(account) };
  try {
    const cold = await throttledRun(bench, account, product);
    const least = await throttledRun(bench, account, requests);
    return {
      verdicts: [
        {
          goal: 'P9',
          words: 'throttled IAM: calls an org',
          limit: 1.1,
          measured: cold.seen.gets / ORGS,
          requests: least.seen.gets / ORGS,
          unit: '',
        },
        {
          goal: 'P9',
          words: 'throttled IAM: time, of what the throttling takes',
          limit: 1.25,
          measured: cold.handlerMs / bucketTime(BUCKET, ORGS),
          requests: least.handlerMs / bucketTime(BUCKET, ORGS),
          unit: 'x',
        },
      ],
    };
  } finally {
    await bench.world.throttle(null);
  }
};

/** With a bucket that is full. */
async function throttledRun(bench: Bench, account: BenchAccount, subject: Subject): Promise<Sample> {
  bench.say(`throttled IAM, ${ORGS} orgs`);
  await bench.world.throttle(BUCKET);
  return (await measure(bench, account, subject)).cold;
}
