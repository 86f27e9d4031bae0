/** DISC005 in whole runs: names from a real DNS server, documents and certificates from a real issuer. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Http2ServerResponse } from 'node:http2';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { HTTP_LIMITS } from '../../lambda/adapters/http/http';
import { parseConfig } from '../../lambda/config/config';
import type { Report, Role } from '../../lambda/domain/types';
import { openNetwork } from '../../lambda/wiring';
import { openTrustStore } from '../../lambda/x509/trust-store';
import { ARN as OTHER_ARN, Account } from '../support/account';
import type { Scene } from '../support/account';
import { observed } from '../support/observed';
import { allow, policyOf, roleWith } from '../support/roles';
import { Names, servedNames } from '../support/faults/names';
import type { NameAnswer, ServedNames } from '../support/faults/names';
import { s3Error } from '../support/s3-errors';

const HOST = 'ci.acme-builds.com';
const KEYS_HOST = 'keys.acme-keys.com';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

/** Before the time of made-up runs. */
const VALID_FROM = new Date('2026-01-01T00:00:00Z');

const names = new Names();
let dns: ServedNames;
let root: Identity;
let issuer: Issuer;
let url: string;
let arn: string;
let role: Role;

beforeAll(async () => {
  dns = await servedNames(names);
  root = await mint({ notBefore: VALID_FROM, commonName: 'Root', ca: true });
  const hosts = [HOST, KEYS_HOST];
  const leaf = await mint({ notBefore: VALID_FROM, commonName: HOST, hosts, signedBy: root });
  issuer = await startIssuer({ chain: [leaf], name: HOST });
  url = issuer.issuerOf(ORG);
  arn = url.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');
  role = roleWith(arn, 'deploy', policyOf(allow(arn)));
});
afterAll(async () => {
  await Promise.all([dns.close(), issuer.close()]);
});
beforeEach(() => {
  names.reset();
  issuer.onRequest(undefined);
});

type Fault =
  Readonly<Record<string, NameAnswer>> | ((response: Http2ServerResponse, path: string) => boolean);

function inject(fault: Fault): void {
  if (typeof fault === 'function') issuer.onRequest((request, response) => fault(response, request.url));
  else for (const [name, answer] of Object.entries(fault)) names.set(name, answer);
}

/** To requests for documents whose path ends in this. */
const answering =
  (path: string, status: number, body: string, type = 'application/xml'): Fault =>
  (response, asked) => {
    if (!asked.endsWith(path)) return false;
    response.writeHead(status, { 'content-type': type });
    response.end(body);
    return true;
  };

const DOCUMENT = 'openid-configuration';
const KEYS = 'jwks-pub.json';
const GONE: Fault = { [HOST]: 'nxdomain', 'acme-builds.com': 'nxdomain' };
const DANGLING: Fault = { [HOST]: { alias: 'acme.azurewebsites.net' }, 'acme.azurewebsites.net': 'nxdomain' };
const NO_BUCKET = answering(DOCUMENT, 404, s3Error('NoSuchBucket'));

/** An account whose only provider is the issuer's. */
function accountOf(): Account {
  const account = new Account([], ({ name }) => observed(name, []), {
    discover: 'all',
    issuers: [url],
    allowPrivateNetworks: true,
    trustAnchors: root.pem,
  });
  account.lists.delete(OTHER_ARN);
  account.lists.set(arn, [root.thumbprint]);
  return account;
}

async function run(account: Account, scene: Scene = {}): Promise<Report> {
  const config = parseConfig({ issuers: [url], trustAnchors: root.pem });
  const network = openNetwork(config, openTrustStore([]), {
    addresses: { resolver: dns.resolver, records: dns.records, timeoutMs: 400, retryDelayMs: 1 },
    documents: { ...HTTP_LIMITS, retryDelayMs: 1 },
  });
  try {
    return await account.run({ roles: [role], network, ...scene });
  } finally {
    await network.close();
  }
}

/** `DISC005 critical` of the findings about the issuer's documents. */
const found = ({ targets }: Report): readonly string[] =>
  targets.flatMap(({ findings }) =>
    findings
      .filter(({ check }) => /^(DISC|JWKS)/.test(check))
      .map(({ check, severity }) => `${check} ${severity}`),
  );
const codeOf = ({ targets: [target] }: Report): string | null => target?.failure?.code ?? null;

const EVENTS = v.object({
  events: v.array(v.object({ eventType: v.string(), findings: v.array(v.object({ check: v.string() })) })),
});
/** The events of each message. */
const alerted = (account: Account): readonly (readonly string[])[] =>
  account.messages.map(({ machine }) =>
    v
      .parse(EVENTS, JSON.parse(machine))
      .events.map(({ eventType, findings }) => [eventType, ...findings.map(({ check }) => check)].join(' ')),
  );

