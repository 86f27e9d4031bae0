import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../lambda/config/config';
import type { Outcome, Role, Target } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import type { Observation, ObservedTrust } from '../../../lambda/checks/target';
import { evaluateTrust, trustResults } from '../../../lambda/checks/trust/account';
import type { TrustOptions, TrustResults } from '../../../lambda/checks/trust/account';
import { readAttachedPolicies, readRoles } from '../../../lambda/collect/account';
import { replacePolicyStep } from '../../../lambda/remedies/remedy';
import { mayBegin } from '../../../lambda/deadline';
import type { AccountFacts } from '../../../lambda/domain/facts';
import type { Ports } from '../../../lambda/ports';
import { policiesIn } from '../../support/corrected-policy';
import { PROJECT, allow, keyOf, narrowRole, policyOf, roleWith } from '../../support/roles';

const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const OTHER = `${IAM}oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608`;
const GITHUB = `${IAM}token.actions.githubusercontent.com`;
const UNSEEN = [
  'PROV003',
  'PROV004',
  'TRUST001',
  'TRUST002',
  'TRUST003',
  'TRUST004',
  'TRUST005',
  'TRUST006',
  'TRUST007',
  'TRUST008',
  'TRUST009',
  'TRUST010',
];
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

const targetOf = (providerArn: string): Target => ({
  issuer: `https://${providerArn.slice(IAM.length)}`,
  providerArn,
  configured: false,
});
const seen = (target: Target): Observation => ({
  target,
  jwks: null,
  milliseconds: null,
  discovery: { ok: false, failure: failure('discovery', 'DNS_NOT_FOUND', 'x') },
  provider:
    target.providerArn === null
      ? null
      : { ok: true, value: { arn: target.providerArn, url: '', thumbprints: [], audiences: [ORG] } },
  hosts: [],
});

interface Asking {
  readonly roles: Outcome<readonly Role[]>;
  readonly attached?: (name: string) => Promise<Outcome<readonly string[]>>;
  readonly config?: object;
  readonly selection?: readonly string[];
  readonly listed?: readonly string[] | null;
}

interface Asked extends TrustResults {
  readonly observations: readonly Observation[];
  readonly calls: readonly string[];
}

type PolicyPorts = Pick<Ports, 'attachedPolicies' | 'deadline'>;

/** As a run does it: the managed policies of roles are read between two steps of the evaluation. */
async function evaluate(
  observations: readonly Observation[],
  account: Pick<AccountFacts, 'roles' | 'providerArns'>,
  options: TrustOptions,
  ports: PolicyPorts,
): Promise<TrustResults> {
  const trust = await evaluateTrust(observations, account, () => mayBegin(ports.deadline));
  return trustResults(trust, await readAttachedPolicies(trust.candidates, ports), options);
}

const NOT_LISTED = { ok: false, failure: failure('iam', 'AWS_THROTTLED', 'x') } as const;

async function ask(targets: readonly Target[], asking: Asking): Promise<Asked> {
  const calls: string[] = [];
  const { attached = () => Promise.resolve({ ok: true, value: [] }), listed = [CLOUD] } = asking;
  const ports: PolicyPorts & Pick<Ports, 'listRoles'> = {
    listRoles: () => {
      calls.push('roles');
      return Promise.resolve(asking.roles);
    },
    attachedPolicies: (name) => {
      calls.push(name);
      return attached(name);
    },
    deadline: new AbortController().signal,
  };
  const options = { config: parseConfig(asking.config ?? {}), selection: asking.selection ?? null };
  const observations = targets.map(seen);
  const roles = options.config.auditTrust ? await readRoles(ports) : null;
  const providerArns = listed === null ? NOT_LISTED : ({ ok: true, value: listed } as const);
  const results = await evaluate(observations, { roles, providerArns }, options, ports);
  return { ...results, observations, calls };
}

const all = (...roles: readonly Role[]): Outcome<readonly Role[]> => ({ ok: true, value: roles });
const project = { StringEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT } };
const scoped = (name: string): Role => roleWith(CLOUD, name, policyOf(allow(CLOUD, project)));
/** What was found about one target. */
const trustOf = (asked: Pick<TrustResults, 'targets'>, observation: Observation): ObservedTrust => {
  const trust = asked.targets.get(observation);
  if (trust === undefined) throw new Error('There is no such target.');
  return trust;
};
const checksOf = (asked: Asked): readonly string[] =>
  asked.observations.flatMap((one) =>
    trustOf(asked, one).findings.map(({ check, severity }) => `${check} ${severity}`),
  );

