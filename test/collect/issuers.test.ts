import { describe, expect, it } from '@jest/globals';
import { IssuerContacts, contactIssuers } from '../../lambda/collect/issuers';
import { selectTargets, targetFacts } from '../../lambda/collect/targets';
import { parseConfig } from '../../lambda/config/config';
import { parseEvent } from '../../lambda/config/event';
import type { AccountFacts } from '../../lambda/domain/facts';
import type { Host } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import type { Ports } from '../../lambda/ports';

const CONFIGURED = 'https://ci.internal/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const KEYS = `${CONFIGURED}/keys`;

type ContactPorts = Pick<Ports, 'fetchDocument' | 'probeHost' | 'deadline'>;

/** Issuers whose documents name `jwksUri`, or keys below the issuer, and a record of the requests to them. */
function network(jwksUri?: string): ContactPorts & { readonly asked: string[] } {
  const asked: string[] = [];
  const note = (what: string, mayBePrivate: boolean): void =>
    void asked.push(`${what} ${mayBePrivate ? 'private' : 'public'}`);
  return {
    asked,
    deadline: new AbortController().signal,
    fetchDocument: (url, step, mayBePrivate) => {
      note(`${step} ${url.href}`, mayBePrivate);
      const issuer = url.href.replace('/.well-known/openid-configuration', '');
      const document = JSON.stringify({ issuer, jwks_uri: jwksUri ?? `${issuer}/keys` });
      const text = step === 'jwks' ? '{"keys":[]}' : document;
      return Promise.resolve({ ok: true, value: { text, milliseconds: 1, missed: 0 } });
    },
    probeHost: (host: Host, mayBePrivate) => {
      note(host.name, mayBePrivate);
      return Promise.resolve({ host, variants: [], tls12: [], failure: null });
    },
  };
}

/** Contacts one issuer whose document names `jwksUri`, and records which requests may go to private addresses. */
async function requestsOf(issuer: string, jwksUri: string): Promise<readonly string[]> {
  const ports = network(jwksUri);
  await new IssuerContacts(ports, { allowPrivateNetworks: true, issuers: [CONFIGURED] }).contact(issuer);
  return ports.asked.map((request) => request.replace(/ https:\S+/, '')).sort();
}

describe('IssuerContacts', () => {
  it('requests a configured issuer and its keys at private addresses', async () => {
    expect(await requestsOf(CONFIGURED, KEYS)).toEqual([
      'ci.internal private',
      'discovery private',
      'jwks private',
    ]);
  });

  it('requests keys of a configured issuer on another host at public addresses only', async () => {
    expect(await requestsOf(CONFIGURED, 'https://db.internal/keys')).toEqual([
      'ci.internal private',
      'db.internal public',
      'discovery private',
      'jwks public',
    ]);
  });

  it('requests a discovered issuer at public addresses only, even for keys on a configured host', async () => {
    expect(await requestsOf('https://evil.example', KEYS)).toEqual([
      'ci.internal public',
      'discovery public',
      'evil.example public',
      'jwks public',
    ]);
  });

  it('begins when an issuer is contacted, not before', () => {
    const ports = network();
    const contacts = new IssuerContacts(ports, { allowPrivateNetworks: false, issuers: [] });
    expect(ports.asked).toEqual([]);
    void contacts.contact('https://one.example');
    expect(ports.asked).toEqual([
      'one.example public',
      'discovery https://one.example/.well-known/openid-configuration public',
    ]);
  });
});

const arnOf = (account: string, issuer: string): string =>
  `arn:aws:iam::${account}:oidc-provider/${issuer.replace('https://', '')}`;

function accountWith(id: string, issuers: readonly string[]): AccountFacts {
  const arns = issuers.map((issuer) => arnOf(id, issuer));
  return {
    id,
    providerArns: { ok: true, value: arns },
    providers: arns.map((arn) => ({
      arn,
      provider: { ok: true, value: { arn, url: '', thumbprints: [], audiences: [] } },
    })),
    roles: null,
    attachedPolicies: [],
  };
}

const GITHUB = 'https://token.actions.githubusercontent.com';
const ORGS = ['https://gitlab.example/a', 'https://gitlab.example/b'] as const;

