/** Validates the response to a request for a document: before its body is read, and while it is. */
import type { Failure, Outcome, Step } from '../../domain/types';
import { failure } from '../../domain/errors';
import type { FailureCode } from '../../domain/errors';
import { escapeForeign } from '../../text/escape';
import { quote } from '../../text/quote';

/** What is validated before the body. Names of headers are in lower case. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Failures of one document begin with its URL. */
const refusing =
  (url: URL, step: Step) =>
  (code: FailureCode, words: string): Failure =>
    failure(step, code, `${url.href} ${words}`);

/** Why the body is not read; null if it is. */
export function refuseResponse({ statusCode, headers }: ResponseHead, url: URL, step: Step): Failure | null {
  const refuse = refusing(url, step);
  if (statusCode >= 300 && statusCode < 400) {
    return refuse(
      'HTTP_REDIRECT',
      `redirects ${locationOf(headers, url)}. AWS does not follow redirects here, and neither does the monitor.`,
    );
  }
  if (statusCode !== 200) return refuse('HTTP_STATUS', `returned HTTP status ${statusCode} instead of 200.`);
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return null;
  return refuse(
    'HTTP_ENCODING',
    `returned content encoding ${escapeForeign(String(encoding))}, although the request asked for none.`,
  );
}

/** Of an error, which S3 describes in fewer than 1,000 bytes. */
export const MAX_ERROR_BYTES = 8 * 1024;

/** Whether a refused response may say that its bucket does not exist, so that its body is read. */
export const mayNameBucket = ({ statusCode, headers }: ResponseHead): boolean =>
  statusCode === 404 && /\b(xml|html)\b/i.test(String(headers['content-type'] ?? ''));

/**
 * The failure of a bucket that does not exist; null: the error is another one. The REST endpoints of S3, and of
 * storage with the same interface, send XML, and its website endpoints HTML. A content delivery network in front of
 * them passes both on.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html
 */
export function missingBucket(error: string, url: URL, step: Step): Failure | null {
  const form = BUCKET_ERRORS.find(({ code }) => code.test(error));
  if (form === undefined) return null;
  const [, name] = form.bucket.exec(error) ?? [];
  return failure(
    step,
    'HTTP_NO_SUCH_BUCKET',
    `${url.href} returned HTTP status 404: its bucket${name === undefined ? '' : ` ${quote(name.slice(0, MAX_BUCKET))}`} does not exist (S3 error code NoSuchBucket). Whoever creates a bucket with this name can publish documents there.`,
  );
}

const BUCKET_ERRORS = [
  { code: /<Code>NoSuchBucket<\/Code>/, bucket: /<BucketName>([^<]+)<\/BucketName>/ },
  { code: /<li>Code: NoSuchBucket<\/li>/, bucket: /<li>BucketName: ([^<]+)<\/li>/ },
] as const;

/** Names of buckets have at most 63 characters, or 255 if they are old. */
const MAX_BUCKET = 255;

function locationOf({ location }: ResponseHead['headers'], base: URL): string {
  if (typeof location !== 'string') return 'without exactly one Location header';
  const target = URL.canParse(location, base.href)
    ? new URL(location, base).host
    : escapeForeign(location.slice(0, 100));
  return `to ${target}`;
}

/**
 * RFC 9110 section 10.2.3: seconds or a date. Only 429 and 503 permit another attempt. Returns the minimum
 * time to wait in milliseconds, null if another attempt would not help.
 */
export function retryAfter({ statusCode, headers }: ResponseHead, now: number): number | null {
  if (statusCode !== 429 && statusCode !== 503) return null;
  const value = String(headers['retry-after'] ?? '0');
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0;
}

/** How many bytes of body were announced; null: that is not known. */
export function announcedBytes(headers: ResponseHead['headers']): number | null {
  const value = headers['content-length'];
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** The parser of the document rejects a byte order mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A body that is arriving. */
export interface Body {
  /** Adds the next bytes. Returns why no more are read; null: there is room. */
  readonly add: (chunk: Buffer) => Failure | null;
  /** How many bytes have arrived. */
  readonly size: () => number;
  /** What has arrived, as UTF-8. */
  readonly text: () => Outcome<string>;
}

/** A body of at most this many bytes. */
export function bodyOf(url: URL, step: Step, bytes: number): Body {
  const refuse = refusing(url, step);
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk) => {
      size += chunk.length;
      if (size > bytes) return refuse('HTTP_TOO_LARGE', `is larger than ${bytes} bytes, which is the limit.`);
      chunks.push(chunk);
      return null;
    },
    size: () => size,
    text: () => {
      try {
        return { ok: true, value: UTF_8.decode(Buffer.concat(chunks)) };
      } catch {
        return { ok: false, failure: refuse('OIDC_NOT_JSON', 'is not JSON: it is not valid UTF-8.') };
      }
    },
  };
}
