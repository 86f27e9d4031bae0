/** `npm run bench`: measures speed, beside others in the same run. Exits 1 if a contender gives a wrong answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFunction } from '../infra/build/build';
import { isMet, verdictTable } from './goals';
import type { Verdict } from './goals';
import type { Growth } from './growth-goals';
import { growthPoints, growthTable } from './growth-table';
import { WrongAnswer } from './measure';
import { plot } from './plot';
import type { Bench, Scenario } from './scenario';
import { bundle } from './scenarios/bundle';
import { cold } from './scenarios/cold';
import { events } from './scenarios/events';
import { growth } from './scenarios/growth';
import { http1 } from './scenarios/http1';
import { memory } from './scenarios/memory';
import { peers } from './scenarios/peers';
import { sizes, sizesTable } from './scenarios/sizes';
import type { Sized } from './scenarios/sizes';
import { throttled } from './scenarios/throttled';
import { startWorld } from './world';

const OPTIONS = {
  /** Fewer rounds and orgs: a minute instead of six. */
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  /** The Node that runs the functions. */
  node: { type: 'string', default: process.execPath },
  /** The file for the picture of growth. */
  plot: { type: 'string' },
} as const;

/** The results of a run of the bench. */
interface Outcome {
  readonly growth: Growth;
  readonly verdicts: readonly Verdict[];
  /** Null: not measured. */
  readonly sizes: readonly Sized[] | null;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-bench-'));
  const world = await startWorld();
  try {
    const { node, quick } = values;
    const say = (words: string): boolean => process.stderr.write(`${words}\n`);
    const outcome = await runAll({ world, folder, node, quick, product: buildFunction().entry, say });
    if (values.plot !== undefined) writeFileSync(values.plot, plot(growthPoints(outcome.growth)));
    console.log(values.json ? toJson(outcome) : toText(outcome));
  } finally {
    world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One after the other: two at once would measure each other. `events` rotates certificates, so it comes last. */
async function runAll(bench: Bench): Promise<Outcome> {
  const first = await growth(bench);
  const long: readonly Scenario[] = bench.quick ? [] : [throttled, memory];
  const sized = bench.quick ? null : await sizes(bench);
  const verdicts = [...first.verdicts];
  for (const scenario of [bundle, cold, http1, peers, ...long, events]) {
    verdicts.push(...(await scenario(bench)).verdicts);
  }
  const inOrder = verdicts.sort((a, b) => a.goal.localeCompare(b.goal, 'en', { numeric: true }));
  return { growth: first.growth, verdicts: inOrder, sizes: sized };
}

const toText = ({ growth: grown, verdicts, sizes: sized }: Outcome): string =>
  [growthTable(grown), sizesTable(sized), verdictTable(verdicts)].join('\n\n');

const toJson = ({ growth: grown, verdicts, sizes: sized }: Outcome): string =>
  JSON.stringify(
    {
      rttMs: grown.rtt,
      growth: growthPoints(grown),
      sizes: sized,
      goals: verdicts.map((verdict) => ({ ...verdict, met: isMet(verdict) })),
    },
    null,
    2,
  );

main().catch((error: unknown) => {
  console.error(error instanceof WrongAnswer ? error.message : error);
  process.exitCode = 1;
});
