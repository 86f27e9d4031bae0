/** Documents with forbidden content. */
import type { Override } from '../../../../demo/issuer';
import type { FailureCode } from '../../../../lambda/domain/errors';
import type { Fault } from '../fault';
import type { WatchedHost } from '../hosts';
import type { Stage } from '../stage';
import type { CheckId } from '../../../../lambda/domain/checks';

const serving =
  (which: RegExp, body: (stage: Stage) => string): ((stage: Stage) => void) =>
  (stage) => {
    const text = body(stage);
    const override: Override = ({ url }, response) => {
      if (!which.test(url)) return false;
      response.end(text);
      return true;
    };
    stage.victim.server.onRequest(override);
  };

const DISCOVERY = /openid-configuration$/;
const KEYS = /jwks-pub\.json$/;

const documentOf = ({ issuer }: WatchedHost, changes: object = {}): string =>
  JSON.stringify({ issuer, jwks_uri: `${issuer}/.well-known/jwks-pub.json`, ...changes });

const unreadable = (name: string, code: FailureCode, body: (host: WatchedHost) => string): Fault => ({
  row: 22,
  name,
  inject: serving(DISCOVERY, ({ victim }) => body(victim)),
  expected: { codes: [code], checks: ['DISC001'] },
});

const saying = (
  row: number,
  check: CheckId,
  name: string,
  code: FailureCode,
  changes: (host: WatchedHost) => object,
): Fault => ({
  row,
  name,
  inject: serving(DISCOVERY, ({ victim }) => documentOf(victim, changes(victim))),
  expected: { codes: [code], checks: [check] },
});

const keys = (name: string, body: string, says?: RegExp): Fault => ({
  row: 26,
  name,
  inject: serving(KEYS, () => body),
  expected: { checks: ['JWKS001'], ...(says === undefined ? {} : { says }) },
});

export const OIDC: readonly Fault[] = [
  unreadable('a document that is not JSON', 'OIDC_NOT_JSON', () => '<html>'),
  unreadable('a byte order mark', 'OIDC_NOT_JSON', (host) => `\uFEFF${documentOf(host)}`),
  unreadable('an array', 'OIDC_NOT_AN_OBJECT', (host) => `[${documentOf(host)}]`),
  unreadable('null', 'OIDC_NOT_AN_OBJECT', () => 'null'),
  unreadable('a depth of 100,000', 'OIDC_TOO_DEEP', () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  unreadable('a key twice', 'OIDC_DUPLICATE_KEY', (host) =>
    documentOf(host).replace('{', `{"issuer":"https://evil.example",`),
  ),
  {
    row: 22,
    name: 'a key called __proto__',
    inject: serving(DISCOVERY, ({ victim }) =>
      documentOf(victim).replace('{', '{"__proto__":{"polluted":true,"issuer":"https://evil.example"},'),
    ),
    expected: { more: () => ('polluted' in {} ? ['Every object is polluted.'] : []) },
  },
  saying(23, 'DISC002', 'no issuer', 'OIDC_ISSUER_MISSING', () => ({ issuer: undefined })),
  saying(23, 'DISC002', 'another issuer', 'OIDC_ISSUER_DIFFERS', () => ({ issuer: 'https://evil.example' })),
  saying(23, 'DISC002', 'an issuer with a slash at its end', 'OIDC_ISSUER_DIFFERS', ({ issuer }) => ({
    issuer: `${issuer}/`,
  })),
  saying(23, 'DISC002', 'an issuer in upper case', 'OIDC_ISSUER_DIFFERS', ({ issuer }) => ({
    issuer: issuer.toUpperCase(),
  })),
  saying(23, 'DISC002', 'the issuer of another org', 'OIDC_ISSUER_DIFFERS', ({ issuer }) => ({
    issuer: issuer.replace(/.{12}$/, '000000000000'),
  })),
  saying(24, 'DISC003', 'no jwks_uri', 'OIDC_JWKS_URI_MISSING', () => ({ jwks_uri: undefined })),
  saying(24, 'DISC003', 'a jwks_uri of http:', 'OIDC_JWKS_URI_REFUSED', ({ issuer }) => ({
    jwks_uri: `${issuer.replace('https:', 'http:')}/keys`,
  })),
  saying(24, 'DISC003', 'a jwks_uri with a user', 'OIDC_JWKS_URI_REFUSED', ({ issuer }) => ({
    jwks_uri: `${issuer.replace('https://', 'https://somebody@')}/keys`,
  })),
  saying(24, 'DISC003', 'a jwks_uri of 10 kB', 'OIDC_JWKS_URI_REFUSED', ({ issuer }) => ({
    jwks_uri: `${issuer}/${'k'.repeat(10_000)}`,
  })),
  {
    row: 25,
    name: 'keys at another host than before',
    inject: (stage) => {
      const { victim, world } = stage;
      victim.truth = [...new Set([...victim.truth, ...world.drifting.truth])];
      const { issuer } = world.drifting;
      serving(DISCOVERY, () => documentOf(victim, { jwks_uri: `${issuer}/.well-known/jwks-pub.json` }))(
        stage,
      );
    },
    expected: { status: 'drifted', checks: ['DISC003'] },
    alone: true,
    update: true,
  },
  keys('a key set without keys', '{"keys":[]}'),
  keys('a key set that is no list', '{"keys":{"kty":"RSA"}}'),
  keys('a key set that is not JSON', 'no'),
  keys(
    'a private key in the key set',
    JSON.stringify({ keys: [{ kty: 'RSA', kid: 'x', e: 'AQAB', n: `0v${'x'.repeat(340)}`, d: 'secret' }] }),
    /publishes private keys/,
  ),
];
