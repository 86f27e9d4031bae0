import { describe, expect, it } from '@jest/globals';
import { sendRequest } from '../../../lambda/adapters/http/exchange';
import type { Carrier, Question, Receiver, Sent } from '../../../lambda/adapters/http/exchange';

const question: Question = {
  url: new URL('https://issuer.example/document'),
  step: 'discovery',
  bytes: 8,
  totalMs: 20,
  leftMs: 10,
};

/** A connection that is passed to the test. It counts aborted streams. */
function connection(): {
  readonly carrier: Carrier;
  readonly receiver: () => Receiver | undefined;
  readonly sent: Sent;
  readonly cut: () => number;
} {
  let receiver: Receiver | undefined;
  let cut = 0;
  return {
    carrier: {
      dispatch: (_, given) => {
        receiver = given;
        return true;
      },
    },
    receiver: () => receiver,
    sent: { abort: () => (cut += 1) },
    cut: () => cut,
  };
}

const tooMuch: readonly (readonly [string, (receiver: Receiver | undefined, sent: Sent) => void])[] = [
  ['HTTP_STATUS', (receiver, sent) => receiver?.onResponseStart(sent, 404, {})],
  ['HTTP_TOO_LARGE', (receiver, sent) => receiver?.onResponseData(sent, Buffer.alloc(9))],
];

describe('sendRequest over one connection', () => {
  it('is not sent if its deadline passes before the connection is open', async () => {
    const { carrier, receiver, sent, cut } = connection();
    expect(await sendRequest(carrier, question)).toEqual({
      outcome: {
        ok: false,
        failure: {
          step: 'discovery',
          code: 'HTTP_TIMEOUT',
          message: 'https://issuer.example/document: no complete response within 20 ms.',
        },
      },
      retryAfterMs: null,
    });
    expect(cut()).toBe(0);
    receiver()?.onRequestStart(sent);
    expect(cut()).toBe(1);
  });

  it('is cut off if it is sent again: two bodies would become one', async () => {
    const { carrier, receiver, sent, cut } = connection();
    const attempt = sendRequest(carrier, question);
    receiver()?.onRequestStart(sent);
    receiver()?.onResponseStart(sent, 200, {});
    receiver()?.onResponseData(sent, Buffer.from('{'));
    receiver()?.onRequestStart(sent);
    expect(cut()).toBe(1);
    receiver()?.onResponseError(sent, new Error('aborted'));
    expect(await attempt).toMatchObject({ outcome: { ok: false, failure: { code: 'HTTP_BROKEN' } } });
  });

  it.each(tooMuch)('ends if the rest is not needed: %s', async (code, arrive) => {
    const { carrier, receiver, sent, cut } = connection();
    const attempt = sendRequest(carrier, question);
    receiver()?.onRequestStart(sent);
    arrive(receiver(), sent);
    // undici reports it for an aborted stream, which has no effect any more.
    receiver()?.onResponseError(sent, new Error('aborted'));
    expect(await attempt).toMatchObject({ outcome: { ok: false, failure: { code } }, retryAfterMs: null });
    expect(cut()).toBe(1);
  });
});
