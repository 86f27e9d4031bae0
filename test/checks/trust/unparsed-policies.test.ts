/** Roles whose trust policy does not fit IAM's grammar: an open one must never look like one that nobody can assume. */
import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../lambda/config/config';
import type { Finding, Role } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import type { Observation } from '../../../lambda/checks/target';
import { evaluateTrust, trustResults } from '../../../lambda/checks/trust/account';
import { PROJECT, allow, keyOf, narrowRole, policyOf, roleWith } from '../../support/roles';

const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const OTHER = `${IAM}oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608`;
const GITHUB = `${IAM}token.actions.githubusercontent.com`;
const PROVIDERS = [CLOUD, OTHER, GITHUB];

const observationOf = (providerArn: string): Observation => ({
  target: { issuer: `https://${providerArn.slice(IAM.length)}`, providerArn, configured: false },
  jwks: null,
  milliseconds: null,
  discovery: { ok: false, failure: failure('discovery', 'DNS_NOT_FOUND', 'x') },
  provider: {
    ok: true,
    value: { arn: providerArn, url: '', thumbprints: [], audiences: [providerArn.slice(-36)] },
  },
  hosts: [],
});

interface Evaluated {
  readonly account: readonly Finding[];
  readonly targets: readonly { readonly roles: readonly string[]; readonly findings: readonly Finding[] }[];
}

async function evaluate(roles: readonly Role[], providers = PROVIDERS): Promise<Evaluated> {
  const config = parseConfig({ discover: 'all' });
  const observations = providers.map(observationOf);
  const account = {
    roles: { ok: true, value: roles },
    providerArns: { ok: true, value: providers },
  } as const;
  const evaluated = await evaluateTrust(observations, account, () => Promise.resolve(true));
  const { findings, targets } = trustResults(evaluated, [], { config, selection: null });
  return { account: findings, targets: [...targets.values()] };
}

const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

const roleOf = (policy: string, name = 'ci'): Role => roleWith(CLOUD, name, policy);
const project = { StringEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT } };
const lowerCase = (statement: object): object =>
  Object.fromEntries(Object.entries(statement).map(([name, value]) => [name.toLowerCase(), value]));
const everybody = (more: object): object => allow('', undefined, { Principal: '*', ...more });

/** None of them contains the ARN of a provider, and none can be parsed. */
const UNPARSED: readonly (readonly [string, string])[] = [
  ['no JSON at all', 'nothing of it'],
  ['nothing', ''],
  ['a list', '[]'],
  ['no Statement', '{"Version":"2012-10-17"}'],
  ['a Statement that is a text', '{"Statement":"x"}'],
  ['an unknown Version', JSON.stringify({ Version: '2031-01-01', Statement: [] })],
  ['an unknown element of the policy', JSON.stringify({ Statement: [], Rules: [] })],
  ['two Statement elements', '{"Statement":[],"Statement":[]}'],
  ['an empty list of actions', policyOf(everybody({ Action: [] }))],
  ['an empty list as principal', policyOf(everybody({ Principal: { Federated: [] } }))],
  ['an empty object as principal', policyOf(everybody({ Principal: {} }))],
  ['an empty list of values', policyOf(everybody({ Condition: { StringLike: { a: [] } } }))],
  ['null as a value', policyOf(everybody({ Condition: { StringLike: { a: null } } }))],
  ['names of elements in small letters', policyOf(lowerCase(everybody({})))],
  ['an effect in small letters', policyOf(everybody({ Effect: 'allow' }))],
  ['an unknown element', policyOf(everybody({ Resource: '*' }))],
  [
    'an element twice',
    `{"Statement":{"Effect":"Deny","Effect":"Allow",${JSON.stringify(everybody({})).slice(1)}}`,
  ],
  ['Principal beside NotPrincipal', policyOf(everybody({ NotPrincipal: { AWS: 'x' } }))],
  ['Action beside NotAction', policyOf(everybody({ NotAction: 'sts:TagSession' }))],
  ['a type of principal in small letters', policyOf(everybody({ Principal: { federated: 'x' } }))],
  ['a Deny that cannot be parsed', policyOf(everybody({ Effect: 'Deny', Action: [] }))],
  ['a byte order mark', `\uFEFF${JSON.stringify({ Statement: [] })}`],
  ['a hundred levels', `{"Statement":${'['.repeat(100)}${']'.repeat(100)}}`],
];