describe('evaluateTrust: roles', () => {
  it('are read once, before the targets are known, and reported by target', async () => {
    const asked = await ask([targetOf(CLOUD), targetOf(OTHER)], {
      roles: all(narrowRole(CLOUD), narrowRole(OTHER), narrowRole(GITHUB)),
      listed: [CLOUD, OTHER, GITHUB],
    });
    expect(asked.calls).toEqual(['roles']);
    expect(asked.observations.map((one) => trustOf(asked, one).roles)).toEqual([
      [narrowRole(CLOUD).arn],
      [narrowRole(OTHER).arn],
    ]);
    expect(asked).toMatchObject({ findings: [], failures: [], notes: [], skipped: [] });
    expect(asked.observations.map((one) => trustOf(asked, one).skipped)).toEqual([[], []]);
  });

  it('that could not be read are reported once, with the checks that were not made', async () => {
    const denied = failure('iam', 'AWS_ACCESS_DENIED', 'AWS denied iam:ListRoles.');
    const asked = await ask([targetOf(CLOUD)], { roles: { ok: false, failure: denied } });
    expect(asked.failures).toEqual([
      {
        ...denied,
        message:
          'AWS denied iam:ListRoles. No role was read: PROV004 and TRUST001 to TRUST010 were not checked.',
      },
    ]);
    expect(checksOf(asked)).toEqual([]);
    expect(asked.skipped).toEqual(['TRUST001', 'TRUST006']);
    const why = { code: 'roles-not-read', reason: 'AWS denied iam:ListRoles.' };
    expect(asked.skippedChecks).toEqual([
      { check: 'TRUST001', ...why },
      { check: 'TRUST006', ...why },
    ]);
    expect(asked.observations.flatMap((one) => trustOf(asked, one).skippedChecks ?? [])).toEqual(
      UNSEEN.filter((check) => check !== 'PROV003').map((check) => ({ check, ...why })),
    );
    expect(asked.observations.map((one) => trustOf(asked, one).skipped)).toEqual([UNSEEN]);
  });

  it('are not read if the configuration says so, and the report says so', async () => {
    const asked = await ask([targetOf(CLOUD)], { roles: all(), config: { auditTrust: false } });
    expect(asked.calls).toEqual([]);
    expect(asked.notes).toEqual([
      'auditTrust is false, so no role was read: PROV004 and TRUST001 to TRUST010 were not checked.',
    ]);
    expect(asked.failures).toEqual([]);
    expect(checksOf(asked)).toEqual([]);
    expect(asked.observations.map((one) => trustOf(asked, one).skipped)).toEqual([UNSEEN]);
  });

  it('that were not requested are no failure', async () => {
    const skipped = failure('iam', 'AWS_SKIPPED', 'IAM was not asked.');
    const asked = await ask([targetOf(CLOUD)], { roles: { ok: false, failure: skipped } });
    expect(asked).toMatchObject({ failures: [], notes: [] });
  });

  it('that arrive after the deadline are a failure', async () => {
    const never = new Promise<never>(() => undefined);
    const ports = { listRoles: () => never, attachedPolicies: () => never, deadline: AbortSignal.abort() };
    const options = { config: parseConfig({}), selection: null };
    const account = { roles: await readRoles(ports), providerArns: { ok: true, value: [] } } as const;
    expect((await evaluate([], account, options, ports)).failures).toMatchObject([
      { code: 'DEADLINE_EXCEEDED' },
    ]);
  });
});

