/** The texts about roles and providers, exactly: `test/golden/trust.txt`. */
import { expect, it } from '@jest/globals';
import type { Finding, Role } from '../../../lambda/domain/types';
import { evaluateTargetTrust } from '../../../lambda/checks/trust/trust';
import { evaluateDeployRole } from '../../../lambda/checks/trust/deploy-roles';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { evaluatePrincipals } from '../../../lambda/checks/trust/missing-providers';
import { expectGolden } from '../../support/golden';
import { PROJECT, allow, keyOf, narrow, policyOf, roleWith } from '../../support/roles';
import { tokenSource } from '../../../lambda/oidc/profiles/circleci';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const SERVER = `${IAM}ci.example.com/org/${ORG}`;
const ROOT = `${IAM}oidc.circleci.com`;
const SUBJECT = `org/${ORG}/project/${PROJECT}/user/${OTHER}`;

const like = (provider: string, ...subjects: readonly string[]): object => ({
  StringLike: { [keyOf(provider, 'sub')]: subjects },
});
const project = (provider: string): object => ({
  StringEquals: { [keyOf(provider, 'oidc.circleci.com/project-id')]: PROJECT },
});

interface Around {
  readonly audiences?: readonly string[];
  readonly twins?: readonly string[];
  /** Null: not read. */
  readonly roles?: readonly Role[] | null;
}

function said(provider: string, { audiences = [ORG], twins = [], roles = [] }: Around): readonly Finding[] {
  const issuer = `https://${provider.slice(IAM.length)}`;
  return evaluateTargetTrust({
    target: { issuer, providerArn: provider, configured: true },
    configuredIssuers: [issuer],
    exists: true,
    audiences,
    sameOrg: twins,
    index: roles === null ? null : indexRoles(roles),
  }).findings;
}

const ofRole = (provider: string, ...statements: readonly object[]): readonly Finding[] =>
  said(provider, { roles: [roleWith(provider, 'ci', policyOf(...statements))] });

const OPEN = allow(CLOUD);
const USED = [roleWith(CLOUD, 'ci', policyOf(allow(CLOUD, narrow(CLOUD))))];

const allSituations = (): readonly (readonly [string, readonly Finding[]])[] => [
  ['a role that is open to every project', ofRole(CLOUD, OPEN, { ...OPEN, Sid: 'Again' })],
  ['the same on CircleCI Server', ofRole(SERVER, allow(SERVER))],
  ['a role that is open to everybody', ofRole(ROOT, allow(ROOT))],
  [
    'a role that is open to every project of an org of the root issuer',
    ofRole(
      ROOT,
      allow(ROOT),
      allow(ROOT, { StringNotLike: { [keyOf(ROOT, 'sub')]: `org/${ORG}/*` } }, { Effect: 'Deny' }),
    ),
  ],
  ['wildcards in place of the project', ofRole(CLOUD, allow(CLOUD, like(CLOUD, 'org/*', `*${PROJECT}*`)))],
  [
    'a policy that is not judged, for two reasons',
    ofRole(CLOUD, allow(CLOUD, { StringMatches: { a: 'b' }, IpAddress: { 'aws:SourceIp': '192.0.2.1' } })),
  ],
  [
    'conditions of others, under operators that pass where the claim is missing',
    ofRole(
      CLOUD,
      allow(CLOUD, {
        ...project(CLOUD),
        StringNotLikeIfExists: { [keyOf(CLOUD, 'sub')]: [`org/${OTHER}/*`, `org/${OTHER}/x`] },
        'ForAllValues:StringLike': { [keyOf(CLOUD, 'sub')]: '*' },
      }),
    ),
  ],
  [
    'conditions of another org on the root issuer and on CircleCI Server',
    [ROOT, SERVER].flatMap((provider) =>
      ofRole(
        provider,
        allow(provider, {
          ...like(provider, `org/${ORG}/project/${PROJECT}/*`),
          StringNotLike: { [keyOf(provider, 'sub')]: `org/${OTHER}/*` },
          StringLikeIfExists: { [keyOf(CLOUD, 'sub')]: '*' },
        }),
      ),
    ),
  ],
  [
    'two statements that no token satisfies',
    ofRole(
      CLOUD,
      allow(CLOUD, { StringEquals: { [keyOf(CLOUD, 'sub')]: `org/${ORG}/*` } }),
      allow(CLOUD, like(CLOUD, 'repo:a', 'repo:b')),
    ),
  ],
  [
    'one subject in two statements, which only the old token has',
    ofRole(CLOUD, ...[1, 2].map(() => allow(CLOUD, like(CLOUD, SUBJECT)))),
  ],
  [
    'two subjects that only the old token has',
    ofRole(CLOUD, allow(CLOUD, like(CLOUD, SUBJECT, SUBJECT.replace(OTHER, PROJECT)))),
  ],
  [
    'two statements without a condition on aud',
    ofRole(CLOUD, allow(CLOUD, project(CLOUD)), allow(CLOUD, project(CLOUD), { Sid: 'B' })),
  ],
  [
    'a role of an administrator',
    evaluateDeployRole(
      roleWith(CLOUD, 'ci', ''),
      ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/AdministratorAccess'],
      tokenSource(`https://oidc.circleci.com/org/${ORG}`, [], null) ?? fail(),
    ),
  ],
  ['a provider without an audience', said(CLOUD, { audiences: [], roles: USED })],
  ['a provider without the org as audience', said(CLOUD, { audiences: ['a', 'b'], roles: USED })],
  ['a provider with more audiences', said(CLOUD, { audiences: [ORG, 'a', 'b'], roles: USED })],
  ['the provider of the root issuer, with roles that were not read', said(ROOT, { roles: null })],
  [
    'the provider of the root issuer, with roles that are open to everybody',
    said(ROOT, { roles: ['b', 'a'].map((name) => roleWith(ROOT, name, policyOf(allow(ROOT)))) }).filter(
      ({ check }) => check.startsWith('PROV'),
    ),
  ],
  [
    'a provider that nobody trusts, and its twins',
    said(CLOUD, { twins: [`${CLOUD}/`, CLOUD.replace('oidc.circleci', 'OIDC.CircleCI')] }),
  ],
  [
    'roles that trust what is not there',
    evaluatePrincipals(
      indexRoles([
        roleWith(CLOUD, 'lost', policyOf(allow(CLOUD))),
        roleWith(CLOUD, 'abroad', policyOf(allow(CLOUD.replace('123456789012', '210987654321')))),
        roleWith(CLOUD, 'overseas', policyOf(allow(CLOUD.replace('aws', 'aws-cn')))),
      ]),
      [],
    ).map(({ finding }) => finding),
  ],
];

function fail(): never {
  throw new Error('The issuer is one of CircleCI.');
}

it('each finding about roles and providers contains the problem, its consequence, and the remedy', () => {
  const situations = allSituations();
  const text = situations
    .map(([title, findings]) =>
      [
        `# ${title}`,
        ...findings.map(
          ({ check, severity, subject, message, remedy }) =>
            `${check} ${severity} (${subject ?? 'no subject'})\n${message}\n${remedy}`,
        ),
      ].join('\n\n'),
    )
    .join('\n\n\n');
  expect(situations.filter(([, findings]) => findings.length === 0)).toEqual([]);
  expectGolden('trust.txt', `${text}\n`);
});
