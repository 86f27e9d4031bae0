/** An IAM that throttles, as IAM does. P9. */
import { bucketTime } from '../bucket';
import { productFinds } from '../judges';
import { measure } from '../measure';
import { FAR_RTT } from '../scenario';
import { primedAccount } from '../prime';
import type { Scenario } from '../scenario';

const BUCKET = { perSecond: 20, burst: 50 };
const ORGS = 200;

/** A lost call would be a target that was not audited, and so a wrong answer. */
export const throttled: Scenario = async (bench) => {
  await bench.world.setRtt(FAR_RTT);
  const account = await primedAccount(bench, 'plain', ORGS);
  bench.say(`throttled IAM, ${ORGS} orgs`);
  await bench.world.throttle(BUCKET);
  try {
    const judge = productFinds(account, 'in-sync');
    const { cold } = await measure(bench, account, { bundle: bench.product, judge });
    return {
      verdicts: [
        {
          goal: 'P9',
          words: 'throttled IAM: calls an org',
          limit: 1.1,
          measured: cold.seen.gets / ORGS,
          unit: '',
        },
        {
          goal: 'P9',
          words: 'throttled IAM: time, of what the throttling takes',
          limit: 1.25,
          measured: cold.handlerMs / bucketTime(BUCKET, ORGS),
          unit: 'x',
        },
      ],
    };
  } finally {
    await bench.world.throttle(null);
  }
};
