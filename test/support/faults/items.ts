/** Items of the state table as scenes read, damage and forge them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { stateIds } from '../../../lambda/state/load';
import { pack, unpack } from '../../../lambda/state/pack';
import type { Json } from '../../../lambda/state/pack';
import { accountMemory, mainItem, retainedItem, targetMemory } from '../../../lambda/state/schema';
import { asVersion1 } from '../state/items';

/** The account of every scene. */
export const ACCOUNT = '123456789012';
/** The ids of its state. */
export const STATE_IDS = stateIds(ACCOUNT);

/** An item as DynamoDB stores it. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An item with such data, as it would be if the monitor had written it. */
export const withData = (data: Uint8Array, version = '1'): Attributes => ({
  version: { N: version },
  data: { B: data },
});

/** The value in an item; null: it has none that can be unpacked. */
export function valueIn(item: Attributes | undefined): Json {
  const data = item?.['data']?.B;
  if (data === undefined) return null;
  try {
    const value = unpack(data);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

function isJson(value: unknown): value is Json {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return true;
  return typeof value === 'object' && Object.values(value).every(isJson);
}

/** An item whose value has been changed, with the version that it had. */
export const changed = (item: Attributes | undefined, change: (value: Json) => Json): Attributes => ({
  ...item,
  ...withData(pack(change(valueIn(item))), item?.['version']?.N),
});

/** The same object with other properties. */
export const withProperties = (value: Json | undefined, changes: Readonly<Record<string, Json>>): Json => ({
  ...(isObject(value) ? value : {}),
  ...changes,
});

const isObject = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A large item with other properties of one target. */
export const withTarget =
  (issuer: string, changes: Readonly<Record<string, Json>>) =>
  (value: Json): Json => {
    const targets = isObject(value) && Array.isArray(value['targets']) ? value['targets'] : [];
    return withProperties(value, {
      targets: targets.map((each: Json) =>
        isObject(each) && each['issuer'] === issuer
          ? { issuer, memory: withProperties(each['memory'], changes) }
          : each,
      ),
    });
  };

/** When each target of a large item was first collected; what has another form has none. */
export function firstRuns(item: Attributes | undefined): ReadonlyMap<string, string> {
  const parsed = v.safeParse(mainItem, valueIn(item));
  const targets = parsed.success ? parsed.output.targets : [];
  const known = v.object({ firstRun: v.string() });
  return new Map(
    targets.flatMap(({ issuer, memory }) =>
      v.is(known, memory) ? [[issuer, memory.firstRun] as const] : [],
    ),
  );
}

/** Whether an item is one that this version of the monitor writes. */
export const isWhole = (item: Attributes | undefined): boolean =>
  v.is(mainItem, valueIn(item)) || v.is(retainedItem, valueIn(item));

/** The state as version 1 of it would have left it: an item for each issuer, and one for the account. */
export function earlierItems(item: Attributes | undefined): ReadonlyMap<string, Attributes> {
  const { account, targets } = v.parse(mainItem, valueIn(item));
  const earlier = (memory: Parameters<typeof asVersion1>[0]): Attributes => ({
    version: { N: '1' },
    data: { S: JSON.stringify(asVersion1(memory)) },
  });
  return new Map([
    ['account', earlier(v.parse(accountMemory, account))],
    ...targets.map(({ issuer, memory }) => [issuer, earlier(v.parse(targetMemory, memory))] as const),
  ]);
}
