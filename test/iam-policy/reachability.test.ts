import { describe, expect, it } from '@jest/globals';
import { applicableStatements } from '../../lambda/iam-policy/evaluate';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { canSatisfy, fromOutside, outsideOf, reachabilityOf } from '../../lambda/iam-policy/reachability';
import type { Reachability } from '../../lambda/iam-policy/reachability';
import { evaluateStatements } from '../../lambda/iam-policy/role-trust';
import type { EvaluatedStatement } from '../../lambda/iam-policy/role-trust';
import { PROJECT, allow, keyOf, policyOf } from '../support/roles';
import { tokenSource } from '../../lambda/oidc/profiles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const ROOT = `${IAM}oidc.circleci.com`;

const on = (claim: string, value: unknown, operator = 'StringLike', provider = CLOUD): object => ({
  [operator]: { [keyOf(provider, claim)]: value },
});
const project = (value: unknown, operator = 'StringEquals'): object =>
  on('oidc.circleci.com/project-id', value, operator);
const FROM_OFFICE = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
const deny = (condition?: object): object => allow(CLOUD, condition, { Effect: 'Deny' });

class Unreadable extends Error {}

/** A policy's Allow statements, evaluated. */
function judge(
  statements: readonly object[],
  provider = CLOUD,
  audiences: readonly string[] | null = [ORG],
): readonly EvaluatedStatement[] {
  const issuer = `https://${provider.slice(IAM.length)}`;
  const source = tokenSource({ issuer, providerArn: provider, audiences });
  const read = readPolicy(policyOf(...statements));
  if (!read.ok) throw new Unreadable(issuer);
  return evaluateStatements({ source, applicable: applicableStatements(read.statements, source, provider) })
    .statements;
}

/** Which projects the first statement lets in. */
const reachOf = (...statements: readonly object[]): Reachability | undefined => judge(statements)[0]?.units;
const kindOf = (...statements: readonly object[]): string | undefined => reachOf(...statements)?.kind;

describe('a token that the search finds and the evaluation does not confirm', () => {
  it('leaves the statement not evaluated, with a reason, although no condition is unknown', () => {
    const source = tokenSource({
      issuer: `https://${CLOUD.slice(IAM.length)}`,
      providerArn: CLOUD,
      audiences: null,
    });
    const read = readPolicy(policyOf(allow(CLOUD)));
    if (!read.ok) throw new Unreadable(CLOUD);
    const [bearing] = applicableStatements(read.statements, source, CLOUD);
    if (bearing === undefined) throw new Unreadable(CLOUD);
    // A test of the audience, if no audience is known, is decided by neither.
    const test = { claim: 'aud', comparison: 'exact', values: ['a'], negated: false } as const;
    const policy = { source, applicable: [{ ...bearing, tests: [test] }] };
    const reach = reachabilityOf(policy, bearing, fromOutside(source, outsideOf(policy), 'unit'));
    expect(reach.kind).toBe('not-evaluated');
    expect(reach.kind === 'not-evaluated' ? reach.reasons : []).toHaveLength(1);
  });
});

describe('a project that the policy names', () => {
  it('is not foreign, in any notation', () => {
    const capitals = PROJECT.toUpperCase();
    expect(kindOf(allow(CLOUD, project(capitals, 'StringEqualsIgnoreCase')))).toBe('closed');
    expect(kindOf(allow(CLOUD, project([OTHER, PROJECT])))).toBe('closed');
    expect(kindOf(allow(CLOUD, on('sub', `org/${ORG}/project/${PROJECT}/user/*`)))).toBe('closed');
    expect(kindOf(allow(CLOUD, project(`${PROJECT.slice(0, -1)}?`, 'StringLike')))).toBe('open');
  });

  it('may be named by another statement', () => {
    const wide = allow(CLOUD, project(`${PROJECT.slice(0, -1)}?`, 'StringLike'));
    const others = Array.from('012345679abcdef', (digit) => PROJECT.slice(0, -1) + digit);
    expect(kindOf(wide, allow(CLOUD, project([PROJECT, ...others])))).toBe('closed');
    expect(kindOf(wide, allow(CLOUD, project(others)))).toBe('open');
  });
});

