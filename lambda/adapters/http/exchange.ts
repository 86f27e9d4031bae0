/** One request for a document over one connection: its response is validated, and cut off, as it arrives. */
import type { Failure, Outcome, Step } from '../../domain/types';
import { failure } from '../../domain/errors';
import { escapeForeign } from '../../text/escape';
import { detailOf } from '../error-detail';
import { codeOf, connectionFailure } from '../network-errors';
import {
  MAX_ERROR_BYTES,
  announcedBytes,
  bodyOf,
  mayNameBucket,
  missingBucket,
  refuseResponse,
  retryAfter,
} from './response';
import type { ResponseHead } from './response';

/** The request. `leftMs`: the rest of `totalMs`, the time that all attempts together have. */
export interface Question {
  readonly url: URL;
  readonly step: Step;
  readonly bytes: number;
  readonly totalMs: number;
  readonly leftMs: number;
}

/** `retryAfterMs`: null if another attempt would not help, else the minimum time to wait. */
export interface Attempt {
  readonly outcome: Outcome<string>;
  readonly retryAfterMs: number | null;
}

/** A request that has been sent. */
export interface Sent {
  readonly abort: (reason: Error) => void;
}

/** The handler of a response, as undici calls it. */
export interface Receiver {
  readonly onRequestStart: (sent: Sent) => void;
  readonly onResponseStart: (sent: Sent, statusCode: number, headers: ResponseHead['headers']) => void;
  readonly onResponseData: (sent: Sent, chunk: Buffer) => void;
  readonly onResponseEnd: () => void;
  readonly onResponseError: (sent: Sent, error: Error) => void;
}

/** A connection for requests: undici's client is one. */
export interface Carrier {
  readonly dispatch: (
    question: {
      readonly origin: string;
      readonly path: string;
      readonly method: 'GET';
      readonly headers: Record<string, string>;
    },
    receiver: Receiver,
  ) => boolean;
}

/** The rest of a response is not needed. */
class CutOff extends Error {
  override readonly name = 'CutOff';
}

const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity' };

/**
 * Sends one request. undici's own streams take more time than all other processing of a document, so they are
 * not used.
 */
export const sendRequest = (carrier: Carrier, question: Question): Promise<Attempt> =>
  new Promise((resolve) => {
    const exchange = openExchange((attempt) => {
      clearTimeout(timer);
      resolve(attempt);
    });
    const timer = setTimeout(() => {
      exchange.cutOff(brokenExchange(tooLate(question)));
    }, Math.ceil(question.leftMs));
    const { origin, pathname, search } = question.url;
    carrier.dispatch(
      { origin, path: `${pathname}${search}`, method: 'GET', headers: HEADERS },
      receiverFor(question, exchange),
    );
  });

/** An exchange that ends once: by its response, or because the rest is not needed. */
interface Exchange {
  readonly begin: (sent: Sent) => void;
  /** However it ends, this is the result: its response is refused, and the rest can only explain why. */
  readonly refuse: (refused: Attempt) => void;
  readonly end: (attempt: Attempt) => void;
  readonly cutOff: (attempt: Attempt) => void;
}

function openExchange(settle: (attempt: Attempt) => void): Exchange {
  let current: Sent | null = null;
  let refused: Attempt | null = null;
  let isOver = false;
  const end = (attempt: Attempt): void => {
    isOver = true;
    settle(refused ?? attempt);
  };
  return {
    begin: (sent) => {
      // It waited for its connection for too long; or undici sends it again, and two bodies would be joined.
      if (isOver || current !== null) sent.abort(new CutOff());
      current = sent;
    },
    refuse: (attempt) => {
      refused = attempt;
    },
    end,
    cutOff: (attempt) => {
      end(attempt);
      current?.abort(new CutOff());
    },
  };
}

function receiverFor({ url, step, bytes }: Question, { begin, refuse, end, cutOff }: Exchange): Receiver {
  let body = bodyOf(url, step, bytes);
  let isError = false;
  let announced: number | null = null;
  return {
    onRequestStart: begin,
    onResponseStart: (_, statusCode, headers) => {
      // RFC 9110 section 15.2: interim responses may precede the final one.
      if (statusCode < 200) return;
      announced = announcedBytes(headers);
      const refusal = refuseResponse({ statusCode, headers }, url, step);
      if (refusal === null) return;
      const refused = refusedResponse(refusal);
      isError = mayNameBucket({ statusCode, headers });
      if (!isError) {
        cutOff({ ...refused, retryAfterMs: retryAfter({ statusCode, headers }, Date.now()) });
        return;
      }
      refuse(refused);
      body = bodyOf(url, step, MAX_ERROR_BYTES);
    },
    onResponseData: (_, chunk) => {
      const tooLarge = body.add(chunk);
      if (tooLarge !== null) cutOff(refusedResponse(tooLarge));
    },
    onResponseEnd: () => {
      const text = body.text();
      const bucket = isError && text.ok ? missingBucket(text.value, url, step) : null;
      if (bucket !== null) refuse(refusedResponse(bucket));
      // Node reports an HTTP/2 stream that is reset with NO_ERROR or CANCEL as ended.
      if (announced !== null && announced !== body.size())
        end(brokenExchange(cutShort(url, step, body.size(), announced)));
      else end({ outcome: text, retryAfterMs: null });
    },
    onResponseError: (_, error) => {
      end(brokenExchange(exchangeFailure(error, url, step)));
    },
  };
}

const refusedResponse = (reason: Failure): Attempt => ({
  outcome: { ok: false, failure: reason },
  retryAfterMs: null,
});

/** A failed attempt. The server may close a reused connection while a request is on its way. */
export const brokenExchange = (reason: Failure): Attempt => ({
  outcome: { ok: false, failure: reason },
  retryAfterMs: reason.code === 'TCP_RESET' || reason.code === 'HTTP_BROKEN' ? 0 : null,
});

const cutShort = (url: URL, step: Step, size: number, announced: number): Failure =>
  failure(
    step,
    'HTTP_BROKEN',
    `${url.href}: the connection closed before the response was complete (${size} of ${announced} bytes).`,
  );

const tooLate = ({ url, step, totalMs }: Question): Failure =>
  failure(step, 'HTTP_TIMEOUT', `${url.href}: no complete response within ${totalMs} ms.`);

/** Why a connection could not be set up, or was closed. */
export function exchangeFailure(error: unknown, url: URL, step: Step): Failure {
  const reason = codeOf(error) || escapeForeign(String(error));
  return (
    connectionFailure(step, url.host, error) ??
    failure(
      step,
      'HTTP_BROKEN',
      `${url.href}: the connection closed before a complete, valid HTTP response arrived (${reason}).`,
      detailOf(error),
    )
  );
}