describe('a trust policy that cannot be parsed', () => {
  it.each(UNPARSED)('with %s: may trust every provider', async (_what, policy) => {
    const role = roleOf(policy);
    const { account, targets } = await evaluate([role]);
    expect(account).toMatchObject([{ check: 'TRUST001', severity: 'medium', subject: role.arn }]);
    expect(targets.map(({ roles }) => roles)).toEqual(PROVIDERS.map(() => [role.arn]));
    expect(targets.flatMap(({ findings }) => brief(findings))).toEqual([]);
  });

  it('is one finding for each role, however many providers there are (fault 52)', async () => {
    const roles = ['a', 'b'].map((name) => roleOf('nothing of it', name));
    const { account } = await evaluate(roles);
    expect(account.map(({ subject }) => subject)).toEqual(roles.map(({ arn }) => arn));
  });

  it('names at most three reasons', async () => {
    const [finding] = (await evaluate([roleOf(policyOf(...UNPARSED.map(() => ({}))))])).account;
    expect(finding?.message).toContain(
      'statement 1 has no Effect with the value Allow or Deny; statement 2 has no Effect with the value Allow or Deny; statement 3 has no Effect with the value Allow or Deny; and 20 further problems.',
    );
  });

  it('does not hide what its other statements permit (fault 52)', async () => {
    const unparsed = everybody({ Action: [] });
    const { account, targets } = await evaluate([
      roleOf(policyOf(unparsed, allow(CLOUD)), 'org'),
      roleOf(policyOf(unparsed, everybody({})), 'anyone'),
    ]);
    expect(brief(account)).toEqual(['TRUST001 medium', 'TRUST001 medium']);
    const found = targets.map(({ findings }) =>
      findings
        .filter(({ check }) => check === 'TRUST001')
        .map(({ severity, subject }) => `${severity} ${subject ?? ''}`),
    );
    const arn = (name: string): string => roleOf('', name).arn;
    expect(found).toEqual([
      [`high ${arn('org')}`, `critical ${arn('anyone')}`],
      [`critical ${arn('anyone')}`],
      [`critical ${arn('anyone')}`],
    ]);
  });

  it('stays open where the Deny that would close it cannot be parsed', async () => {
    const deny = everybody({ Effect: 'Deny' });
    for (const [kind, text] of [
      ['none', policyOf(allow(CLOUD), deny)],
      ['one', policyOf(allow(CLOUD), { ...deny, Action: [] })],
      ['one', policyOf(allow(CLOUD), { ...deny, Unknown: 'x' })],
      ['one', `{"Rules":[],"Statement":${JSON.stringify([allow(CLOUD), deny])}}`],
    ] as const) {
      const { targets } = await evaluate([roleOf(text)], [CLOUD]);
      const open = targets.flatMap(({ findings }) => findings.filter(({ check }) => check === 'TRUST001'));
      expect({ text, open: open.length === 0 ? 'none' : 'one' }).toEqual({ text, open: kind });
    }
  });
});

