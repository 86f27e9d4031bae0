import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { SNSClient } from '@aws-sdk/client-sns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { portOf } from '../../demo/port';
import { boundedBy } from '../../lambda/adapters/aws-limits';
import { storeIn } from '../../lambda/adapters/dynamodb';
import {
  attachedPolicies,
  listProviders,
  listRoles,
  readProvider,
  updateThumbprints,
} from '../../lambda/adapters/iam';
import { countRecipients } from '../../lambda/adapters/sns';

const LIMITS = boundedBy({ attempts: 1, retryMode: 'standard', connectMs: 5_000, requestMs: 300 });
const ARN = 'arn:aws:iam::123456789012:oidc-provider/example.com/org';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alerts';

let server: Server;
let answer: (response: ServerResponse) => void = () => undefined;
let iam: IAMClient;
let sns: SNSClient;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.once('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const settings = {
    ...LIMITS,
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  iam = new IAMClient(settings);
  sns = new SNSClient(settings);
  dynamo = new DynamoDBClient(settings);
});

afterAll(async () => {
  iam.destroy();
  sns.destroy();
  dynamo.destroy();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

const store = () => storeIn(dynamo, 'state');
const ITEM = { id: 'a', readVersion: null, data: new Uint8Array() };

/** The ports that answer in XML, and the step of their failures. */
const QUERIES = [
  ['listProviders', 'iam', () => listProviders(iam)],
  ['readProvider', 'iam', () => readProvider(iam, ARN)],
  ['updateThumbprints', 'iam', () => updateThumbprints(iam, ARN, ['a'.repeat(40)])],
  ['listRoles', 'iam', () => listRoles(iam)],
  ['attachedPolicies', 'iam', () => attachedPolicies(iam, 'deploy')],
  ['countRecipients', 'sns', () => countRecipients(sns, TOPIC)],
] as const;

/** Those that answer in JSON. */
const DOCUMENTS = [
  ['store.load', 'state', () => store().load('a')],
  ['store.save', 'state', () => store().save(ITEM)],
] as const;

const reply =
  (status: number, body: string) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { connection: 'close' }).end(body);

const xmlError = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

const DENIED =
  'User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: x:Y on resource: * with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-a/service_control_policy/p-b';

describe('a failure of an AWS call', () => {
  it.each(QUERIES)('of %s has the words of AWS and the remedy of the policy', async (_, step, call) => {
    answer = reply(403, xmlError(step === 'sns' ? 'AuthorizationError' : 'AccessDenied', DENIED));
    expect(await call()).toMatchObject({
      ok: false,
      failure: {
        step,
        code: 'AWS_ACCESS_DENIED',
        message: expect.stringContaining(
          ': an administrator of the organization must remove the Deny from its service control policies (',
        ),
        detail: DENIED,
      },
    });
  });

  it.each(DOCUMENTS)('of %s has them, too', async (_, step, call) => {
    answer = reply(
      400,
      JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: DENIED }),
    );
    expect(await call()).toMatchObject({
      ok: false,
      failure: {
        step,
        code: 'AWS_ACCESS_DENIED',
        message: expect.stringContaining('an administrator of the organization must remove the Deny'),
        detail: DENIED,
      },
    });
  });

  it('has the words of the network', async () => {
    answer = (response) => response.socket?.destroy();
    expect(await listProviders(iam)).toMatchObject({
      failure: { code: 'AWS_UNAVAILABLE', detail: expect.stringContaining('socket hang up') },
    });
  });
});

describe('an answer that no AWS client expects', () => {
  // Each made the adapter throw a TypeError: the SDK passes on a message that is no text.
  it.each(QUERIES)('is a failure of %s: an error whose message is an element', async (_, step, call) => {
    answer = reply(400, xmlError('InvalidIdentityToken', '<x>1</x>'));
    expect(await call()).toEqual({
      ok: false,
      failure: {
        step,
        code: 'AWS_CREDENTIALS',
        message: expect.stringMatching(
          /^There are no usable AWS credentials for .*: InvalidIdentityToken\.$/,
        ),
      },
    });
  });

  it.each(DOCUMENTS)('is a failure of %s: an error whose message is an object', async (_, step, call) => {
    answer = reply(400, JSON.stringify({ __type: 'CredentialsProviderError', message: { a: 1 } }));
    expect(await call()).toMatchObject({ ok: false, failure: { step, code: 'AWS_CREDENTIALS' } });
  });

  // Each waited for as long as the process lived: the SDK's request timeout ends with the head of the answer.
  it.each([...QUERIES, ...DOCUMENTS])('is a failure of %s: a body that never ends', async (_, step, call) => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '500' }).write('<');
    };
    expect(await call()).toMatchObject({ ok: false, failure: { step, code: 'AWS_UNAVAILABLE' } });
  });

  const WEIRD: readonly (readonly [string, number, string])[] = [
    ['nothing', 400, ''],
    ['a page', 503, '<html><body><p>no'],
    ['a code that is an element', 400, '<ErrorResponse><Error><Code><y/></Code></Error></ErrorResponse>'],
    ['two codes', 400, xmlError('A</Code><Code>B', 'm</Message><Message>n')],
    ['JSON null', 400, 'null'],
    ['a JSON list', 400, '[1]'],
    ['a type that is an object', 400, '{"__type":{"a":1},"message":5}'],
  ];

  it.each(WEIRD)('is a failure of every call: %s', async (_, status, body) => {
    answer = reply(status, body);
    const outcomes = await Promise.all([...QUERIES, ...DOCUMENTS].map(([, , call]) => call()));
    expect(outcomes.filter(({ ok }) => ok)).toEqual([]);
  });
});