describe('trustResults: the managed policies of a role', () => {
  const administrator = (): Promise<Outcome<readonly string[]>> =>
    Promise.resolve({ ok: true, value: ['arn:aws:iam::aws:policy/ReadOnlyAccess', ADMINISTRATOR] });

  it('are read if they decide, once a role', async () => {
    const both = {
      ...scoped('ci'),
      trustPolicy: policyOf(
        allow(CLOUD, project),
        allow(OTHER, {
          StringEquals: { [keyOf(OTHER, 'oidc.circleci.com/project-id')]: PROJECT },
        }),
      ),
    };
    const asked = await ask([targetOf(CLOUD), targetOf(OTHER)], {
      roles: all(both, scoped('deploy'), narrowRole(CLOUD)),
      attached: administrator,
      listed: [CLOUD, OTHER],
    });
    expect(asked.calls).toEqual(['roles', 'ci']);
    expect(
      asked.observations.map((one) =>
        trustOf(asked, one).findings.filter(({ check }) => check === 'TRUST005'),
      ),
    ).toMatchObject([
      [
        { subject: expect.stringMatching(/deploy$/) },
        {
          severity: 'medium',
          message: expect.stringContaining('role/ci has the policy AdministratorAccess, and'),
        },
      ],
      [{ subject: expect.stringMatching(/ci$/) }],
    ]);
  });

  it('have no finding if they grant less', async () => {
    const asked = await ask([targetOf(CLOUD)], {
      roles: all(scoped('ci')),
      attached: () =>
        Promise.resolve({ ok: true, value: ['arn:aws:iam::123456789012:policy/AdministratorAccess'] }),
    });
    expect(checksOf(asked)).toEqual(['TRUST004 info']);
  });

  it('that are denied are reported once for all roles', async () => {
    const denied = failure('iam', 'AWS_ACCESS_DENIED', 'AWS denied it.');
    const gone = failure('iam', 'AWS_NOT_FOUND', 'gone');
    const asked = await ask([targetOf(CLOUD)], {
      roles: all(scoped('a'), scoped('b'), scoped('c')),
      attached: (name) => Promise.resolve({ ok: false, failure: name === 'c' ? gone : denied }),
    });
    expect(asked.failures).toEqual([
      {
        ...denied,
        message:
          'AWS denied it. For 2 of 3 roles, the managed policies could not be read: TRUST005 and TRUST010 were evaluated by the name of the role only.',
      },
    ]);
    expect(asked.observations.map((one) => trustOf(asked, one).skipped)).toEqual([['TRUST005', 'TRUST010']]);
  });
});

describe('TRUST006: a role trusts a provider that can never be used', () => {
  const elsewhere = CLOUD.replace('123456789012', '999999999999');
  const china = CLOUD.replace('arn:aws:', 'arn:aws-cn:');
  const role = (...federated: readonly string[]): Role =>
    roleWith(CLOUD, 'ci', policyOf(allow(CLOUD, undefined, { Principal: { Federated: federated } })));

  it.each([
    [elsewhere, 'which belongs to the account 999999999999'],
    [china, 'which belongs to the partition aws-cn'],
    [OTHER, 'which does not exist'],
  ])('%s', async (arn, why) => {
    const asked = await ask([], { roles: all(role(CLOUD, arn)) });
    expect(asked.findings).toMatchObject([
      {
        check: 'TRUST006',
        severity: 'low',
        subject: role().arn,
        message: `${role().arn} trusts "${arn}", ${why}. No token can assume the role through it.`,
        remedy: expect.stringContaining(replacePolicyStep(role().arn)),
      },
    ]);
  });

  it('belongs to the target of its issuer, if there is one', async () => {
    const missing: Target = { ...targetOf(OTHER), providerArn: null, configured: true };
    const asked = await ask([missing], { roles: all(role(OTHER)) });
    expect(asked.findings).toEqual([]);
    expect(checksOf(asked)).toEqual(['TRUST006 low']);
    expect(asked.observations.map((one) => trustOf(asked, one).roles)).toEqual([[role().arn]]);
  });

  it.each<[object, readonly string[] | undefined, number]>([
    [{}, undefined, 2],
    [{ discover: 'all' }, undefined, 2],
    [{ discover: 'circleci' }, undefined, 1],
    [{ discover: 'none' }, undefined, 0],
    [{}, [targetOf(CLOUD).issuer], 0],
  ])('of other issuers is reported within the scope of the run: %j %j', async (config, selection, amount) => {
    const asked = await ask([], {
      roles: all(role(OTHER, GITHUB, 'cognito-identity.amazonaws.com')),
      config,
      ...(selection === undefined ? {} : { selection }),
    });
    expect(asked.findings.filter(({ check }) => check === 'TRUST006')).toHaveLength(amount);
    // What an event leaves out has not been checked.
    expect(asked.skipped).toEqual(selection === undefined ? [] : ['TRUST006']);
  });

  it('reports nothing if the providers could not be listed', async () => {
    expect((await ask([], { roles: all(role(OTHER)), listed: null })).findings).toEqual([]);
  });
});