describe('reachability: Deny', () => {
  it.each<[string, object, string]>([
    ['of everything', {}, 'closed'],
    ['of all other projects', project(PROJECT, 'StringNotEquals'), 'closed'],
    ['of one project', project(OTHER), 'open'],
    ['that holds for no token', on('no-such-claim', 'x', 'StringEquals'), 'open'],
    ['of the only audience', on('aud', ORG), 'closed'],
    ['that is not judged', FROM_OFFICE, 'not-evaluated'],
    [
      'of all other projects, from some places',
      { ...FROM_OFFICE, ...project(PROJECT, 'StringNotEquals') },
      'not-evaluated',
    ],
    ['of some projects, from some places', { ...FROM_OFFICE, ...project('0*', 'StringLike') }, 'open'],
  ])('%s leaves it %s', (_, condition, kind) => {
    expect(kindOf(allow(CLOUD), deny(condition))).toBe(kind);
  });

  it('of some addresses leaves the others open, and the example has one of them', () => {
    const reach = reachOf(allow(CLOUD), deny({ ...FROM_OFFICE, ...project('0*', 'StringLike') }));
    expect(reach).toMatchObject({ kind: 'open' });
    expect(reach?.kind === 'open' ? reach.token.claims.get('project') : '').toMatch(/^[^0]/);
  });

  it('that is not evaluated is named beside other reasons', () => {
    const statements = [allow(CLOUD, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }), deny(FROM_OFFICE)];
    expect(reachOf(...statements)).toEqual({
      kind: 'not-evaluated',
      reasons: [
        'statement 1: the condition Bool on "aws:multifactorauthpresent" is not evaluated',
        'statement 2: the condition IpAddress on "aws:sourceip" is not evaluated',
      ],
    });
  });
});

describe('reachability: an Allow that is not evaluated', () => {
  it('is closed if no token can match, whatever its result', () => {
    expect(kindOf(allow(CLOUD, { ...FROM_OFFICE, ...project(PROJECT) }))).toBe('closed');
    expect(kindOf(allow(CLOUD, FROM_OFFICE))).toBe('not-evaluated');
  });

  it('is open if another statement accepts the same token', () => {
    expect(kindOf(allow(CLOUD, FROM_OFFICE), allow(CLOUD))).toBe('open');
    const some = deny({ ...FROM_OFFICE, ...project('0*', 'StringLike') });
    expect(kindOf(allow(CLOUD, FROM_OFFICE), allow(CLOUD), some)).toBe('open');
  });
});

describe('reachability: a comparison without case', () => {
  const subject = `ORG/${ORG}/project/${PROJECT}/user/${OTHER}`;
  const branch = `${subject}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/k`;

  it('is evaluated for subjects that have no names', () => {
    expect(kindOf(allow(CLOUD, on('sub', subject, 'StringEqualsIgnoreCase')))).toBe('closed');
    expect(kindOf(allow(CLOUD), deny(on('sub', subject, 'StringNotEqualsIgnoreCase')))).toBe('closed');
    expect(kindOf(allow(CLOUD, on('sub', subject, 'StringNotEqualsIgnoreCase')))).toBe('open');
  });

  it('is not evaluated for names, which may have letters that AWS takes for an ASCII letter', () => {
    expect(kindOf(allow(CLOUD, on('sub', branch, 'StringEqualsIgnoreCase')))).toBe('not-evaluated');
    expect(kindOf(allow(CLOUD), deny(on('sub', branch, 'StringNotEqualsIgnoreCase')))).toBe('not-evaluated');
    expect(kindOf(allow(CLOUD, on('sub', `${subject}\u212a`, 'StringEqualsIgnoreCase')))).toBe(
      'not-evaluated',
    );
  });

  it.each([
    ['the Kelvin sign', '\u212a', 'k'],
    ['the long s', '\u017f', 's'],
  ])('neither closes nor opens a role if an audience has %s', (_, audience, value) => {
    const kind = (...statements: readonly object[]): string | undefined =>
      judge(statements, CLOUD, [audience])[0]?.units.kind;
    expect(kind(allow(CLOUD, on('aud', value, 'StringEqualsIgnoreCase')))).toBe('not-evaluated');
    expect(kind(allow(CLOUD), deny(on('aud', value, 'StringEqualsIgnoreCase')))).toBe('not-evaluated');
    expect(kind(allow(CLOUD, on('aud', value)))).not.toBe('not-evaluated');
  });
});