describe('a trust policy that can be parsed', () => {
  it.each([
    ['a provider with escaped slashes', policyOf(allow(CLOUD)).replaceAll('/', '\\/')],
    [
      'a provider with escaped letters',
      policyOf(allow(CLOUD)).replace('oidc-provider', '\\u006fidc-provider'),
    ],
    ['a single statement', JSON.stringify({ Statement: allow(CLOUD) })],
    ['no version', JSON.stringify({ Statement: [allow(CLOUD)] })],
    ['empty conditions', policyOf(allow(CLOUD, {}))],
    ['an operator without keys', policyOf(allow(CLOUD, { StringLike: {} }))],
    [
      'NotAction of something else',
      policyOf(allow(CLOUD, undefined, { Action: undefined, NotAction: 'sts:TagSession' })),
    ],
  ])('is evaluated: %s', async (_what, policy) => {
    const { account, targets } = await evaluate([roleOf(policy)], [CLOUD]);
    expect(account).toEqual([]);
    expect(targets.flatMap(({ findings }) => brief(findings))).toEqual(['TRUST001 high', 'TRUST004 info']);
  });

  it.each([
    ['a service, whatever else is wrong', { Principal: { Service: 'ec2.amazonaws.com' }, Action: [] }],
    ['an account', { Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Condition: { Bool: { a: [] } } }],
    [
      'a SAML provider',
      { Principal: { Federated: 'arn:aws:iam::123456789012:saml-provider/x' }, Action: [] },
    ],
  ])('does not concern web identities: %s', async (_what, statement) => {
    const { account, targets } = await evaluate(
      [roleOf(policyOf(everybody(statement))), narrowRole(CLOUD)],
      [CLOUD],
    );
    expect(account).toEqual([]);
    expect(targets).toMatchObject([{ roles: [narrowRole(CLOUD).arn], findings: [] }]);
  });
});

describe('a statement for every principal', () => {
  const NOT_SUB = { StringNotLike: { [keyOf(CLOUD, 'sub')]: 'x' } };

  it.each<[string, object, string]>([
    ['"*"', { Principal: '*' }, 'critical'],
    ['{"AWS": "*"}', { Principal: { AWS: '*' } }, 'critical'],
    ['{"AWS": ["*"]} and others', { Principal: { AWS: ['x', '*'] } }, 'critical'],
    ['{"*": "*"}', { Principal: { '*': '*' } }, 'critical'],
    ['{"*": ["*"]}', { Principal: { '*': ['*'] } }, 'critical'],
    ['{"Federated": "*"}', { Principal: { Federated: '*' } }, 'critical'],
    ['NotPrincipal', { Principal: undefined, NotPrincipal: { AWS: 'x' } }, 'critical'],
    [
      'NotPrincipal of this provider',
      { Principal: undefined, NotPrincipal: { Federated: CLOUD } },
      'critical',
    ],
    ['NotPrincipal "*"', { Principal: undefined, NotPrincipal: '*' }, 'medium'],
    ['a part of an ARN', { Principal: { Federated: 'arn:aws:iam::*' } }, 'medium'],
    ['conditions that hold of strangers', { Condition: NOT_SUB }, 'critical'],
    [
      'a condition that only this provider fulfils',
      { Condition: { Null: { [keyOf(CLOUD, 'sub')]: 'false' } } },
      'high',
    ],
    ['a project', { Condition: project }, 'none'],
  ])('written as %s', async (_how, change, severity) => {
    const { account, targets } = await evaluate([roleOf(policyOf(everybody(change)))], [CLOUD]);
    expect(account).toEqual([]);
    const [found, ...others] = targets.flatMap(({ findings }) =>
      findings.filter(({ check }) => check === 'TRUST001'),
    );
    expect(others).toEqual([]);
    expect(found?.severity ?? 'none').toBe(severity);
  });

  it('is critical only if no Deny refuses other orgs', async () => {
    const severityWith = async (condition: object): Promise<unknown> => {
      const denial = everybody({ Effect: 'Deny', Condition: condition });
      const { targets } = await evaluate([roleOf(policyOf(everybody({}), denial))], [CLOUD]);
      return targets[0]?.findings.find(({ check }) => check === 'TRUST001')?.severity;
    };
    expect(await severityWith({ Null: { [keyOf(CLOUD, 'sub')]: 'true' } })).toBe('high');
    expect(await severityWith(NOT_SUB)).toBeUndefined();
    expect(await severityWith({ StringLike: { [keyOf(CLOUD, 'sub')]: 'x' } })).toBe('critical');
  });
});
