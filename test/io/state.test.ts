import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import * as v from 'valibot';
import { createTable, startTable } from '../../demo/table';
import type { ItemToSave, Store, StoredItem } from '../../lambda/core/memory/store';
import { storeIn } from '../../lambda/io/state';
import { settings } from '../support/emulator';
import { motoIsThere, startMoto } from '../support/moto';

interface Table {
  readonly url: string;
  readonly name: string;
  readonly close: () => Promise<void>;
}

const item = (id: string, changes: Partial<ItemToSave> = {}): ItemToSave => ({
  id,
  readVersion: null,
  json: `{"id":"${id}"}`,
  unreadable: null,
  ...changes,
});

class Refused extends Error {}
async function load(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, StoredItem>> {
  const loaded = await store.load(ids);
  if (!loaded.ok) throw new Refused(loaded.failure.message);
  return loaded.value;
}

function suite(open: () => Promise<Table>): void {
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

  it('gives back what was saved, and nothing of what is not there', async () => {
    expect(await store.save([item('a'), item('b')])).toEqual({ ok: true, value: 0 });
    const loaded = await load(store, ['a', 'b', 'missing', 'a']);
    expect([...loaded].sort()).toEqual([
      ['a', { version: 1, json: '{"id":"a"}', unreadable: null }],
      ['b', { version: 1, json: '{"id":"b"}', unreadable: null }],
    ]);
    expect(await load(store, [])).toEqual(new Map());
  });

  it('takes 250 ids, more than a call of DynamoDB takes', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `https://issuer.example.com/org/${index}`);
    expect(await store.save(ids.map((id) => item(id)))).toEqual({ ok: true, value: 0 });
    const loaded = await load(store, [...ids, 'missing']);
    expect(loaded.size).toBe(250);
    expect(loaded.get(ids[249] ?? '')?.json).toBe(`{"id":"${ids[249] ?? ''}"}`);
  });

  it('counts a conflict and leaves the item of the other run as it is', async () => {
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

  it('does not make an item anew that somebody deleted since it was read', async () => {
    await store.save([item('f')]);
    await dynamo.send(new DeleteItemCommand({ TableName: table.name, Key: { id: { S: 'f' } } }));
    expect(await store.save([item('f', { readVersion: 1 })])).toEqual({ ok: true, value: 1 });
    expect(await get('f')).toBeUndefined();
  });

  it('lets exactly one of two savers win each item', async () => {
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

  it('keeps what it could not read beside what replaces it, and through later runs', async () => {
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
  ])('replaces an item with %s, and keeps all of it', async (name, attributes, shown) => {
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

  it('cuts what it keeps, so that an item stays below what DynamoDB takes', async () => {
    const huge = '\u20ac'.repeat(120_000);
    const saved = await store.save([item('h', { json: 'x'.repeat(90_000), unreadable: huge })]);
    expect(saved).toEqual({ ok: true, value: 0 });
  });

  it('names a table that is not there, at loading and at saving', async () => {
    const gone = storeIn(dynamo, 'gone');
    for (const outcome of [await gone.load(['a']), await gone.save([item('a')])]) {
      expect(outcome).toMatchObject({
        ok: false,
        failure: { step: 'state', code: 'AWS_NOT_FOUND', message: expect.stringContaining('gone') },
      });
    }
  });

  it('saves what can be saved although one item is refused', async () => {
    const outcome = await store.save([item('big', { json: 'x'.repeat(410_000) }), item('small')]);
    expect(outcome).toMatchObject({ ok: false, failure: { step: 'state', code: 'AWS_UNAVAILABLE' } });
    expect((await load(store, ['small'])).size).toBe(1);
  });
}

describe('the store, on dynalite', () => {
  suite(startTable);
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('the store, on moto_server', () => {
  suite(async () => {
    const moto = await startMoto();
    await createTable(moto.url, 'State');
    return { url: moto.url, name: 'State', close: moto.stop };
  });
});

const REQUEST = v.object({
  RequestItems: v.record(
    v.string(),
    v.object({ Keys: v.array(v.object({ id: v.object({ S: v.string() }) })) }),
  ),
});

describe('the store, where DynamoDB does not answer at once', () => {
  let server: Server | undefined;
  const asked: string[][] = [];

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    asked.length = 0;
  });

  /** DynamoDB's protocol is JSON over HTTP. `answer` gets the ids that are asked for. */
  async function serve(
    answer: (ids: readonly string[]) => { status: number; body: unknown },
  ): Promise<Store> {
    const started = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const parsed = v.safeParse(REQUEST, JSON.parse(Buffer.concat(chunks).toString()));
        const ids = parsed.success
          ? Object.values(parsed.output.RequestItems).flatMap(({ Keys }) => Keys.map(({ id }) => id.S))
          : [];
        asked.push(ids);
        const { status, body } = answer(ids);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify(body));
      });
    });
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    const address = started.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return storeIn(new DynamoDBClient(settings(`http://127.0.0.1:${port}`)), 'T', { roundDelayMs: 1 });
  }

  const stored = (id: string): unknown => ({ id: { S: id }, version: { N: '1' }, data: { S: id } });
  const keysOf = (ids: readonly string[]): unknown => ({ T: { Keys: ids.map((id) => ({ id: { S: id } })) } });

  it('asks again for the keys that were left for later', async () => {
    const store = await serve((ids) => ({
      status: 200,
      body: {
        Responses: { T: ids.slice(0, 2).map(stored) },
        UnprocessedKeys: ids.length > 2 ? keysOf(ids.slice(2)) : {},
      },
    }));
    const loaded = await load(store, ['a', 'b', 'c', 'd', 'e']);
    expect([...loaded.keys()].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toEqual([['a', 'b', 'c', 'd', 'e'], ['c', 'd', 'e'], ['e']]);
  });

  it('gives up in the end, and then knows nothing rather than half', async () => {
    const store = await serve((ids) => ({
      status: 200,
      body: { Responses: { T: [] }, UnprocessedKeys: keysOf(ids) },
    }));
    expect(await store.load(['a'])).toMatchObject({
      ok: false,
      failure: { step: 'state', code: 'AWS_THROTTLED' },
    });
  }, 60_000);

  it.each([
    [400, 'AccessDeniedException', 'AWS_ACCESS_DENIED'],
    [400, 'ProvisionedThroughputExceededException', 'AWS_THROTTLED'],
    [500, 'InternalServerError', 'AWS_UNAVAILABLE'],
  ])('answers %d %s with %s', async (status, type, code) => {
    const store = await serve(() => ({
      status,
      body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'no' },
    }));
    expect(await store.load(['a'])).toMatchObject({ ok: false, failure: { step: 'state', code } });
    expect(await store.save([item('a')])).toMatchObject({ ok: false, failure: { step: 'state', code } });
  });
});
