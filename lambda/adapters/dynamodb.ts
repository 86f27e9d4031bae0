/**
 * The state store in DynamoDB: one item per provider, written only if it has not changed since it was read.
 */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure, Outcome } from '../domain/types';
import type { ItemToSave, Saved, Store, StoredItem } from '../domain/store';
import { awsFailure } from './aws-errors';
import { boundedBy } from './aws-limits';
import type { AwsLimits } from './aws-limits';
import { slots } from './slots';

/** BatchGetItem accepts at most 100 keys and may leave some unprocessed. */
const BATCH = 100;
const ROUNDS = 6;
/** Doubled with each round: six take twelve seconds. */
const ROUND_DELAY_MS = 100;
/** Writes at a time. */
const WRITERS = 16;
const SOCKETS = 16;
/** An item is limited to 400 KB: unreadable data is saved up to this many characters. */
const MAX_UNREADABLE_CHARACTERS = 100_000;

/** The limits of the deployed function. */
export const DYNAMO_LIMITS: AwsLimits = {
  attempts: 5,
  retryMode: 'standard',
  connectMs: 3_000,
  requestMs: 5_000,
};

/** A client for one container: it is reused between invocations, with its connections. */
export const openDynamo = (limits: AwsLimits = DYNAMO_LIMITS): DynamoDBClient =>
  new DynamoDBClient(boundedBy(limits, SOCKETS));

/**
 * The store in one table, whose partition key is the string `id`. `roundDelayMs`: before keys are requested
 * again.
 */
export const storeIn = (
  dynamo: DynamoDBClient,
  table: string,
  { roundDelayMs = ROUND_DELAY_MS }: { readonly roundDelayMs?: number } = {},
): Store => ({
  load: (ids) => load({ dynamo, table, roundDelayMs }, ids),
  save: (items) => saveItems(dynamo, table, items),
});

interface Table {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly roundDelayMs: number;
}

async function load(from: Table, ids: readonly string[]): Promise<Outcome<ReadonlyMap<string, StoredItem>>> {
  const unique = [...new Set(ids)];
  const batches = Array.from({ length: Math.ceil(unique.length / BATCH) }, (_, index) =>
    unique.slice(index * BATCH, (index + 1) * BATCH),
  );
  try {
    const found = await Promise.all(batches.map((batch) => loadBatch(from, batch)));
    return { ok: true, value: new Map(found.flat()) };
  } catch (error) {
    return { ok: false, failure: stateFailure(error, 'dynamodb:BatchGetItem', from.table) };
  }
}

type Item = Record<string, AttributeValue>;

async function loadBatch(
  { dynamo, table, roundDelayMs }: Table,
  ids: readonly string[],
): Promise<readonly (readonly [string, StoredItem])[]> {
  const items: Item[] = [];
  let keys: Item[] = ids.map((id) => ({ id: { S: id } }));
  for (let round = 1; keys.length > 0; round += 1) {
    if (round > ROUNDS) throw new UnprocessedKeys(`${keys.length} items of ${table} were not returned.`);
    if (round > 1) await sleep(roundDelayMs * 2 ** round * (0.5 + Math.random()));
    const { Responses, UnprocessedKeys: left } = await dynamo.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    items.push(...Object.values(Responses ?? {}).flat());
    keys = Object.values(left ?? {}).flatMap(({ Keys = [] }) => Keys);
  }
  return items.flatMap((item) => {
    const id = item['id']?.S;
    return id === undefined ? [] : [[id, readItem(item)] as const];
  });
}

/** DynamoDB left keys unprocessed in every round. */
class UnprocessedKeys extends Error {
  override readonly name = 'ThrottlingException';
}

function readItem(item: Item): StoredItem {
  const { version, data, unreadable } = item;
  const number = Number(version?.N);
  return {
    version: Number.isFinite(number) ? number : null,
    // If the monitor did not write the item, all its attributes are retained for inspection.
    json: data?.S ?? JSON.stringify(item),
    unreadable: unreadable?.S ?? null,
  };
}

/** Every item is tried, whatever happens to the others. */
async function saveItems(
  dynamo: DynamoDBClient,
  table: string,
  items: readonly ItemToSave[],
): Promise<Saved> {
  const errors: unknown[] = [];
  const unsaved: string[] = [];
  let conflicts = 0;
  const write = async (item: ItemToSave): Promise<void> => {
    try {
      await dynamo.send(putCommand(table, item));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) conflicts += 1;
      else {
        errors.push(error);
        unsaved.push(item.id);
      }
    }
  };
  const writers = slots(WRITERS);
  await Promise.all(items.map((item) => writers(() => write(item))));
  return errors.length === 0
    ? { ok: true, value: conflicts }
    : { ok: false, failure: stateFailure(errors[0], 'dynamodb:PutItem', table), unsaved };
}

function putCommand(table: string, { id, readVersion, json, unreadable }: ItemToSave): PutItemCommand {
  return new PutItemCommand({
    TableName: table,
    Item: {
      id: { S: id },
      version: { N: String((readVersion ?? 0) + 1) },
      data: { S: json },
      ...(unreadable === null ? {} : { unreadable: { S: unreadable.slice(0, MAX_UNREADABLE_CHARACTERS) } }),
    },
    ...(readVersion === null
      ? {
          ConditionExpression: 'attribute_not_exists(id) OR NOT attribute_type(version, :number)',
          ExpressionAttributeValues: { ':number': { S: 'N' } },
        }
      : {
          ConditionExpression: 'version = :read',
          ExpressionAttributeValues: { ':read': { N: String(readVersion) } },
        }),
  });
}

const stateFailure = (error: unknown, action: string, table: string): Failure => ({
  ...awsFailure(error, action, table),
  step: 'state',
});
