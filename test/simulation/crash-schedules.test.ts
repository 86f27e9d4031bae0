/**
 * Runs at the same time, runs that die, and a world that fails meanwhile, in orders that a seed decides. After each
 * schedule the runs of some quiet days must have set everything right. SCHEDULES says how many, SCHEDULE_SEED which.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startTable } from '../../demo/table';
import type { Store } from '../../lambda/core/memory/store';
import { storeIn } from '../../lambda/io/state';
import { settings } from '../support/emulator';
import type { Verdict } from './oracle';
import { live } from './schedule';
import { Foundry } from './setting';

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 15);
const SEED = process.env['SCHEDULE_SEED'] ?? 'schedule';
/** So many of them are repeated on an endpoint of DynamoDB's protocol. */
const ON_DYNALITE = 1;
const TIMEOUT_MS = 120_000 + SCHEDULES * 15_000;

let foundry: Foundry;

beforeAll(async () => {
  foundry = await Foundry.open();
}, 60_000);

/** Everything that must not be. Words may be said again as often as a run could not write down that it had said them. */
const problemsOf = (verdict: Verdict, disturbed: number): readonly string[] => [
  ...verdict.broken,
  ...verdict.wrongWrites.map((each) => `wrong: ${each}`),
  ...verdict.untrue.map((each) => `untrue: ${each}`),
  ...verdict.lost.map((each) => `lost: ${each}`),
  ...verdict.repeated.map((each) => `repeated: ${each}`),
  ...(verdict.mostDuplicates > disturbed ? [`said ${verdict.mostDuplicates} times again`] : []),
];

/** The seeds whose schedules went wrong, and how. */
async function failing(count: number, open?: () => Promise<Opened>): Promise<readonly object[]> {
  const found: object[] = [];
  for (let index = 0; index < count; index += 1) {
    const seed = `${SEED}-${index}`;
    const opened = await open?.();
    const { verdict, disturbed } = await live(seed, foundry, opened?.store);
    await opened?.close();
    const problems = problemsOf(verdict, disturbed);
    if (problems.length > 0) found.push({ seed, problems });
  }
  return found;
}

/** An empty table, by the code that is deployed. */
interface Opened {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

async function onDynalite(): Promise<Opened> {
  const table = await startTable();
  const dynamo = new DynamoDBClient(settings(table.url));
  const close = (): Promise<void> => {
    dynamo.destroy();
    return table.close();
  };
  return { store: storeIn(dynamo, table.name), close };
}

describe('whatever the order', () => {
  it(
    `holds for ${SCHEDULES} schedules from seed "${SEED}"`,
    async () => {
      expect(await failing(SCHEDULES)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'holds on dynalite',
    async () => {
      expect(await failing(ON_DYNALITE, onDynalite)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
