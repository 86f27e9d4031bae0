import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Outcome } from '../../../lambda/domain/types';
import {
  bodyOf,
  mayNameBucket,
  missingBucket,
  refuseResponse,
  retryAfter,
} from '../../../lambda/adapters/http/response';
import { s3Error, s3Page } from '../../support/s3-errors';
import type { ResponseHead } from '../../../lambda/adapters/http/response';

const URL_ASKED = new URL('https://issuer.example:8443/document');

const refused = (statusCode: number, headers: ResponseHead['headers'] = {}): unknown =>
  refuseResponse({ statusCode, headers }, URL_ASKED, 'jwks');

describe('refuseResponse', () => {
  it('accepts a document that is served without encoding', () => {
    expect(refused(200)).toBeNull();
    expect(refused(200, { 'content-encoding': 'identity' })).toBeNull();
  });

  it.each([
    ['another host', 'https://evil.example/x', 'to evil.example'],
    ['its own host', '/moved', 'to issuer.example:8443'],
    ['no place', undefined, 'without exactly one Location header'],
    ['two places', ['https://a.example', 'https://b.example'], 'without exactly one Location header'],
    ['what is no URL', 'https://\u0007[', 'to https://\\u{7}['],
    ['what is no URL and endless', `https://[${'x'.repeat(1_000)}`, `to https://[${'x'.repeat(91)}`],
  ])('names the location of a redirect to %s', (_, location, place) => {
    const message = `https://issuer.example:8443/document redirects ${place}. AWS does not follow redirects here, and neither does the monitor.`;
    for (const status of [300, 302, 399]) {
      expect(refused(status, { location })).toEqual({ step: 'jwks', code: 'HTTP_REDIRECT', message });
    }
  });

  it.each([201, 204, 299, 400, 401, 403, 404, 429, 500, 503])('refuses status %d', (status) => {
    expect(refused(status)).toEqual({
      step: 'jwks',
      code: 'HTTP_STATUS',
      message: `https://issuer.example:8443/document returned HTTP status ${status} instead of 200.`,
    });
  });

  it('refuses an encoding that was not requested, and escapes its name', () => {
    expect(refused(200, { 'content-encoding': 'gzip\u001B' })).toEqual({
      step: 'jwks',
      code: 'HTTP_ENCODING',
      message:
        'https://issuer.example:8443/document returned content encoding gzip\\u{1b}, although the request asked for none.',
    });
  });
});

describe('retryAfter', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  const wait = (statusCode: number, value?: string): number | null =>
    retryAfter({ statusCode, headers: { 'retry-after': value } }, NOW);

  it('retries only statuses that ask for it', () => {
    expect([200, 302, 404, 428, 430, 500, 502, 504].map((status) => wait(status, '5'))).toEqual(
      Array(8).fill(null),
    );
  });

  it.each([
    ['no word', undefined, 0],
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
    ['a date that has passed', 'Wed, 31 Dec 2025 23:59:59 GMT', 0],
    ['a number of seconds beyond all numbers', '9'.repeat(400), 0],
    ['neither', 'soon', 0],
  ])('waits as long as Retry-After says: %s', (_, value, milliseconds) => {
    expect([429, 503].map((status) => wait(status, value))).toEqual([milliseconds, milliseconds]);
  });
});

describe('mayNameBucket', () => {
  it.each([
    [404, 'application/xml', true],
    [404, 'text/html; charset=utf-8', true],
    [404, 'application/json', false],
    [404, undefined, false],
    [403, 'application/xml', false],
    [200, 'application/xml', false],
  ])('status %d with the content type %s: %s', (statusCode, type, expected) => {
    expect(mayNameBucket({ statusCode, headers: { 'content-type': type } })).toBe(expected);
  });
});

describe('missingBucket', () => {
  const code = (error: string): string | null => missingBucket(error, URL_ASKED, 'jwks')?.code ?? null;

  it.each([
    ['XML of the REST endpoint', s3Error('NoSuchBucket'), 'HTTP_NO_SUCH_BUCKET'],
    ['HTML of the website endpoint', s3Page('NoSuchBucket'), 'HTTP_NO_SUCH_BUCKET'],
    ['no name', '<Error><Code>NoSuchBucket</Code></Error>', 'HTTP_NO_SUCH_BUCKET'],
    ['another code', s3Error('NoSuchKey'), null],
    ['another code of the website endpoint', s3Page('NoSuchWebsiteConfiguration'), null],
    ['the words elsewhere', '<html><p>NoSuchBucket</p></html>', null],
  ])('recognises a bucket that does not exist: %s', (_, error, expected) => {
    expect(code(error)).toBe(expected);
  });

  it('escapes and cuts the name of the bucket', () => {
    const error = s3Error('NoSuchBucket', `a\u001b[2J\u202e${'x'.repeat(5_000)}`);
    const { message = '' } = missingBucket(error, URL_ASKED, 'jwks') ?? {};
    expect(message).toContain('"a\\u{1b}[2J\\u{202e}xxx');
    expect(message.length).toBeLessThan(600);
  });
});

describe('bodyOf', () => {
  function read(chunks: readonly Buffer[], bytes = 1_024): Outcome<string> {
    const body = bodyOf(URL_ASKED, 'jwks', bytes);
    const [tooLarge] = chunks.flatMap((chunk) => body.add(chunk) ?? []);
    return tooLarge === undefined ? body.text() : { ok: false, failure: tooLarge };
  }

  it('joins characters that were split between chunks', () => {
    const bytes = Buffer.from('{"a":"ü"}');
    expect(read([bytes.subarray(0, 7), bytes.subarray(7)])).toEqual({ ok: true, value: '{"a":"ü"}' });
  });

  it('accepts a body of exactly the limit, and not a byte more', () => {
    expect(read([Buffer.alloc(512, ' '), Buffer.alloc(512, ' ')]).ok).toBe(true);
    expect(read([Buffer.alloc(512, ' '), Buffer.alloc(513, ' ')])).toEqual({
      ok: false,
      failure: {
        step: 'jwks',
        code: 'HTTP_TOO_LARGE',
        message: 'https://issuer.example:8443/document is larger than 1024 bytes, which is the limit.',
      },
    });
  });

  it('reports the chunk that exceeds the limit', () => {
    const body = bodyOf(URL_ASKED, 'jwks', 1_024);
    const verdicts = [512, 512, 1, 512].map((size) => body.add(Buffer.alloc(size))?.code ?? null);
    expect(verdicts).toEqual([null, null, 'HTTP_TOO_LARGE', 'HTTP_TOO_LARGE']);
  });

  it.each([
    ['a broken character', Buffer.from([0x7b, 0xff, 0x7d])],
    ['compressed bytes', gzipSync('{}')],
  ])('refuses bytes that are not UTF-8: %s', (_, bytes) => {
    expect(read([bytes])).toEqual({
      ok: false,
      failure: {
        step: 'jwks',
        code: 'OIDC_NOT_JSON',
        message: 'https://issuer.example:8443/document is not JSON: it is not valid UTF-8.',
      },
    });
  });

  it('leaves a byte order mark to the parser', () => {
    expect(read([Buffer.from('\uFEFF{}')])).toEqual({ ok: true, value: '\uFEFF{}' });
  });
});
