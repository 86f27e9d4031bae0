import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IAMClient } from '@aws-sdk/client-iam';
import { attachedPolicies, listRoles, openIam, readProvider } from '../../lambda/adapters/iam';

const ANSWER = `<GetOpenIDConnectProviderResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetOpenIDConnectProviderResult><Url>example.com</Url></GetOpenIDConnectProviderResult>
</GetOpenIDConnectProviderResponse>`;

const THROTTLED = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>
</ErrorResponse>`;

let server: Server;
const held: ServerResponse[] = [];
const environment = { ...process.env };

const isAddressInfo = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    held.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${isAddressInfo(address) ? address.port : 0}`;
  process.env['AWS_REGION'] = 'eu-west-1';
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
});

afterAll(async () => {
  process.env = environment;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

afterEach(() => {
  jest.useRealTimers();
});

const arrival = async (count: number): Promise<void> => {
  while (held.length < count) await new Promise(setImmediate);
};

describe('IAM client', () => {
  it('starts the timeout of a call when it has a socket, so that none times out in the queue', async () => {
    const iam = openIam();
    let begun = 0;
    iam.middlewareStack.add(
      (next) => (args) => {
        begun += 1;
        return next(args);
      },
      { step: 'serialize' },
    );
    const read = Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        readProvider(iam, `arn:aws:iam::123456789012:oidc-provider/example.com/${index}`),
      ),
    );
    for (const expected of [16, 32, 40]) {
      await arrival(expected);
      expect(begun).toBe(expected);
      for (const response of held) if (!response.writableEnded) response.end(ANSWER);
    }
    const outcomes = await read;
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(40);
    iam.destroy();
  });

  const ARN = 'arn:aws:iam::123456789012:oidc-provider/example.com/org';

  it.each([
    ['one provider', (iam: IAMClient, over: AbortSignal) => readProvider(iam, ARN, over)],
    ['the roles', listRoles],
    ['the policies of a role', (iam: IAMClient, over: AbortSignal) => attachedPolicies(iam, 'deploy', over)],
  ])('aborts calls about %s at the end of their run', async (_, ask) => {
    const [iam, over, before] = [openIam(), new AbortController(), held.length];
    const outcome = ask(iam, over.signal);
    await arrival(before + 1);
    const left = once(held.at(-1)?.socket ?? server, 'close');
    over.abort();
    expect(await outcome).toMatchObject({ ok: false });
    await left;
    iam.destroy();
  });

  it('does not retry calls once the run is over', async () => {
    // The SDK's wait before it would repeat is given up, but its timer goes on, and would hold the process.
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
    const [iam, over, before] = [openIam(), new AbortController(), held.length];
    iam.middlewareStack.add(
      (next) => (args) =>
        next(args).catch((error: unknown) => {
          over.abort();
          throw error;
        }),
      { step: 'deserialize', priority: 'high' },
    );
    const outcome = readProvider(iam, ARN, over.signal);
    await arrival(before + 1);
    held.at(-1)?.writeHead(400, { 'content-type': 'text/xml' }).end(THROTTLED);
    expect(await outcome).toMatchObject({ ok: false });
    expect(held).toHaveLength(before + 1);
    iam.destroy();
  });
});
