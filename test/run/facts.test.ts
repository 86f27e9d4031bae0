/** The facts about an account are complete, and plain data: they may be stored, and evaluated by another process. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readAttachedPolicies } from '../../lambda/collect/account';
import { parseConfig } from '../../lambda/config/config';
import { parseEvent } from '../../lambda/config/event';
import { failure } from '../../lambda/domain/errors';
import type { AccountFacts } from '../../lambda/domain/facts';
import type { Outcome, Report } from '../../lambda/domain/types';
import { evaluateFacts } from '../../lambda/evaluate';
import { collectInputs } from '../../lambda/inputs';
import type { Ports } from '../../lambda/ports';
import { runOnce } from '../../lambda/run';
import { NOW, hierarchy, madeUpTrust, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { PROJECT, allow, keyOf, narrowRole, policyOf, roleWith } from '../support/roles';

const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const OTHER = `${IAM}oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608`;
const GITHUB = `${IAM}token.actions.githubusercontent.com`;
const SERVICE = allow('', undefined, {
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});
const project = { StringEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT } };
const ADMINISTRATOR = roleWith(CLOUD, 'ci', policyOf(allow(CLOUD, project)));
const THROTTLED = { ok: false, failure: failure('iam', 'AWS_THROTTLED', 'AWS throttled it.') } as const;

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy('oidc.circleci.com', 'Public');
});

/** Something of everything: providers that cannot be read, roles of services, open ones, odd ones. */
const account = (): AccountFacts => ({
  id: '123456789012',
  providerArns: { ok: true, value: [CLOUD, OTHER, GITHUB] },
  providers: [
    {
      arn: CLOUD,
      provider: { ok: true, value: { arn: CLOUD, url: '', thumbprints: ['9e99a48a'], audiences: [ORG] } },
    },
    { arn: OTHER, provider: THROTTLED },
    {
      arn: GITHUB,
      provider: {
        ok: true,
        value: { arn: GITHUB, url: '', thumbprints: [served.middle.thumbprint], audiences: [] },
      },
    },
  ],
  roles: {
    ok: true,
    value: [
      narrowRole(CLOUD),
      roleWith(CLOUD, 'lambda', policyOf(SERVICE)),
      ADMINISTRATOR,
      roleWith(CLOUD, 'everybody', policyOf(allow('', undefined, { Principal: '*' }))),
      roleWith(CLOUD, 'odd', '\uFEFF no policy'),
      roleWith(CLOUD, 'escaped', policyOf(allow(OTHER)).replace('Federated', 'Feder\\u0061ted')),
      roleWith(CLOUD, 'lost', policyOf(allow(`${GITHUB}/gone`))),
    ],
  },
  attachedPolicies: [
    {
      roleArn: ADMINISTRATOR.arn,
      policies: { ok: true, value: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    },
  ],
});

const fetchDocument: Ports['fetchDocument'] = (url) => {
  const issuer = url.href.replace('/.well-known/openid-configuration', '');
  const text = issuer === url.href ? '{"keys":[]}' : JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` });
  return Promise.resolve({ ok: true, value: { text, milliseconds: 1, missed: 0 } });
};

class NotAsked extends Error {}
const refuse = (): Promise<never> => Promise.reject(new NotAsked());

/** The ports of a run that audits such an account. */
function portsTo({ providerArns, providers, roles, attachedPolicies }: AccountFacts): Ports {
  const asked = <T>(outcome: Outcome<T> | null | undefined): Promise<Outcome<T>> =>
    outcome == null ? refuse() : Promise.resolve(outcome);
  const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
  return {
    listProviders: () => asked(providerArns),
    readProvider: (wanted) => asked(providers.find(({ arn }) => arn === wanted)?.provider),
    listRoles: () => asked(roles),
    attachedPolicies: (name) =>
      asked(attachedPolicies.find(({ roleArn }) => nameOf(roleArn) === name)?.policies),
    updateThumbprints: refuse,
    fetchDocument,
    probeHost: (host) => Promise.resolve({ ...observed(host.name, [{ chain: served.chain }]), host }),
    publish: refuse,
    publishChat: null,
    countRecipients: null,
    store: null,
    accountAlias: () => Promise.resolve(null),
    record: () => undefined,
    trust: madeUpTrust(),
    node: 'v22.0.0',
    now: () => NOW,
    wait: refuse,
    deadline: new AbortController().signal,
  };
}

const assignment = {
  event: parseEvent({ action: 'audit' }),
  config: parseConfig({ discover: 'all' }),
  account: null,
};
const audit = (facts: AccountFacts): Promise<Report> => runOnce(assignment, portsTo(facts));

/** Collects the facts about an account as a run does. */
async function factsAbout(facts: AccountFacts): Promise<AccountFacts> {
  const ports = portsTo(facts);
  const inputs = await collectInputs(assignment, ports);
  const { trust } = await evaluateFacts(inputs, assignment, ports, NOW);
  return { ...inputs.account, attachedPolicies: await readAttachedPolicies(trust.candidates, ports) };
}

describe('AccountFacts', () => {
  it('keep the roles that can concern a provider, and what decides about them', async () => {
    const facts = await factsAbout(account());
    expect(facts.roles).toEqual({
      ok: true,
      value: [
        narrowRole(CLOUD),
        ADMINISTRATOR,
        ...['everybody', 'odd', 'escaped', 'lost'].map((name) => expect.objectContaining({ name })),
      ],
    });
    expect(facts).toMatchObject({ ...account(), roles: facts.roles });
  });

  it.each<[string, () => AccountFacts]>([
    ['of everything', account],
    ['whose roles could not be read', () => ({ ...account(), roles: THROTTLED })],
    ['whose providers could not be listed', () => ({ ...account(), providerArns: THROTTLED })],
  ])('survive JSON: an account %s is reported the same from them', async (_, from) => {
    const facts = await factsAbout(from());
    const restored: unknown = JSON.parse(JSON.stringify(facts));
    const isSame = (value: unknown): value is AccountFacts => isDeepStrictEqual(value, facts);
    if (!isSame(restored)) throw new Error('JSON lost some of the facts.');
    const report = await audit(from());
    expect(await audit(restored)).toEqual(report);
    expect(report.findings.length + report.failures.length).toBeGreaterThan(0);
  });
});