describe('reachability: audiences', () => {
  const open = (audiences: readonly string[] | null, ...statements: readonly object[]): string | undefined =>
    judge(statements, CLOUD, audiences)[0]?.units.kind;

  it('are tried one by one', () => {
    const own = allow(CLOUD, on('aud', 'own'));
    expect(open([ORG, 'own'], own)).toBe('open');
    expect(open([ORG, 'own'], own, deny(on('aud', ORG)))).toBe('open');
    expect(open([ORG, 'own'], own, deny(on('aud', 'own')))).toBe('closed');
    expect(open([ORG, 'own'], allow(CLOUD), deny(on('aud', ORG)))).toBe('open');
    expect(open([ORG, 'own'], allow(CLOUD), deny(on('aud', '*')))).toBe('closed');
    expect(open([ORG], own)).toBe('closed');
  });

  it('are named by the token that matches', () => {
    const [statement] = judge([allow(CLOUD, on('aud', 'own'))], CLOUD, [ORG, 'own']);
    expect(statement?.units).toMatchObject({ token: { aud: 'own' } });
    expect(judge([allow(CLOUD)], CLOUD, null)[0]?.units).toMatchObject({ token: { aud: null } });
  });
});

describe('reachability: orgs', () => {
  const orgs = (condition?: object): string | undefined =>
    judge([allow(ROOT, condition)], ROOT)[0]?.tenants.kind;

  it('are open on the root issuer alone, and if none is named', () => {
    expect(orgs()).toBe('open');
    expect(orgs(on('sub', `org/*/project/${PROJECT}/user/*`, 'StringLike', ROOT))).toBe('open');
    expect(orgs(on('sub', `org/${ORG}/*`, 'StringLike', ROOT))).toBe('closed');
    expect(judge([allow(CLOUD)])[0]?.tenants.kind).toBe('closed');
  });
});

describe('reachability: a version of the token', () => {
  it.each<[string, object, readonly [boolean | null, boolean | null]]>([
    ['both', {}, [true, true]],
    ['the old one', on('sub', `org/${ORG}/project/${PROJECT}/user/${OTHER}`), [true, false]],
    ['the new one', on('sub', '*/vcs-ref/refs/heads/main'), [false, true]],
    ['none: no such claim', on('no-such-claim', 'x', 'StringEquals'), [false, false]],
    ['none: no such audience', on('aud', 'x'), [false, false]],
    [
      'too tangled to say',
      {
        StringLike: { [keyOf(CLOUD, 'sub')]: `*a${'?'.repeat(40)}b*` },
        StringNotLike: { [keyOf(CLOUD, 'sub')]: `*a${'?'.repeat(40)}b*` },
      },
      [null, null],
    ],
  ])('%s can satisfy a statement', (_, condition, can) => {
    const [statement] = judge([allow(CLOUD, condition), deny()]);
    const source = tokenSource({
      issuer: `https://${CLOUD.slice(IAM.length)}`,
      providerArn: CLOUD,
      audiences: [ORG],
    });
    if (statement === undefined) throw new Unreadable();
    const ofFormat = (wanted: 'older' | 'newer'): boolean | null =>
      canSatisfy(
        source,
        statement.applied,
        source.grammar.forms.filter(({ format }) => format === wanted),
      );
    expect([ofFormat('older'), ofFormat('newer')]).toEqual(can);
  });
});
