/** The table in memory answers as DynamoDB does: the same calls to both, and the same answers. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startTable } from '../../demo/table';
import type { EmbeddedTable } from '../../demo/table';
import { storeIn } from '../../lambda/adapters/dynamodb';
import type { Store } from '../../lambda/domain/store';
import { taking } from '../support/cases';
import { settings } from '../support/emulator';
import { MemoryTable } from './table';
import type { Attributes } from './table';

let server: EmbeddedTable;
let dynamo: DynamoDBClient;
let store: Store;
let worlds = 0;

beforeAll(async () => {
  server = await startTable();
  dynamo = new DynamoDBClient(settings(server.url));
  store = storeIn(dynamo, server.name);
}, 30_000);

afterAll(async () => {
  dynamo.destroy();
  await server.close();
});

const id = fc.constantFrom('a', 'b', 'account');
const foreign = fc.constantFrom<Attributes>(
  {},
  { version: { N: '2' }, data: { S: '{}' } },
  { version: { S: 'two' }, data: { S: '{}' } },
  { version: { N: '1.5' }, unreadable: { S: 'kept' } },
  { data: { M: { deep: { BOOL: true } } } },
);
const save = fc.record({
  id,
  readVersion: fc.option(fc.integer({ min: 0, max: 4 })),
  json: fc.string(),
  unreadable: fc.option(fc.string({ minLength: 1 })),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('save' as const),
      items: fc.uniqueArray(save, { selector: (item) => item.id, minLength: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('load' as const), ids: fc.array(id) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('put' as const), id, attributes: foreign }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Separate ids for the worlds of one table. */
async function live(steps: readonly Step[], world: string): Promise<void> {
  const table = new MemoryTable();
  const own = (name: string): string => `${world} ${name}`;
  for (const each of steps) {
    switch (each.do) {
      case 'save': {
        const items = each.items.map((item) => ({ ...item, id: own(item.id) }));
        expect(await table.store.save(items)).toEqual(await store.save(items));
        break;
      }
      case 'load': {
        const [mine, theirs] = [
          await table.store.load(each.ids.map(own)),
          await store.load(each.ids.map(own)),
        ];
        expect(sorted(mine)).toEqual(sorted(theirs));
        break;
      }
      case 'put':
        table.put(own(each.id), each.attributes);
        await dynamo.send(
          new PutItemCommand({
            TableName: server.name,
            Item: { ...each.attributes, id: { S: own(each.id) } },
          }),
        );
        break;
      case 'delete':
        table.delete(own(each.id));
        await dynamo.send(
          new DeleteItemCommand({ TableName: server.name, Key: { id: { S: own(each.id) } } }),
        );
    }
  }
}

/** Foreign items are shown whole, and the order of their attributes means nothing. */
const sorted = (loaded: Awaited<ReturnType<Store['load']>>): unknown =>
  loaded.ok
    ? [...loaded.value]
        .sort()
        .map(([name, item]) => [name, { ...item, json: Buffer.from(item.json).sort().toString() }])
    : loaded;

describe('the table in memory', () => {
  it('behaves to the store like DynamoDB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) =>
        live(steps, `world ${(worlds += 1)}`),
      ),
      taking(10),
    );
  }, 600_000);
});
