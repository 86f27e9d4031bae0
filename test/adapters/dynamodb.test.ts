import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { portOf } from '../../demo/port';
import { startTable } from '../../demo/table';
import type { Store } from '../../lambda/domain/store';
import { storeIn } from '../../lambda/adapters/dynamodb';
import { settings } from '../support/emulator';
import { item, storeSuite } from '../support/store-suite';

describe('storeIn with dynalite', () => {
  storeSuite(startTable);
});

/** Answers a request; `action` is `GetItem` or `PutItem`. */
type Answer = (response: ServerResponse, action: string) => void;

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

const text =
  (body: string, status = 200): Answer =>
  (response) => {
    response.writeHead(status, JSON_TYPE).end(body);
  };
const error = (status: number, type: string): Answer =>
  text(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'no' }), status);
const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};
const cut: Answer = (response) => {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{');
  setImmediate(() => response.socket?.destroy());
};

describe('storeIn with a connection that loses answers', () => {
  it('recognizes its own write when it is repeated, and that of another run', async () => {
    const table = await startTable();
    let isLosing = true;
    const front = createServer((request, response) => {
      if (isLosing && String(request.headers['x-amz-target']).endsWith('PutItem')) {
        isLosing = false;
        // DynamoDB writes, and its answer does not arrive.
        response.end = () => response.destroy();
      }
      table.handle(request, response);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const dynamo = new DynamoDBClient({ ...settings(`http://127.0.0.1:${portOf(front)}`), maxAttempts: 3 });
    const store = storeIn(dynamo, table.name);
    try {
      expect(await store.save(item('a'))).toEqual({ ok: true, value: 'saved' });
      expect(isLosing).toBe(false);
      isLosing = true;
      expect(await store.save(item('a', { data: Buffer.from('other') }))).toEqual({
        ok: true,
        value: 'conflict',
      });
      isLosing = true;
      expect(await store.save(item('a', { readVersion: 1 }))).toEqual({ ok: true, value: 'saved' });
      expect(await store.load('a')).toMatchObject({ value: { version: 2 } });
    } finally {
      dynamo.destroy();
      front.close();
      front.closeAllConnections();
      await table.close();
    }
  });
});

describe('storeIn with a DynamoDB that fails', () => {
  let server: Server | undefined;
  let dynamo: DynamoDBClient | undefined;

  afterEach(() => {
    dynamo?.destroy();
    server?.closeAllConnections();
    server?.close();
  });

  /** DynamoDB's protocol is JSON over HTTP. */
  async function serve(answer: Answer): Promise<Store> {
    const started = createServer((request, response) => {
      request.resume().once('end', () => {
        answer(response, String(request.headers['x-amz-target']).replace(/^.*\./, ''));
      });
    });
    server = started;
    started.listen(0, '127.0.0.1');
    await once(started, 'listening');
    dynamo = new DynamoDBClient(settings(`http://127.0.0.1:${portOf(started)}`));
    return storeIn(dynamo, 'T');
  }

  const FAULTS: readonly (readonly [string, Answer, string])[] = [
    ['a denied call', error(400, 'AccessDeniedException'), 'AWS_ACCESS_DENIED'],
    ['a throttled call', error(400, 'ProvisionedThroughputExceededException'), 'AWS_THROTTLED'],
    ['an internal error', error(500, 'InternalServerError'), 'AWS_UNAVAILABLE'],
    ['an error without a body', text('', 503), 'AWS_UNAVAILABLE'],
    ['an expired token', error(400, 'ExpiredTokenException'), 'AWS_CREDENTIALS'],
    ['a connection that is reset', reset, 'AWS_UNAVAILABLE'],
    ['an answer that is cut', cut, 'AWS_UNAVAILABLE'],
    ['an answer that is not JSON', text('<html>'), 'AWS_UNAVAILABLE'],
  ];

  it.each(FAULTS)('returns a failure for %s', async (_, answer, code) => {
    const store = await serve(answer);
    const failed = (action: string): object => ({
      ok: false,
      failure: { step: 'state', code, message: expect.stringContaining(`dynamodb:${action}`) },
    });
    expect(await store.load('a')).toMatchObject(failed('GetItem'));
    expect(await store.save(item('a'))).toMatchObject(failed('PutItem'));
    expect(await store.preserve('a')).toMatchObject(failed('GetItem'));
  });

  it.each(FAULTS)('returns a failure if the copy of an item meets %s', async (_, answer, code) => {
    const store = await serve((response, action) => {
      (action === 'GetItem' ? text('{"Item":{"id":{"S":"a"}}}') : answer)(response, action);
    });
    expect(await store.preserve('a')).toMatchObject({
      ok: false,
      failure: { step: 'state', code, message: expect.stringContaining('dynamodb:PutItem') },
    });
  });

  it.each([
    ['an item that is text', '{"Item":"text"}'],
    ['an item that is a list', '{"Item":[1]}'],
    ['attributes without a type', '{"Item":{"version":1,"data":"x"}}'],
    ['attributes that are null', '{"Item":{"version":null,"data":null}}'],
    ['values of other types', '{"Item":{"version":{"N":[1]},"data":{"S":5}}}'],
    ['bytes that are a number', '{"Item":{"version":{"N":"1"},"data":{"B":5}}}'],
    ['bytes that are not base64', '{"Item":{"version":{"N":"1"},"data":{"B":"%"}}}'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('reads %s without an exception, as a failure or as an item without data', async (_, body) => {
    const store = await serve(text(body));
    const loaded = await store.load('a');
    if (loaded.ok) expect(loaded.value?.data ?? null).toBeNull();
    else expect(loaded.failure).toMatchObject({ step: 'state', code: 'AWS_UNAVAILABLE' });
    const preserved = await store.preserve('a');
    expect(preserved.ok || preserved.failure.step).toBe(preserved.ok ? true : 'state');
  });

  it('has at most 16 reads in flight', async () => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    const store = await serve((response) => {
      waiting.push(response);
      most = Math.max(most, waiting.length);
      // Long enough for further requests to arrive, if there are any.
      setTimeout(() => {
        for (const each of waiting.splice(0)) each.writeHead(200, JSON_TYPE).end('{}');
      }, 20);
    });
    const loading = Array.from({ length: 100 }, (_, index) =>
      index % 10 === 0 ? store.preserve(`id ${index}`) : store.load(`id ${index}`),
    );
    expect(await Promise.all(loading)).toEqual(Array(100).fill({ ok: true, value: null }));
    expect(most).toBe(16);
  });
});
