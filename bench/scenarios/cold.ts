/** From nothing to the first result, with the servers next door. P6. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { productFinds, requestsFind } from '../judges';
import { measure } from '../measure';
import { buildPeer } from '../peers/build';
import { primedAccount } from '../prime';
import type { Scenario } from '../scenario';
import { median } from '../statistics';

const PACKAGE = join(__dirname, '..', '..');
const ROUNDS = 11;

/** One org: what is measured is the start. */
export const cold: Scenario = async (bench) => {
  await bench.world.setRtt(0);
  const account = await primedAccount(bench, 'plain', 1);
  const judge = productFinds(account, 'in-sync');
  const standard = buildAsNodejsFunction();
  const requests = buildPeer(bench, 'requests');
  const took = { bare: [0], product: [0], standard: [0], requests: [0] };
  for (let round = 0; round <= (bench.quick ? 3 : ROUNDS); round += 1) {
    bench.say(`cold start ${round}`);
    const bare = timeBareNode(bench.node);
    const product = (await measure(bench, account, { bundle: bench.product, judge })).cold.wallMs;
    const alone = { bundle: requests, judge: requestsFind(account) };
    const least = (await measure(bench, account, alone)).cold.wallMs;
    const other = (await measure(bench, account, { bundle: standard, judge })).cold.wallMs;
    // The first round warms the file system's cache.
    if (round === 0) continue;
    took.bare[round - 1] = bare;
    took.product[round - 1] = product;
    took.standard[round - 1] = other;
    took.requests[round - 1] = least;
  }
  const ours = median(took.product);
  return {
    verdicts: [
      {
        goal: 'P6',
        words: 'start to first result, of node -e 0',
        limit: 4.5,
        measured: ours / median(took.bare),
        requests: median(took.requests) / median(took.bare),
        unit: 'x',
      },
      {
        goal: 'P6',
        words: "start to first result, of NodejsFunction's default build",
        limit: 0.7,
        measured: ours / median(took.standard),
        requests: median(took.requests) / median(took.standard),
        unit: 'x',
      },
    ],
  };
};

function timeBareNode(node: string): number {
  const began = performance.now();
  spawnSync(node, ['-e', '0']);
  return performance.now() - began;
}

/** What aws-cdk-lib's NodejsFunction makes of the same source with its defaults. */
function buildAsNodejsFunction(): string {
  // Inside the package: the SDK is not bundled, as it lies beside the runtime in Lambda.
  const outfile = join(PACKAGE, 'dist', 'bench', 'index.cjs');
  buildSync({
    entryPoints: [join(PACKAGE, 'lambda', 'handler.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['@aws-sdk/*', '@smithy/*'],
    logLevel: 'error',
  });
  return outfile;
}
