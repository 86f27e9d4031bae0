/** What any DynamoDB must make of the store. */
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EmbeddedTable } from '../../demo/table';
import type { ItemToSave, Store, StoredItem } from '../../lambda/domain/store';
import { storeIn, unreadableId } from '../../lambda/adapters/dynamodb';
import { MAX_DATA_BYTES } from '../../lambda/state/fit';
import { settings } from './emulator';

const BYTES = Buffer.from([0, 1, 127, 128, 254, 255]);
const OURS = Buffer.from('ours');
const THEIRS = Buffer.from('theirs');
/** Of an item, with its attributes' names. */
const MAX_ITEM_BYTES = 400 * 1024;

/** A new item, but for `changes`. */
export const item = (id: string, changes: Partial<ItemToSave> = {}): ItemToSave => ({
  id,
  readVersion: null,
  data: BYTES,
  ...changes,
});

class Refused extends Error {}

/** The stored item of an id. Throws if it cannot be read. */
export async function load(store: Store, id: string): Promise<StoredItem | null> {
  const loaded = await store.load(id);
  if (!loaded.ok) throw new Refused(loaded.failure.message);
  return loaded.value;
}

const SAVED = { ok: true, value: 'saved' };
const CONFLICT = { ok: true, value: 'conflict' };

/** Versions that others wrote, as DynamoDB returns them, and the version that the store reads. */
const VERSIONS: readonly (readonly [name: string, version: AttributeValue, read: number | null])[] = [
  ['0', { N: '0' }, 0],
  ['a negative one', { N: '-3' }, null],
  ['a decimal one', { N: '1.5' }, 2],
  ['a decimal one with more digits than JavaScript has', { N: '1.99999999999999999999999999' }, 2],
  ['the highest that can be increased', { N: '9007199254740990' }, 9_007_199_254_740_990],
  ['2^53 - 1', { N: '9007199254740991' }, null],
  ['a decimal one near 2^53', { N: '9007199254740990.7' }, null],
  ['2^53', { N: '9007199254740992' }, null],
  ['2^53 + 1', { N: '9007199254740993' }, null],
  ['the highest of DynamoDB', { N: '9.9999999999999999999999999999999999999E+125' }, null],
  ['one below -2^53', { N: '-9007199254740993' }, null],
  ['one that is text', { S: 'x' }, null],
  ['one that is a number as text', { S: '7' }, null],
  ['one that is a map', { M: { deep: { N: '1' } } }, null],
];

type Table = Omit<EmbeddedTable, 'handle'>;

