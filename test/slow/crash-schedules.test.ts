import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { startTable } from '../../demo/table';
import { storeIn } from '../../lambda/adapters/dynamodb';
import { SEED, failing } from '../simulation/crashes';
import type { Opened } from '../simulation/crashes';
import { KNOWN_SCHEDULES } from '../simulation/known-seeds';
import { saySeed, seedsFrom } from '../simulation/seed';
import { settings } from '../support/emulator';

async function onDynalite(): Promise<Opened> {
  const table = await startTable();
  const dynamo = new DynamoDBClient(settings(table.url));
  const close = (): Promise<void> => {
    dynamo.destroy();
    return table.close();
  };
  return { store: storeIn(dynamo, table.name), close };
}

describe('any order of concurrent runs, and of runs that crash', () => {
  it('ends in a correct state with an endpoint of DynamoDB', async () => {
    saySeed(`schedule with an endpoint of DynamoDB: SCHEDULE_SEED=${SEED}`);
    expect(await failing(seedsFrom(SEED, 1), onDynalite)).toEqual([]);
  }, 120_000);

  it('ends in a correct state for the schedules that once failed', async () => {
    expect(await failing(KNOWN_SCHEDULES)).toEqual([]);
  }, 120_000);
});
