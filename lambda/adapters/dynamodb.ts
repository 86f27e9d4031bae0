/** The state store in DynamoDB: an item is written only if it has not changed since it was read. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isNativeError } from 'node:util/types';
import type { Outcome } from '../domain/types';
import type { ItemToSave, Store, StoredItem } from '../domain/store';
import { awsFailure } from './aws-errors';
import { boundedBy } from './aws-limits';
import type { AwsLimits } from './aws-limits';
import { slots } from './slots';

const SOCKETS = 16;
/** Of one call with its retries: at the end of a run both items must be saved within 15 seconds. */
const CALL_MS = 6_000;
/** Of the copy of an item that is too large to be copied. */
const MAX_PRESERVED_BYTES = 380 * 1024;

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

/** The store in one table, whose partition key is the string `id`. */
export function storeIn(dynamo: DynamoDBClient, table: string): Store {
  // The first run after an upgrade reads an item for each issuer.
  const inTurn = slots(SOCKETS);
  const put = (command: PutItemCommand): Promise<unknown> =>
    dynamo.send(command, { abortSignal: AbortSignal.timeout(CALL_MS) });
  const failed = (error: unknown, action: string): Outcome<never> => ({
    ok: false,
    failure: { ...awsFailure(error, action, table), step: 'state' },
  });
  const read = async <T>(id: string, convert: (item: Item) => T): Promise<Outcome<T | null>> => {
    try {
      const { Item } = await inTurn(() =>
        dynamo.send(getCommand(table, id), { abortSignal: AbortSignal.timeout(CALL_MS) }),
      );
      return { ok: true, value: Item === undefined ? null : convert(Item) };
    } catch (error) {
      return failed(error, 'dynamodb:GetItem');
    }
  };
  return {
    load: (id) => read(id, itemOf),
    save: async (item) => {
      try {
        await put(putCommand(table, item));
        return { ok: true, value: 'saved' };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) return failed(error, 'dynamodb:PutItem');
        if ((error.$metadata.attempts ?? 1) === 1) return { ok: true, value: 'conflict' };
        // The SDK repeats a write whose answer was lost: the repetition may have met the first one.
        const found = await read(item.id, itemOf);
        return found.ok && found.value !== null && isWritten(item, found.value)
          ? { ok: true, value: 'saved' }
          : { ok: true, value: 'conflict' };
      }
    },
    preserve: async (id) => {
      const copied = await read(id, (item) => item);
      if (!copied.ok) return copied;
      if (copied.value === null) return { ok: true, value: null };
      try {
        await put(copyCommand(table, id, copied.value)).catch((error: unknown) => {
          // With its longer id the copy may be larger than DynamoDB accepts.
          if (!isNativeError(error) || error.name !== 'ValidationException') throw error;
          return put(copyCommand(table, id, cutItem(copied.value ?? {})));
        });
        return { ok: true, value: null };
      } catch (error) {
        return failed(error, 'dynamodb:PutItem');
      }
    },
  };
}

type Item = Record<string, AttributeValue>;

const getCommand = (table: string, id: string): GetItemCommand =>
  new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true });

/** The highest version that can be increased without loss. The version after it counts as none. */
const MAX_VERSION = Number.MAX_SAFE_INTEGER - 1;

function itemOf({ version, data }: Item): StoredItem {
  // Others may have written a decimal number, of up to 38 digits: JavaScript cannot compare it exactly.
  const nearest = Math.round(Number(version?.N));
  return {
    version: nearest >= 0 && nearest <= MAX_VERSION ? nearest : null,
    // The SDK does not validate answers.
    data: data?.B instanceof Uint8Array ? data.B : null,
    text: typeof data?.S === 'string' ? data.S : null,
  };
}

const numberOf = (value: number): AttributeValue => ({ N: String(value) });

function putCommand(table: string, { id, readVersion, data }: ItemToSave): PutItemCommand {
  return new PutItemCommand({
    TableName: table,
    Item: { id: { S: id }, version: numberOf((readVersion ?? 0) + 1), data: { B: data } },
    ...(readVersion === null
      ? {
          ConditionExpression:
            'attribute_not_exists(id) OR NOT attribute_type(version, :number) OR version > :max OR version < :min',
          ExpressionAttributeValues: {
            ':number': { S: 'N' },
            ':max': numberOf(MAX_VERSION),
            ':min': numberOf(0),
          },
        }
      : {
          // What was read, or a decimal number next to it. Whoever else saves writes the next whole number.
          ConditionExpression: 'version > :previous AND version < :next',
          ExpressionAttributeValues: {
            ':previous': numberOf(readVersion - 1),
            ':next': numberOf(readVersion + 1),
          },
        }),
  });
}

const isWritten = ({ readVersion, data }: ItemToSave, found: StoredItem): boolean =>
  found.version === (readVersion ?? 0) + 1 && found.data !== null && Buffer.from(data).equals(found.data);

const copyCommand = (table: string, id: string, item: Item): PutItemCommand =>
  new PutItemCommand({ TableName: table, Item: { ...item, id: { S: unreadableId(id) } } });

/** The first part of what the item contains: its bytes, or else its attributes as JSON. */
function cutItem(item: Item): Item {
  const bytes = item['data']?.B ?? Buffer.from(JSON.stringify(item));
  return { unreadable: { B: bytes.subarray(0, MAX_PRESERVED_BYTES) } };
}

/** The id of the copy of an item that could not be read. */
export const unreadableId = (id: string): string => `${id}/unreadable`;
