import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import { readAttachedPolicies, readProviders, rolesOfProviders } from '../../lambda/collect/account';
import type { Role } from '../../lambda/domain/types';
import { fuzzing } from '../support/fuzz';
import { damaged, mutatedJson } from '../support/hostile';
import { allow, policyOf, roleWith } from '../support/roles';

const IAM = 'arn:aws:iam::123456789012:';
const PROVIDER = `${IAM}oidc-provider/token.actions.githubusercontent.com`;
const SERVICE = allow('', undefined, {
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});

const isKept = (trustPolicy: string): boolean =>
  rolesOfProviders([{ arn: `${IAM}role/ci`, name: 'ci', trustPolicy }]).length > 0;

describe('rolesOfProviders', () => {
  it('leaves out roles of services, of accounts, and those that only deny', () => {
    const account = allow('', undefined, { Principal: { AWS: `${IAM}root` }, Action: 'sts:*' });
    const denial = allow(PROVIDER, undefined, { Effect: 'Deny' });
    for (const policy of [policyOf(SERVICE), policyOf(account), policyOf(SERVICE, account, denial)]) {
      expect([isKept(policy), isKept(encodeURIComponent(policy))]).toEqual([false, false]);
    }
  });

  it.each([
    ['of a provider', policyOf(allow(PROVIDER))],
    ['whose element is escaped', policyOf(allow(PROVIDER)).replace('Federated', 'Feder\\u0061ted')],
    ['whose statement is escaped', policyOf(allow(PROVIDER)).replace('"Statement"', '"\\u0053tatement"')],
    ['open to everybody', policyOf(allow('', undefined, { Principal: '*' }))],
    [
      'open to everybody, escaped',
      policyOf(allow('', undefined, { Principal: '*' })).replace('*', '\\u002a'),
    ],
    [
      'of everybody but a service',
      policyOf({ ...SERVICE, Principal: undefined, NotPrincipal: { Service: 'a' } }),
    ],
    ['that cannot be parsed', 'nothing'],
    ['with an unknown element', policyOf({ ...SERVICE, principal: { Federated: PROVIDER } })],
    ['with a byte order mark', `\uFEFF${policyOf(SERVICE)}`],
    ['encoded twice', encodeURIComponent(policyOf(SERVICE))],
  ])('keeps a role %s', (_, policy) => {
    expect(isKept(encodeURIComponent(policy))).toBe(true);
  });

  const statements = fc
    .record({
      Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      principal: fc.constantFrom<object>(
        { Principal: { Service: 'lambda.amazonaws.com' } },
        { Principal: { Service: ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] } },
        { Principal: { AWS: [`${IAM}root`, `${IAM}role/admin`] } },
        { Principal: { AWS: '*' } },
        { Principal: '*' },
        { Principal: { '*': '*' } },
        { Principal: { Federated: PROVIDER } },
        { Principal: { Federated: ['cognito-identity.amazonaws.com', PROVIDER] } },
        { Principal: { Federated: `${IAM}saml-provider/okta` } },
        { Principal: { Federated: `${IAM}oidc-provider/*` } },
        { NotPrincipal: { AWS: `${IAM}root` } },
      ),
      Action: fc.constantFrom('sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', 'sts:*'),
    })
    .map(({ principal, ...rest }) => ({ ...rest, ...principal }));
  /** Some of the letters as JSON's escapes, which mean the same. */
  const escaped = (text: string): fc.Arbitrary<string> =>
    fc
      .array(fc.boolean(), { minLength: 7, maxLength: 7 })
      .map((which) =>
        text.replace(/[A-Za-z*]/g, (letter, at: number) =>
          which[at % which.length] === true
            ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
            : letter,
        ),
      );
  const policies = damaged(
    fc
      .oneof(fc.array(statements, { minLength: 1, maxLength: 3 }), statements)
      .chain((Statement) => mutatedJson({ Version: '2012-10-17', Statement }))
      .chain((text) => fc.oneof({ weight: 2, arbitrary: fc.constant(text) }, escaped(text))),
  );
  const encodings: readonly ((text: string) => string)[] = [
    (text) => text,
    // A lone half of a character cannot be percent-encoded.
    (text) => encodeURIComponent(Buffer.from(text).toString()),
    (text) => encodeURIComponent(encodeURIComponent(Buffer.from(text).toString())),
    (text) => `\uFEFF${text}`,
    (text) => ` \n${text}`,
  ];

  it('keeps every role that the evaluation indexes, whatever its policy is, and no other', () => {
    let [kept, left] = [0, 0];
    fc.assert(
      fc.property(policies, fc.constantFrom(...encodings), (policy, encode) => {
        const roles: readonly Role[] = [{ arn: `${IAM}role/ci`, name: 'ci', trustPolicy: encode(policy) }];
        const { byProvider, loose } = indexRoles(roles);
        const isIndexed = byProvider.size + loose.length > 0;
        if (isIndexed) kept += 1;
        else left += 1;
        expect(rolesOfProviders(roles)).toEqual(isIndexed ? roles : []);
      }),
      fuzzing(),
    );
    expect(Math.min(kept, left)).toBeGreaterThan(0);
  });
});

describe('reading an account', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const late = { ok: false, failure: { step: 'deadline', code: 'DEADLINE_EXCEEDED' } };

  it('reads each provider once, and reports those that IAM did not return in time', async () => {
    const asked: string[] = [];
    const providers = await readProviders([PROVIDER, `${PROVIDER}/late`, PROVIDER], {
      readProvider: (arn) => {
        asked.push(arn);
        return arn.endsWith('late')
          ? never()
          : Promise.resolve({ ok: true, value: { arn, url: '', thumbprints: [], audiences: [] } });
      },
      deadline: AbortSignal.timeout(20),
    });
    expect(asked).toEqual([PROVIDER, `${PROVIDER}/late`]);
    expect(providers).toMatchObject([{ arn: PROVIDER, provider: { ok: true } }, { provider: late }]);
  });

  it('reports the roles whose policies IAM did not return in time', async () => {
    const role = roleWith(PROVIDER, 'ci', policyOf(allow(PROVIDER)));
    const ports = { attachedPolicies: never, deadline: AbortSignal.abort() };
    expect(await readAttachedPolicies([role], ports)).toMatchObject([{ roleArn: role.arn, policies: late }]);
  });
});
