/** The time from the start of a process to its first result, without network delay. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { checkAnswers, checkReport } from './answers';
import { knownAccount, runFunction } from './measure';
import type { Bench } from './measure';
import { inRounds } from './rounds';
import type { Result } from './rounds';
import type { BenchIssuer } from './world';

const PACKAGE = join(__dirname, '..');

/** One org: most of the time is the start. */
export async function measureColdStart(bench: Bench, issuer: BenchIssuer): Promise<readonly Result[]> {
  const account = await knownAccount(bench, issuer, 1);
  const functions = [
    { contender: 'monitor', bundle: bench.bundles.monitor, check: checkReport(account) },
    { contender: 'requests alone', bundle: bench.bundles.requests, check: checkAnswers(account) },
    { contender: 'default build', bundle: buildAsNodejsFunction(), check: checkReport(account) },
  ];
  const contenders = [
    { contender: 'node -e 0', run: () => Promise.resolve(runBareNode(bench.node)) },
    ...functions.map(({ contender, ...subject }) => ({
      contender,
      run: () => runFunction(bench, account, subject),
    })),
  ];
  // The first time fills the file system's cache.
  for (const { run } of contenders) await run();
  const times = bench.quick ? 3 : 11;
  return inRounds(contenders.map((each) => ({ ...each, orgs: 1, times })));
}

function runBareNode(node: string): { readonly processMs: number } {
  const began = performance.now();
  spawnSync(node, ['-e', '0']);
  return { processMs: performance.now() - began };
}

/** What NodejsFunction of aws-cdk-lib makes of the same source with its defaults. */
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
