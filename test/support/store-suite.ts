/** What any DynamoDB must make of the store. */
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EmbeddedTable } from '../../demo/table';
import type { ItemToSave, Store, StoredItem } from '../../lambda/domain/store';
import { storeIn } from '../../lambda/adapters/dynamodb';
import { settings } from './emulator';

/** A new item, but for `changes`. */
export const item = (id: string, changes: Partial<ItemToSave> = {}): ItemToSave => ({
  id,
  readVersion: null,
  json: `{"id":"${id}"}`,
  unreadable: null,
  ...changes,
});

class Refused extends Error {}

/** The stored values of these ids. Throws if they cannot be read. */
export async function load(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, StoredItem>> {
  const loaded = await store.load(ids);
  if (!loaded.ok) throw new Refused(loaded.failure.message);
  return loaded.value;
}

type Table = Omit<EmbeddedTable, 'handle'>;

/** The tests, on a table of their own. */
export function storeSuite(open: () => Promise<Table>): void {
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

  it('loads what was saved, and nothing for missing items', async () => {
    expect(await store.save([item('a'), item('b')])).toEqual({ ok: true, value: 0 });
    const loaded = await load(store, ['a', 'b', 'missing', 'a']);
    expect([...loaded].sort()).toEqual([
      ['a', { version: 1, json: '{"id":"a"}', unreadable: null }],
      ['b', { version: 1, json: '{"id":"b"}', unreadable: null }],
    ]);
    expect(await load(store, [])).toEqual(new Map());
  });

  it('accepts 101 ids, more than a call of DynamoDB takes', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `https://issuer.example.com/org/${index}`);
    expect(await store.save(ids.map((id) => item(id)))).toEqual({ ok: true, value: 0 });
    const loaded = await load(store, [...ids, 'missing']);
    expect(loaded.size).toBe(101);
    expect(loaded.get(ids[100] ?? '')?.json).toBe(`{"id":"${ids[100] ?? ''}"}`);
  });

  it('counts a conflict and does not overwrite the item of the other run', async () => {
    await store.save([item('c')]);
    expect(await store.save([item('c', { readVersion: 1, json: 'theirs' })])).toEqual({ ok: true, value: 0 });
    const late = [item('c', { readVersion: 1, json: 'ours' }), item('d')];
    expect(await store.save(late)).toEqual({ ok: true, value: 1 });
    expect((await load(store, ['c', 'd'])).get('c')).toMatchObject({ version: 2, json: 'theirs' });
    expect((await load(store, ['d'])).size).toBe(1);
  });

  it('does not overwrite an item that another run made first', async () => {
    await store.save([item('e', { json: 'theirs' })]);
    expect(await store.save([item('e', { json: 'ours' })])).toEqual({ ok: true, value: 1 });
    expect((await load(store, ['e'])).get('e')?.json).toBe('theirs');
  });

  it('does not recreate an item that somebody deleted since it was read', async () => {
    await store.save([item('f')]);
    await dynamo.send(new DeleteItemCommand({ TableName: table.name, Key: { id: { S: 'f' } } }));
    expect(await store.save([item('f', { readVersion: 1 })])).toEqual({ ok: true, value: 1 });
    expect(await get('f')).toBeUndefined();
  });

  it('lets exactly one of two writers save each item', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `race-${index}`);
    const saving = ['one', 'two'].map((json) => store.save(ids.map((id) => item(id, { json }))));
    const outcomes = await Promise.all(saving);
    const conflicts = outcomes.map((outcome) => (outcome.ok ? outcome.value : NaN));
    expect(conflicts.reduce((sum, each) => sum + each)).toBe(ids.length);
    const loaded = await load(store, ids);
    expect([...loaded.values()].every(({ version }) => version === 1)).toBe(true);
    expect([...loaded.values()].filter(({ json }) => json === 'one')).toHaveLength(
      ids.length - (conflicts[0] ?? 0),
    );
  });

  it('preserves what it could not read beside the new item, and through later runs', async () => {
    await put({ id: { S: 'g' }, version: { N: '7' }, data: { S: 'not ours' } });
    expect((await load(store, ['g'])).get('g')).toEqual({ version: 7, json: 'not ours', unreadable: null });
    await store.save([item('g', { readVersion: 7, unreadable: 'not ours' })]);
    const after = (await load(store, ['g'])).get('g');
    expect(after).toEqual({ version: 8, json: '{"id":"g"}', unreadable: 'not ours' });
    await store.save([item('g', { readVersion: 8, unreadable: after?.unreadable ?? null })]);
    expect((await get('g'))?.['unreadable']).toEqual({ S: 'not ours' });
  });

  it.each<[string, Record<string, AttributeValue>, string]>([
    ['no version', { data: { S: '{"a":1}' } }, '{"a":1}'],
    ['a version that is no number', { version: { S: 'x' }, data: { S: '{"a":1}' } }, '{"a":1}'],
    ['a version that is no whole number', { version: { N: '1.5' }, data: { S: '{"a":1}' } }, '{"a":1}'],
    [
      'data of another type',
      { version: { N: '3' }, data: { M: { first: { S: 'seen' } } } },
      '{"data":{"M":{"first":{"S":"seen"}}}',
    ],
    ['other attributes', { firstSeen: { S: 'long ago' } }, '"firstSeen":{"S":"long ago"}'],
  ])('replaces an item with %s, and preserves all of it', async (name, attributes, shown) => {
    const id = `odd ${name}`;
    await put({ id: { S: id }, ...attributes });
    const found = (await load(store, [id])).get(id);
    expect(found?.json).toContain(shown.replace(/^\{"data"/, '"data"').replace(/\}$/, ''));
    const saved = await store.save([
      item(id, { readVersion: found?.version ?? null, unreadable: found?.json ?? null }),
    ]);
    expect(saved).toEqual({ ok: true, value: 0 });
    const after = (await load(store, [id])).get(id);
    expect(after).toMatchObject({ json: `{"id":"${id}"}`, unreadable: found?.json });
    expect(await store.save([item(id, { readVersion: after?.version ?? null })])).toEqual({
      ok: true,
      value: 0,
    });
  });

  it('truncates what it preserves, so that an item stays below the limit of DynamoDB', async () => {
    const huge = '\u20ac'.repeat(120_000);
    const saved = await store.save([item('h', { json: 'x'.repeat(90_000), unreadable: huge })]);
    expect(saved).toEqual({ ok: true, value: 0 });
  });

  it('names a missing table, at loading and at saving', async () => {
    const gone = storeIn(dynamo, 'gone');
    for (const outcome of [await gone.load(['a']), await gone.save([item('a')])]) {
      expect(outcome).toMatchObject({
        ok: false,
        failure: { step: 'state', code: 'AWS_NOT_FOUND', message: expect.stringContaining('gone') },
      });
    }
  });

  it('saves the other items if one item is refused', async () => {
    const outcome = await store.save([item('big', { json: 'x'.repeat(410_000) }), item('small')]);
    expect(outcome).toMatchObject({ ok: false, failure: { step: 'state', code: 'AWS_UNAVAILABLE' } });
    expect((await load(store, ['small'])).size).toBe(1);
  });
}