/** The tests, on a table of their own. `countsAsBase64`: it takes binary values for larger than DynamoDB does. */
export function storeSuite(
  open: () => Promise<Table>,
  { countsAsBase64 = false }: { readonly countsAsBase64?: boolean } = {},
): void {
  let table: Table;
  let dynamo: DynamoDBClient;
  let store: Store;

  beforeAll(async () => {
    table = await open();
    dynamo = new DynamoDBClient(settings(table.url));
    store = storeIn(dynamo, table.name);
  }, 90_000);

  afterAll(async () => {
    dynamo.destroy();
    await table.close();
  });

  const put = async (attributes: Record<string, AttributeValue>): Promise<void> => {
    await dynamo.send(new PutItemCommand({ TableName: table.name, Item: attributes }));
  };
  const get = async (id: string): Promise<Record<string, AttributeValue> | undefined> =>
    (await dynamo.send(new GetItemCommand({ TableName: table.name, Key: { id: { S: id } } }))).Item;

  it('loads nothing if there is no item', async () => {
    expect(await store.load('missing')).toEqual({ ok: true, value: null });
  });

  it('loads the bytes that were saved, whatever they are', async () => {
    expect(await store.save(item('a'))).toEqual(SAVED);
    const found = await load(store, 'a');
    expect(found).toMatchObject({ version: 1, text: null });
    expect(Buffer.from(found?.data ?? [])).toEqual(BYTES);
  });

  it('saves an item of the version that was read, and increases the version', async () => {
    await store.save(item('b'));
    expect(await store.save(item('b', { readVersion: 1, data: OURS }))).toEqual(SAVED);
    expect(await load(store, 'b')).toMatchObject({ version: 2, data: Uint8Array.from(OURS) });
  });

  it.each([
    ['of the next version', 2],
    ['of a version before it', 0],
    ['of a much higher version', 100],
    ['that it expected to be absent', null],
  ])('reports a conflict and does not overwrite an item %s', async (name, readVersion) => {
    const id = `conflict ${name}`;
    await store.save(item(id, { data: THEIRS }));
    expect(await store.save(item(id, { readVersion, data: OURS }))).toEqual(CONFLICT);
    expect(await load(store, id)).toMatchObject({ version: 1, data: Uint8Array.from(THEIRS) });
  });

  it('does not recreate an item that was deleted after it had been read', async () => {
    await store.save(item('d'));
    await dynamo.send(new DeleteItemCommand({ TableName: table.name, Key: { id: { S: 'd' } } }));
    expect(await store.save(item('d', { readVersion: 1 }))).toEqual(CONFLICT);
    expect(await get('d')).toBeUndefined();
  });

  it('lets exactly one of many concurrent writers save an item, new or not', async () => {
    for (const readVersion of [null, 1, 2]) {
      const saving = Array.from({ length: 8 }, () => store.save(item('race', { readVersion })));
      const outcomes = await Promise.all(saving);
      expect(outcomes.filter((each) => each.ok && each.value === 'saved')).toHaveLength(1);
      expect(outcomes.filter((each) => each.ok && each.value === 'conflict')).toHaveLength(7);
    }
  });

  it.each(VERSIONS)(
    'replaces an item whose version is %s, and detects a conflict',
    async (name, version, read) => {
      const id = `version ${name}`;
      await put({ id: { S: id }, version, data: { B: THEIRS } });
      expect((await load(store, id))?.version).toBe(read);
      expect(await store.save(item(id, { readVersion: read, data: OURS }))).toEqual(SAVED);
      // Another run that had read the same.
      expect(await store.save(item(id, { readVersion: read, data: THEIRS }))).toEqual(CONFLICT);
      const { version: next = null, data } = (await load(store, id)) ?? {};
      expect(data).toEqual(Uint8Array.from(OURS));
      // And the run after it.
      expect(await store.save(item(id, { readVersion: next, data: THEIRS }))).toEqual(SAVED);
      expect(await store.save(item(id, { readVersion: next, data: OURS }))).toEqual(CONFLICT);
    },
  );

  it.each<[string, Record<string, AttributeValue>, Pick<StoredItem, 'data' | 'text'>]>([
    ['no version', { data: { B: BYTES } }, { data: Uint8Array.from(BYTES), text: null }],
    ['text, as version 1 of the state wrote it', { data: { S: '{}' } }, { data: null, text: '{}' }],
    ['data of another type', { data: { M: { first: { S: 'seen' } } } }, { data: null, text: null }],
    ['other attributes only', { firstSeen: { S: 'long ago' } }, { data: null, text: null }],
  ])('loads and replaces an item with %s', async (name, attributes, found) => {
    const id = `odd ${name}`;
    await put({ id: { S: id }, ...attributes });
    expect(await load(store, id)).toEqual({ version: null, ...found });
    expect(await store.save(item(id))).toEqual(SAVED);
    expect(await get(id)).toEqual({
      id: { S: id },
      version: { N: '1' },
      data: { B: Uint8Array.from(BYTES) },
    });
  });

  it('preserves all attributes of an item under another id, and leaves the item', async () => {
    const found = {
      id: { S: 'foreign' },
      version: { S: 'two' },
      data: { B: BYTES },
      deep: { M: { list: { L: [{ BOOL: true }, { NULL: true }, { BS: [OURS, THEIRS] }] } } },
    };
    await put(found);
    const before = await get('foreign');
    expect(await store.preserve('foreign')).toEqual({ ok: true, value: null });
    expect(await get('foreign')).toEqual(before);
    expect(await get(unreadableId('foreign'))).toEqual({ ...before, id: { S: unreadableId('foreign') } });
  });

  it('replaces an earlier copy, and copies nothing if there is no item', async () => {
    expect(await store.preserve('nothing')).toEqual({ ok: true, value: null });
    expect(await get(unreadableId('nothing'))).toBeUndefined();
    for (const text of ['first', 'second']) {
      await put({ id: { S: 'twice' }, text: { S: text } });
      expect(await store.preserve('twice')).toEqual({ ok: true, value: null });
    }
    expect((await get(unreadableId('twice')))?.['text']).toEqual({ S: 'second' });
  });

  if (!countsAsBase64) {
    it.each<[string, AttributeValue]>([
      ['bytes', { B: Buffer.alloc(MAX_ITEM_BYTES - 100, 255) }],
      ['characters of three bytes', { S: '\u20ac'.repeat(Math.floor((MAX_ITEM_BYTES - 100) / 3)) }],
      ['characters that JSON escapes', { S: '\u0001'.repeat(MAX_ITEM_BYTES - 100) }],
    ])('preserves all of an item of nearly 400 KB of %s', async (name, data) => {
      const id = `full ${name}`;
      await put({ id: { S: id }, data });
      const before = await get(id);
      expect(await store.preserve(id)).toEqual({ ok: true, value: null });
      expect(await get(unreadableId(id))).toEqual({ ...before, id: { S: unreadableId(id) } });
    });

    it('preserves what fits of the largest item that DynamoDB accepts', async () => {
      const bytes = MAX_ITEM_BYTES - 'idlargestdata'.length;
      await put({ id: { S: 'largest' }, data: { B: Buffer.alloc(bytes, 255) } });
      expect(await store.preserve('largest')).toEqual({ ok: true, value: null });
      const { unreadable } = (await get(unreadableId('largest'))) ?? {};
      expect(unreadable?.B?.byteLength).toBe(380 * 1024);
    });

    it('saves the largest item that DynamoDB accepts', async () => {
      expect(await store.save(item('large', { data: Buffer.alloc(MAX_DATA_BYTES, 255) }))).toEqual(SAVED);
      expect((await load(store, 'large'))?.data?.byteLength).toBe(MAX_DATA_BYTES);
    });
  }

  it('returns a failure for an item that is too large, and leaves what is there', async () => {
    await store.save(item('big'));
    expect(
      await store.save(item('big', { readVersion: 1, data: Buffer.alloc(MAX_ITEM_BYTES) })),
    ).toMatchObject({
      ok: false,
      failure: {
        step: 'state',
        code: 'AWS_UNAVAILABLE',
        message: expect.stringContaining('dynamodb:PutItem'),
      },
    });
    expect(await load(store, 'big')).toMatchObject({ version: 1 });
  });

  it('names a missing table in every failure', async () => {
    const gone = storeIn(dynamo, 'gone');
    for (const outcome of [await gone.load('a'), await gone.save(item('a')), await gone.preserve('a')]) {
      expect(outcome).toMatchObject({
        ok: false,
        failure: { step: 'state', code: 'AWS_NOT_FOUND', message: expect.stringContaining('gone') },
      });
    }
  });
}
