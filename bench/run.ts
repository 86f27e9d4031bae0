/** `npm run bench`: how fast, beside others in the same run. Exits 1 where a contender gives a wrong answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFunction } from '../infra/build';
import { verdictTable } from './goals';
import type { Verdict } from './goals';
import { WrongAnswer } from './measure';
import type { Bench } from './scenario';
import { bundle } from './scenarios/bundle';
import { growth } from './scenarios/growth';
import { startWorld } from './world';

const OPTIONS = { quick: { type: 'boolean', default: false }, node: { type: 'string' } } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-bench-'));
  const world = await startWorld();
  try {
    const bench: Bench = {
      world,
      folder,
      node: values.node ?? process.execPath,
      quick: values.quick,
      product: buildFunction().entry,
      say: (words) => process.stderr.write(`${words}\n`),
    };
    console.log(verdictTable(await runAll(bench)));
  } finally {
    world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runAll(bench: Bench): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const scenario of [growth, bundle]) verdicts.push(...(await scenario(bench)).verdicts);
  return verdicts.sort((a, b) => a.goal.localeCompare(b.goal, 'en', { numeric: true }));
}

main().catch((error: unknown) => {
  console.error(error instanceof WrongAnswer ? error.message : error);
  process.exitCode = 1;
});
