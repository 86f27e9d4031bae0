/**
 * The discovery document, in which an issuer describes itself. OpenID Connect Discovery 1.0 sections 3 and 4.
 */
import { classifyAddress } from '../domain/address-policy';
import type { Discovery, Failure, Outcome } from '../domain/types';
import { failure } from '../domain/errors';
import type { FailureCode } from '../domain/errors';
import { discoveryUrl, hostOf } from './issuer';
import { MAX_DEPTH, readJson } from '../text/json';
import type { ReadJson } from '../text/json';
import { quote, show } from '../text/quote';
import type { MayBePrivate } from '../domain/address-policy';

export { discoveryUrl };

/** Options of the validation of a document. */
export interface DiscoveryOptions {
  /** Whether a `jwks_uri` may name an IP address instead of a host: for tests and private networks. */
  readonly mayBePrivate: MayBePrivate;
}

/** Longer ones are refused: IAM and proxies set limits of this order, and no issuer needs more. */
const MAX_URI_CHARACTERS = 2_048;

/** The keys that this product uses. If one is repeated, parsers may read different values. */
const READ_KEYS = ['issuer', 'jwks_uri'];

/**
 * Validates the body of a discovery document that was requested for `issuer`. Never throws: every problem is
 * a failure of step `discovery`. `issuer` must be the same character by character, as STS compares it with
 * the token's `iss`.
 */
export function readDiscovery(body: string, issuer: string, options: DiscoveryOptions): Outcome<Discovery> {
  const document = `The discovery document ${discoveryUrl(issuer).href}`;
  const json = readJson(body);
  if (json.kind !== 'object') return refuseDocument(...unreadable(json, document));
  const repeated = READ_KEYS.find((key) => json.keys.indexOf(key) !== json.keys.lastIndexOf(key));
  if (repeated !== undefined) {
    return refuseDocument('OIDC_DUPLICATE_KEY', `${document} contains the key "${repeated}" more than once.`);
  }
  return (
    checkIssuer(json.value.get('issuer'), issuer, document) ??
    checkJwksUri(json.value.get('jwks_uri'), issuer, options, document)
  );
}

interface Refused {
  readonly ok: false;
  readonly failure: Failure;
}

const refuseDocument = (code: FailureCode, message: string): Refused => ({
  ok: false,
  failure: failure('discovery', code, message),
});

function unreadable(json: Exclude<ReadJson, { kind: 'object' }>, document: string): [FailureCode, string] {
  switch (json.kind) {
    case 'not-json':
      return ['OIDC_NOT_JSON', `${document} is not JSON: ${json.reason}.`];
    case 'too-deep':
      return [
        'OIDC_TOO_DEEP',
        `${document} has more than ${MAX_DEPTH} levels of nesting, which is the limit.`,
      ];
    case 'other':
      return ['OIDC_NOT_AN_OBJECT', `${document} is ${json.found} instead of a JSON object.`];
  }
}

function checkIssuer(found: unknown, expected: string, document: string): Refused | null {
  if (typeof found !== 'string') {
    return refuseDocument(
      'OIDC_ISSUER_MISSING',
      `${document} must contain "issuer" as a string; it is ${show(found)}.`,
    );
  }
  if (found === expected) return null;
  return refuseDocument(
    'OIDC_ISSUER_DIFFERS',
    `${document} names the issuer ${quote(found)} instead of ${quote(expected)}.${nuance(found, expected)}`,
  );
}

/** Names a difference that is easy to overlook. */
function nuance(found: string, expected: string): string {
  if (`${found}/` === expected || found === `${expected}/`) return ' Only the slash at the end differs.';
  return found.toLowerCase() === expected.toLowerCase() ? ' Only upper and lower case differ.' : '';
}

function checkJwksUri(
  found: unknown,
  issuer: string,
  { mayBePrivate }: DiscoveryOptions,
  document: string,
): Outcome<Discovery> {
  if (typeof found !== 'string') {
    return refuseDocument(
      'OIDC_JWKS_URI_MISSING',
      `${document} must contain "jwks_uri" as a string; it is ${show(found)}.`,
    );
  }
  const says = `${document} has the "jwks_uri" ${quote(found)}`;
  const words = JWKS_URI_REFUSALS.find(({ holds }) => holds(found))?.words;
  if (words !== undefined) return refuseDocument('OIDC_JWKS_URI_REFUSED', `${says}, which ${words}.`);
  const { name } = hostOf(found);
  if (isAddress(name) && !(mayBePrivate(found, issuer) && classifyAddress(name, true) === null)) {
    return refuseDocument(
      'OIDC_JWKS_URI_ADDRESS',
      `${says}, which contains an IP address instead of a host name.`,
    );
  }
  return { ok: true, value: { issuer, jwksUri: found } };
}

/** The first that holds is reported. The later ones rely on the earlier ones. */
const JWKS_URI_REFUSALS: readonly { readonly holds: (uri: string) => boolean; readonly words: string }[] = [
  {
    holds: (uri) => uri.length > MAX_URI_CHARACTERS,
    words: `has more than ${MAX_URI_CHARACTERS} characters`,
  },
  // URL would repair white space and backslashes; another parser would connect to another URL.
  { holds: (uri) => /[\s\p{C}\\]/u.test(uri) || !URL.canParse(uri), words: 'is not a URL' },
  { holds: (uri) => !/^https:\/\/[^/]/i.test(uri), words: 'does not begin with https:// and a host' },
  { holds: (uri) => /^https:\/\/[^/?#]*@/i.test(uri), words: 'contains a user name or password' },
  { holds: (uri) => uri.includes('#'), words: 'contains a fragment (#)' },
];

/** URL has normalised every spelling of an IPv4 address (`0x7f.1`, `2130706433`) as four numbers. */
const isAddress = (name: string): boolean => classifyAddress(name) !== 'not an address';
