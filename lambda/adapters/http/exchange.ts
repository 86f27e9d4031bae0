/** One question for a document over one connection: its answer is judged, and cut off, as it arrives. */
import type { Failure, Outcome, Step } from '../../domain/types';
import { failure } from '../../domain/errors';
import { escapeForeign } from '../../text/escape';
import { codeOf, connectionFailure } from '../network-errors';
import { announcedBytes, bodyOf, refuseResponse, retryAfter } from './response';
import type { ResponseHead } from './response';

/** What is asked for. `leftMs`: of `totalMs`, the time that all attempts together have. */
export interface Question {
  readonly url: URL;
  readonly step: Step;
  readonly bytes: number;
  readonly totalMs: number;
  readonly leftMs: number;
}

/** `retryAfterMs`: null where another attempt would not help, else the least time to wait. */
export interface Attempt {
  readonly outcome: Outcome<string>;
  readonly retryAfterMs: number | null;
}

/** A question that has been sent. */
export interface Sent {
  readonly abort: (reason: Error) => void;
}

/** Who hears the answer, as undici tells it. */
export interface Receiver {
  readonly onRequestStart: (sent: Sent) => void;
  readonly onResponseStart: (sent: Sent, statusCode: number, headers: ResponseHead['headers']) => void;
  readonly onResponseData: (sent: Sent, chunk: Buffer) => void;
  readonly onResponseEnd: () => void;
  readonly onResponseError: (sent: Sent, error: Error) => void;
}

/** A connection that carries questions: undici's client is one. */
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

/** Nobody waits for the rest of an answer. */
class CutOff extends Error {
  override readonly name = 'CutOff';
}

const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity' };

/** Asks once. undici's own streams cost more than all else that is done with a document, so its answers come bare. */
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

/** An exchange that ends once: by its answer, or because nobody wants the rest. */
interface Exchange {
  readonly begin: (sent: Sent) => void;
  readonly end: (attempt: Attempt) => void;
  readonly cutOff: (attempt: Attempt) => void;
}

function openExchange(settle: (attempt: Attempt) => void): Exchange {
  let current: Sent | null = null;
  let isOver = false;
  const end = (attempt: Attempt): void => {
    isOver = true;
    settle(attempt);
  };
  return {
    begin: (sent) => {
      // It waited for its connection for too long; or it is sent once more, and two bodies would become one.
      if (isOver || current !== null) sent.abort(new CutOff());
      current = sent;
    },
    end,
    cutOff: (attempt) => {
      end(attempt);
      current?.abort(new CutOff());
    },
  };
}

function receiverFor({ url, step, bytes }: Question, { begin, end, cutOff }: Exchange): Receiver {
  const body = bodyOf(url, step, bytes);
  let announced: number | null = null;
  return {
    onRequestStart: begin,
    onResponseStart: (_, statusCode, headers) => {
      // RFC 9110 section 15.2: an answer may be announced by others.
      if (statusCode < 200) return;
      announced = announcedBytes(headers);
      const refusal = refuseResponse({ statusCode, headers }, url, step);
      if (refusal === null) return;
      cutOff({ ...refusedResponse(refusal), retryAfterMs: retryAfter({ statusCode, headers }, Date.now()) });
    },
    onResponseData: (_, chunk) => {
      const tooLarge = body.add(chunk);
      if (tooLarge !== null) cutOff(refusedResponse(tooLarge));
    },
    onResponseEnd: () => {
      // Node reports a stream of HTTP/2 that is reset with NO_ERROR or CANCEL as one that has ended.
      if (announced !== null && announced !== body.size())
        end(brokenExchange(cutShort(url, step, body.size(), announced)));
      else end({ outcome: body.text(), retryAfterMs: null });
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

/** An attempt that came to nothing. A kept connection may be closed while a request is on its way. */
export const brokenExchange = (reason: Failure): Attempt => ({
  outcome: { ok: false, failure: reason },
  retryAfterMs: reason.code === 'TCP_RESET' || reason.code === 'HTTP_BROKEN' ? 0 : null,
});

const cutShort = (url: URL, step: Step, size: number, announced: number): Failure =>
  failure(step, 'HTTP_BROKEN', `${url.href} broke off after ${size} of ${announced} bytes.`);

const tooLate = ({ url, step, totalMs }: Question): Failure =>
  failure(step, 'HTTP_TIMEOUT', `${url.href} did not arrive within ${totalMs} ms.`);

/** Why a connection could not be had, or broke. */
export const exchangeFailure = (error: unknown, url: URL, step: Step): Failure =>
  connectionFailure(step, url.host, error) ??
  failure(step, 'HTTP_BROKEN', `${url.href} broke off (${codeOf(error) || escapeForeign(String(error))}).`);