describe('PROV005: several providers of one org', () => {
  it('finds the same org in other spellings', async () => {
    const twins = [CLOUD, `${CLOUD}/`, CLOUD.replace(ORG, ORG.toUpperCase()), OTHER];
    const asked = await ask(twins.map(targetOf), {
      roles: all(...twins.map(narrowRole)),
      listed: twins,
    });
    const counts = asked.observations.map(
      (one) => trustOf(asked, one).findings.filter(({ check }) => check === 'PROV005').length,
    );
    expect(counts).toEqual([1, 1, 1, 0]);
  });
});

describe('roles that trust Google, which AWS itself trusts', () => {
  const GOOGLE = 'accounts.google.com';
  const google = (condition?: object): Role => roleWith(CLOUD, 'google', policyOf(allow(GOOGLE, condition)));
  const of = async (condition?: object, more: Partial<Asking> = {}): Promise<Asked> =>
    ask([targetOf(CLOUD)], { roles: all(google(condition), narrowRole(CLOUD)), ...more });
  const equals = (claims: Readonly<Record<string, string>>): object => ({
    StringEquals: Object.fromEntries(
      Object.entries(claims).map(([claim, value]) => [`${GOOGLE}:${claim}`, value]),
    ),
  });
  const brief = ({ findings }: Asked): readonly string[] =>
    findings.map(({ check, severity }) => `${check} ${severity}`);

  it('have findings of the account: there is no provider', async () => {
    const asked = await of();
    expect(brief(asked)).toEqual(['TRUST001 critical', 'TRUST004 info']);
    expect(asked.findings[0]).toMatchObject({
      subject: google().arn,
      message: expect.stringMatching(/^Any Google account can assume \S+\/google: /),
    });
    expect(checksOf(asked)).toEqual([]);
  });

  it('are limited by an account, and to an organization', async () => {
    expect(brief(await of(equals({ sub: '108642', aud: 'aws' })))).toEqual([]);
    expect(brief(await of(equals({ 'google/organization_number': '99', aud: 'aws' })))).toEqual([
      'TRUST001 high',
    ]);
    expect(brief(await of(equals({ aud: 'aws', oaud: 'aws' })))).toEqual(['TRUST001 critical']);
  });

  it('have no provider that compares audiences', async () => {
    const { findings } = await of(equals({ sub: '108642' }));
    expect(findings).toMatchObject([
      { check: 'TRUST004', message: expect.stringContaining('accepts tokens of Google with any audience') },
    ]);
  });

  it('have a corrected policy with the audience that they name', async () => {
    const [finding] = (await of(equals({ aud: 'aws' }))).findings;
    const [corrected] = policiesIn(finding?.remedy ?? '');
    expect(corrected?.placeholders).toEqual(['SUBJECT']);
    const policy = corrected?.filledIn({ SUBJECT: '108642' }) ?? '';
    expect(JSON.parse(policy)).toMatchObject({
      Statement: [
        { Principal: { Federated: GOOGLE }, Condition: { StringEquals: { [`${GOOGLE}:aud`]: 'aws' } } },
      ],
    });
    const after = await ask([], { roles: all({ ...google(), trustPolicy: policy }) });
    expect(after.findings).toEqual([]);
  });

  it.each([
    ['all', 2],
    ['circleci', 0],
    ['none', 0],
  ])('are evaluated within the scope of reading: %s', async (discover, amount) => {
    expect((await of(undefined, { config: { discover } })).findings).toHaveLength(amount);
  });

  it('are evaluated whatever the event narrows to, and whether or not the providers were listed', async () => {
    const selection = [targetOf(CLOUD).issuer];
    expect(brief(await of(undefined, { selection, listed: null }))).toEqual([
      'TRUST001 critical',
      'TRUST004 info',
    ]);
  });
});
