/** What an exception says, as the `detail` of a failure. */
import { isNativeError } from 'node:util/types';
import { abridgeMiddle } from '../text/quote';

/** Longer than AWS's sentence about a denied call with two ARNs of usual length. */
const MAX_DETAIL = 500;

/** The SDK's advice to programmers, which it appends if it could not read an answer. */
const ADVICE = /\s*Deserialization error: to see the raw response\b.*/s;

/**
 * AWS's messages name ARNs, actions and access key ids, which are no secrets. These parts of them are:
 * SignatureDoesNotMatch repeats the signed headers, the session token among them; IncompleteSignature repeats
 * the header with the signature; and a message about a web identity may quote its token. The SDK's own
 * messages name files, profiles and commands; a message about JSON that it could not parse quotes some ten
 * characters.
 */
const REMOVED: readonly (readonly [RegExp, string])[] = [
  [ADVICE, ''],
  [/\bThe Canonical String for this request\b.*/s, ''],
  [/\bThe String-to-Sign should have been\b.*/s, ''],
  [/\bAuthorization[=:].*/is, ''],
  [/\b(x-amz-security-token|SessionToken|SecretAccessKey)\b\W{0,4}[\w+/=%-]+/gi, '$1 (removed)'],
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '(token removed)'],
];

/**
 * The message of an exception as it came; '' if it has none. Whatever the types say, an answer of AWS can
 * make the message of an SDK error an object. An error about several connections has one message for each.
 */
export function messageOf(error: unknown): string {
  if (!isNativeError(error)) return typeof error === 'string' ? error : '';
  // OpenSSL's messages contain addresses in memory and names of source files.
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  const message: unknown = error.message;
  if (typeof message === 'string' && message !== '') return message;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(messageOf).join('; ');
  return messageOf(error.cause);
}

/** The same on one line: escaped, at most 500 characters, and without credentials. */
export function detailOf(error: unknown): string {
  const message = REMOVED.reduce((text, [part, instead]) => text.replace(part, instead), messageOf(error));
  // AWS gives the reason at the end.
  return abridgeMiddle(message.replaceAll(/\s+/g, ' ').trim(), MAX_DETAIL);
}
