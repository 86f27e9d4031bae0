import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import * as v from 'valibot';
import { startTable } from '../../demo/table';
import type { Store } from '../../lambda/domain/store';
import { storeIn } from '../../lambda/adapters/dynamodb';
import { settings } from '../support/emulator';
import { item, load, storeSuite } from '../support/store-suite';
import { portOf } from '../../demo/port';

describe('storeIn with dynalite', () => {
  storeSuite(startTable);
});

const REQUEST = v.object({
  RequestItems: v.record(
    v.string(),
    v.object({ Keys: v.array(v.object({ id: v.object({ S: v.string() }) })) }),
  ),
});

describe('storeIn with a DynamoDB that returns unprocessed keys', () => {
  let server: Server | undefined;
  const asked: string[][] = [];

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    asked.length = 0;
  });

  /** DynamoDB's protocol is JSON over HTTP. `answer` gets the ids of the request. */
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
    return storeIn(new DynamoDBClient(settings(`http://127.0.0.1:${portOf(started)}`)), 'T', {
      roundDelayMs: 1,
    });
  }

  const stored = (id: string): unknown => ({ id: { S: id }, version: { N: '1' }, data: { S: id } });
  const keysOf = (ids: readonly string[]): unknown => ({ T: { Keys: ids.map((id) => ({ id: { S: id } })) } });

  it('requests unprocessed keys again', async () => {
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

  it('gives up in the end, and then returns nothing rather than half', async () => {
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