describe.each<[string, () => Fault, string]>([
  ['a domain that is not registered', () => GONE, 'DNS_DOMAIN_NOT_FOUND'],
  ['an alias of a name that does not exist', () => DANGLING, 'DNS_DANGLING_CNAME'],
  ['a bucket that does not exist', () => NO_BUCKET, 'HTTP_NO_SUCH_BUCKET'],
])('an issuer on %s', (_, fault, code) => {
  it('is critical if a role trusts it, and the only finding about its documents', async () => {
    inject(fault());
    const report = await run(accountOf(), { event: { action: 'audit' } });
    expect([found(report), codeOf(report)]).toEqual([['DISC005 critical'], code]);
  });

  it('is high if no role trusts it, or if the roles could not be read', async () => {
    inject(fault());
    const event = { action: 'audit' };
    expect(found(await run(accountOf(), { event, roles: [] }))).toEqual(['DISC005 high']);
    expect(found(await run(accountOf(), { event, config: { auditTrust: false } }))).toEqual(['DISC005 high']);
  });

  it.each([
    ['a role that trusts it', true],
    ['no such role', false],
  ])('is alerted at once with %s, once, and resolved later', async (__, isTrusted) => {
    const account = accountOf();
    const scene = isTrusted ? {} : { roles: [] };
    await run(account, scene);
    const before = account.messages.length;
    inject(fault());
    await run(account, { ...scene, after: 60 });
    expect(alerted(account).slice(before)).toEqual([['finding.firing DISC005']]);
    for (let runs = 0; runs < 3; runs += 1) await run(account, { ...scene, after: 60 });
    expect(alerted(account).slice(before + 1)).toEqual([]);
    names.reset();
    issuer.onRequest(undefined);
    for (let runs = 0; runs < 2; runs += 1) await run(account, { ...scene, after: 60 });
    expect(alerted(account).slice(before + 1)).toEqual([['finding.resolved DISC005']]);
  });

  it('is not resolved by a run that cannot read the documents', async () => {
    const account = accountOf();
    await run(account);
    const before = account.messages.length;
    inject(fault());
    await run(account);
    issuer.onRequest(undefined);
    names.reset();
    names.set(HOST, 'servfail');
    for (let runs = 0; runs < 2; runs += 1) await run(account, { after: 60 });
    expect(alerted(account).slice(before)).toEqual([['finding.firing DISC005']]);
  });
});

describe.each<[string, () => Fault, string]>([
  ['SERVFAIL', () => ({ [HOST]: 'servfail' }), 'DNS_UNAVAILABLE'],
  ['a DNS server without an answer', () => ({ [HOST]: 'silence' }), 'DNS_UNAVAILABLE'],
  [
    'a host that does not exist while DNS does not answer for its domain',
    () => ({ [HOST]: 'nxdomain', 'acme-builds.com': 'servfail' }),
    'DNS_NOT_FOUND',
  ],
  ['a host that does not exist below a domain that exists', () => ({ [HOST]: 'nxdomain' }), 'DNS_NOT_FOUND'],
  ['an ordinary page with status 404', () => answering(DOCUMENT, 404, '<html>', 'text/html'), 'HTTP_STATUS'],
  [
    'an object that is not in its bucket',
    () => answering(DOCUMENT, 404, s3Error('NoSuchKey')),
    'HTTP_STATUS',
  ],
  ['a bucket that denies access', () => answering(DOCUMENT, 403, s3Error('AccessDenied')), 'HTTP_STATUS'],
])('%s', (_, fault, code) => {
  it('is DISC001 and not DISC005', async () => {
    inject(fault());
    const report = await run(accountOf(), { event: { action: 'audit' } });
    expect([found(report), codeOf(report)]).toEqual([['DISC001 high'], code]);
  });
});

describe('the signing keys of an issuer', () => {
  const onAnotherHost = (response: Http2ServerResponse, path: string): boolean => {
    if (!path.endsWith(DOCUMENT)) return false;
    response.end(JSON.stringify({ issuer: url, jwks_uri: `https://${KEYS_HOST}:${issuer.port}/keys` }));
    return true;
  };

  it.each<[string, readonly Fault[]]>([
    [
      'on a domain that is not registered',
      [onAnotherHost, { [KEYS_HOST]: 'nxdomain', 'acme-keys.com': 'nxdomain' }],
    ],
    ['in a bucket that does not exist', [answering(KEYS, 404, s3Error('NoSuchBucket'))]],
  ])('%s are DISC005 in place of JWKS001', async (_, faults) => {
    for (const fault of faults) inject(fault);
    expect(found(await run(accountOf(), { event: { action: 'audit' } }))).toEqual(['DISC005 critical']);
  });
});

it('is in the subject of the mail, which says that logins fail', async () => {
  const account = accountOf();
  inject(GONE);
  await run(account);
  const [message] = account.messages;
  expect(message?.subject).toMatch(/^\[critical\] Issuer host can be taken over: ci\./);
  expect(message?.email.split('\n').slice(0, 4)).toContain('Logins fail.');
});

it('is accepted together with the failure behind it', async () => {
  const accept = [{ check: 'DISC005', issuer: url, reason: 'Ours soon.', until: '2027-01-01' }];
  const account = accountOf();
  await run(account, { config: { accept } });
  const before = account.messages.length;
  inject(GONE);
  for (let runs = 0; runs < 4; runs += 1) await run(account, { config: { accept } });
  expect(alerted(account).slice(before)).toEqual([]);
});

it('asks DNS no further question while everything resolves', async () => {
  const before = dns.asked().length;
  await run(accountOf());
  expect(new Set(dns.asked().slice(before))).toEqual(new Set([`A ${HOST}`]));
});
