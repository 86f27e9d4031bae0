/** The table in memory answers as DynamoDB does: the same calls to both, and the same answers. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startTable } from '../../demo/table';
import type { EmbeddedTable } from '../../demo/table';
import { storeIn, unreadableId } from '../../lambda/adapters/dynamodb';
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
  { version: { S: 'two' }, data: { B: Buffer.from('two') } },
  { version: { N: '1.5' }, data: { N: '1' } },
  { version: { N: '9007199254740990' } },
  { version: { N: '9007199254740993' } },
  { data: { M: { deep: { BOOL: true } } } },
);
/** Null and the version that the item has come often: other writes have no effect. */
const readVersion = fc.oneof(
  fc.constant('as loaded' as const),
  fc.constant(null),
  fc.integer({ min: 0, max: 4 }),
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('save' as const),
      id,
      readVersion,
      data: fc.uint8Array({ maxLength: 20 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('load' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('preserve' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('put' as const), id, attributes: foreign }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Separate ids for the worlds of one table. */
async function live(steps: readonly Step[], world: string): Promise<void> {
  const table = new MemoryTable();
  for (const each of steps) {
    const own = `${world} ${each.id}`;
    switch (each.do) {
      case 'save': {
        const loaded = await store.load(own);
        const known = loaded.ok ? (loaded.value?.version ?? null) : null;
        const item = {
          id: own,
          readVersion: each.readVersion === 'as loaded' ? known : each.readVersion,
          data: each.data,
        };
        expect(await table.store.save(item)).toEqual(await store.save(item));
        break;
      }
      case 'load':
        await expectSame(table, own);
        break;
      case 'preserve':
        expect(await table.store.preserve(own)).toEqual(await store.preserve(own));
        await expectSame(table, unreadableId(own));
        break;
      case 'put':
        table.put(own, each.attributes);
        await dynamo.send(
          new PutItemCommand({ TableName: server.name, Item: { ...each.attributes, id: { S: own } } }),
        );
        break;
      case 'delete':
        table.delete(own);
        await dynamo.send(new DeleteItemCommand({ TableName: server.name, Key: { id: { S: own } } }));
    }
  }
}

async function expectSame(table: MemoryTable, name: string): Promise<void> {
  expect(plain(await table.store.load(name))).toEqual(plain(await store.load(name)));
}

/** Bytes are a Buffer or another array of bytes, which Jest distinguishes. */
const plain = (loaded: Awaited<ReturnType<Store['load']>>): unknown =>
  loaded.ok && loaded.value !== null
    ? { ...loaded.value, data: loaded.value.data === null ? null : [...loaded.value.data] }
    : loaded;

describe('the table in memory', () => {
  it('behaves to the store like DynamoDB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) =>
        live(steps, `world ${(worlds += 1)}`),
      ),
      taking(20),
    );
  }, 600_000);
});