describe('contactIssuers', () => {
  const accounts = [
    accountWith('111111111111', [GITHUB, ORGS[0]]),
    accountWith('222222222222', [GITHUB, ORGS[1]]),
    accountWith('333333333333', [ORGS[0], ORGS[1], GITHUB]),
  ];
  const assignment = { event: parseEvent({}), config: parseConfig({}) };

  it('requests each document, key set and host once for three accounts that share issuers', async () => {
    const ports = network();
    const contacts = new IssuerContacts(ports, assignment.config);
    const targets = selectTargets(accounts, assignment);
    const issuers = await contactIssuers(targets.flat(), contacts);
    expect(ports.asked.toSorted()).toEqual(
      [
        ...[GITHUB, ...ORGS].flatMap((issuer) => [
          `discovery ${issuer}/.well-known/openid-configuration public`,
          `jwks ${issuer}/keys public`,
        ]),
        'gitlab.example public',
        'token.actions.githubusercontent.com public',
      ].sort(),
    );
    const facts = accounts.map((account, index) =>
      (targets[index] ?? []).map((target) => targetFacts(target, account, issuers)),
    );
    expect(facts.map((each) => each.map(({ target }) => target.providerArn))).toEqual([
      [arnOf('111111111111', GITHUB), arnOf('111111111111', ORGS[0])],
      [arnOf('222222222222', GITHUB), arnOf('222222222222', ORGS[1])],
      [arnOf('333333333333', ORGS[0]), arnOf('333333333333', ORGS[1]), arnOf('333333333333', GITHUB)],
    ]);
    // The observation of a host is one object, so that it is evaluated once.
    expect(new Set(facts.flat().flatMap(({ hosts }) => hosts)).size).toBe(2);
    for (const { provider, target } of facts.flat()) {
      expect(provider).toMatchObject({ ok: true, value: { arn: target.providerArn } });
    }
  });

  it('permits private addresses to configured issuers alone, whichever account trusts others', async () => {
    const ports = network();
    const config = parseConfig({
      issuers: [ORGS[0]],
      updateIssuers: [GITHUB],
      allowPrivateNetworks: true,
    });
    const targets = selectTargets(accounts, { ...assignment, config }).flat();
    await contactIssuers(targets, new IssuerContacts(ports, config));
    const isPrivate = (request: string): boolean => request.endsWith(' private');
    expect(ports.asked.filter(isPrivate).every((request) => request.includes('gitlab.example'))).toBe(true);
    expect(ports.asked.filter((request) => request.includes('githubusercontent')).some(isPrivate)).toBe(
      false,
    );
  });
});

describe('targetFacts', () => {
  const account = accountWith('111111111111', [GITHUB]);
  const target = { issuer: GITHUB, providerArn: arnOf('111111111111', GITHUB), configured: false };
  const late = { ok: false, failure: failure('deadline', 'DEADLINE_EXCEEDED', 'late') } as const;

  it('uses nothing of a target if its issuer or its provider was not read in time', async () => {
    const inTime = new IssuerContacts(network(), { allowPrivateNetworks: false, issuers: [] });
    const read = await contactIssuers([target], inTime);
    const atEnd = { ...network(), deadline: AbortSignal.abort() };
    const unread = await contactIssuers(
      [target],
      new IssuerContacts(atEnd, { allowPrivateNetworks: false, issuers: [] }),
    );
    const unreadProvider = { ...account, providers: [{ arn: target.providerArn, provider: late }] };
    expect(targetFacts(target, account, read).discovery).toMatchObject({ ok: true });
    for (const facts of [targetFacts(target, account, unread), targetFacts(target, unreadProvider, read)]) {
      expect(facts).toMatchObject({ jwks: null, hosts: [], milliseconds: null });
      expect([facts.discovery, facts.provider]).toMatchObject(
        Array.from({ length: 2 }, () => ({
          failure: { message: `${GITHUB} was not checked before the deadline of the run.` },
        })),
      );
    }
  });

  it('does not call a provider missing if the providers could not be listed', async () => {
    const unlisted = failure('iam', 'AWS_THROTTLED', 'x');
    const unknown = { ...account, providerArns: { ok: false, failure: unlisted } } as const;
    const missing = { ...target, providerArn: null };
    const issuers = await contactIssuers(
      [missing],
      new IssuerContacts(network(), { allowPrivateNetworks: false, issuers: [] }),
    );
    expect(targetFacts(missing, unknown, issuers).provider).toEqual({ ok: false, failure: unlisted });
    expect(targetFacts(missing, account, issuers).provider).toBeNull();
  });
});
