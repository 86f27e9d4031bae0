/** The roles of the constructs, evaluated by the monitor's own checks, and by an oracle without a shared line. */
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import fc from 'fast-check';
import { CircleCiFederation } from '../../../infra/federation/circleci-federation';
import { CircleCiRole } from '../../../infra/federation/circleci-role';
import type { CircleCiTrustProps } from '../../../infra/federation/props';
import { readPolicy } from '../../../lambda/iam-policy/parse';
import { applicableStatements, isAllowed } from '../../../lambda/iam-policy/evaluate';
import { trustOfTarget } from '../../support/target-trust';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { evaluatePrincipals } from '../../../lambda/checks/trust/missing-providers';
import { federated } from '../../support/federated';
import { decide, readTrustPolicy } from '../../oracle/oracle';
import { tokenSource } from '../../../lambda/oidc/profiles';
import { tokenOf } from '../../support/tokens';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
/** One digit away. */
const NEAR = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d59';
const USER = '11111111-2222-4333-8444-555555555555';
const ORIGIN = 'github.com/acme/app';
const MAIN = 'refs/heads/main';

const ISSUERS = {
  cloud: `https://oidc.circleci.com/org/${ORG}`,
  server: `https://ci.example.com/org/${ORG}`,
};
type Kind = keyof typeof ISSUERS;

/** What a role is made with. `existing`: its provider is named by an ARN. */
interface Options extends CircleCiTrustProps {
  readonly kind: Kind;
  readonly existing: boolean;
}

/** A parsed token. `source` null: V1, or a pipeline of a custom webhook. */
interface Job {
  readonly org: string;
  readonly project: string;
  readonly aud: string;
  readonly source: { readonly origin: string; readonly ref: string } | null;
}

/** The role as it is deployed, and the provider that it trusts. */
function deploy({ kind, existing, ...trust }: Options) {
  const stack = new Stack();
  const issuer = ISSUERS[kind];
  const arn = `arn:aws:iam::123456789012:oidc-provider/${issuer.slice('https://'.length)}`;
  const federation = existing
    ? CircleCiFederation.fromProviderArn(stack, 'Federation', arn)
    : new CircleCiFederation(stack, 'Federation', { org: ORG, issuer });
  new CircleCiRole(stack, 'Role', { federation, ...trust });
  const { roles, provider } = federated(stack);
  return { kind, roles, issuer, arn, audiences: provider?.audiences ?? [ORG] };
}

type Deployed = ReturnType<typeof deploy>;

/** Everything that the monitor reports about the provider and its roles. */
function findingsOf({ roles, issuer, arn, audiences }: Deployed) {
  const index = indexRoles(roles);
  const verdict = trustOfTarget({
    target: { issuer, providerArn: arn, configured: true },
    exists: true,
    audiences,
    sameOrg: [],
    index,
  });
  expect(verdict.roles).toEqual(roles.map((role) => role.arn));
  return [...verdict.findings, ...evaluatePrincipals(index, [arn]).map(({ finding }) => finding)];
}

const subjectOf = ({ org, project, source }: Job): string =>
  `org/${org}/project/${project}/user/${USER}${source === null ? '' : `/vcs-origin/${source.origin}/vcs-ref/${source.ref}`}`;

/** By the monitor's evaluator and by the oracle. */
function verdictsOn({ kind, roles, issuer, arn, audiences }: Deployed, job: Job): readonly boolean[] {
  const source = tokenSource({
    issuer,
    providerArn: arn,
    audiences: [...audiences, 'sts.amazonaws.com'],
  });
  const [role] = roles;
  const read = readPolicy(role?.trustPolicy ?? '');
  if (!read.ok) return [];
  const { org, project, aud } = job;
  const token = { sub: subjectOf(job), org, project, aud };
  const url = issuer.slice('https://'.length);
  const policy = readTrustPolicy(role?.trustPolicy ?? '', { kind, arn, url, org, audiences });
  return [
    isAllowed(applicableStatements(read.statements, source, arn), tokenOf(source, token)),
    decide(policy, { ...token, sessionName: 'circleci', network: 'IPv4' }) === 'yes',
  ];
}

/** What the props promise, in plain words. */
function isWelcome({ project, origin, ref }: Options, job: Job): boolean {
  if (job.org !== ORG || job.project !== project.toLowerCase() || job.aud !== ORG) return false;
  if (origin === undefined) return true;
  if (job.source?.origin !== origin) return false;
  const refs = ref === undefined ? ['*'] : [ref].flat();
  const name = job.source.ref;
  return refs.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
}

/** One job for each ref that the props name. */
const invitedBy = ({ project, origin, ref = MAIN }: Options): readonly Job[] =>
  [ref].flat().map((one) => ({
    org: ORG,
    project: project.toLowerCase(),
    aud: ORG,
    source: origin === undefined ? null : { origin, ref: one.replace(/\*$/, '1') },
  }));

const origins = fc.constantFrom(ORIGIN, 'bitbucket.org/acme/app', 'gitlab.example.com/a/b/c');
const wantedRefs = fc.constantFrom(
  MAIN,
  'refs/heads/release/*',
  'refs/tags/v*',
  'refs/heads/$x',
  'refs/heads/*',
);
const sources = fc.oneof(
  fc.constant({}),
  fc.record({ origin: origins }),
  fc.record({
    origin: origins,
    ref: fc.oneof(wantedRefs, fc.array(wantedRefs, { minLength: 1, maxLength: 3 })),
  }),
);
const options: fc.Arbitrary<Options> = fc
  .record({
    kind: fc.constantFrom<Kind>('cloud', 'server'),
    existing: fc.boolean(),
    project: fc.constantFrom(PROJECT, NEAR, PROJECT.toUpperCase()),
    source: sources,
    projectIdCondition: fc.constantFrom(undefined, false, true),
  })
  .map(({ kind, source, projectIdCondition, ...rest }) => ({
    kind,
    ...rest,
    ...source,
    projectIdCondition: kind === 'server' ? undefined : projectIdCondition,
  }));

/** Also branches and forks that are named like the rest of a subject. */
const jobSources = fc.oneof(
  fc.constant(null),
  fc
    .record({
      origin: fc.oneof(
        origins,
        fc.constantFrom('github.com/evil/app', `${ORIGIN}-fork`, 'github.com/Acme/app'),
      ),
      ref: fc.oneof(
        fc.constantFrom(MAIN, 'refs/heads/release/1', 'refs/tags/v1', 'refs/heads/$x', 'refs/pull/7/head'),
        fc.constantFrom(`refs/heads/x/vcs-ref/${MAIN}`, `refs/heads/x/vcs-origin/${ORIGIN}/vcs-ref/${MAIN}`),
        fc.constant(`refs/heads/x/project/${PROJECT}/user/${USER}/vcs-origin/${ORIGIN}/vcs-ref/${MAIN}`),
      ),
    })
    .map((source) => source),
);
const jobs: fc.Arbitrary<Job> = fc.record({
  org: fc.constantFrom(ORG, ORG, ORG, OTHER_ORG),
  project: fc.constantFrom(PROJECT, PROJECT, NEAR, OTHER_ORG),
  aud: fc.constantFrom(ORG, ORG, ORG, 'sts.amazonaws.com'),
  source: jobSources,
});

describe('every role that the construct can make', () => {
  it('has no finding of the monitor, and lets in exactly the jobs that its props name', () => {
    const seen = { welcome: 0, refused: 0, byRef: 0 };
    fc.assert(
      fc.property(options, fc.array(jobs, { minLength: 20, maxLength: 40 }), (wanted, knocking) => {
        const deployed = deploy(wanted);
        expect(findingsOf(deployed)).toEqual([]);
        for (const job of [...invitedBy(wanted), ...knocking]) {
          const welcome = isWelcome(wanted, job);
          seen[welcome ? 'welcome' : 'refused'] += 1;
          seen.byRef += Number(welcome && wanted.ref !== undefined);
          expect({ job, verdicts: verdictsOn(deployed, job) }).toEqual({ job, verdicts: [welcome, welcome] });
        }
      }),
      { numRuns: 25 },
    );
    expect(Math.min(seen.welcome, seen.refused, seen.byRef)).toBeGreaterThan(0);
  }, 120_000);
});

describe('a role of CircleCiRole', () => {
  const own: Job = { org: ORG, project: PROJECT, aud: ORG, source: { origin: ORIGIN, ref: MAIN } };
  const v1: Job = { ...own, source: null };
  const at = (origin: string, ref: string): Job => ({ ...own, source: { origin, ref } });
  const strangers: readonly (readonly [string, Job])[] = [
    ['another project', { ...own, project: NEAR }],
    ['another project, with V1', { ...v1, project: NEAR }],
    ['another org', { ...own, org: OTHER_ORG }],
    ['another audience', { ...own, aud: 'sts.amazonaws.com' }],
  ];
  const elsewhere: readonly (readonly [string, Job])[] = [
    ['V1, which names no repository', v1],
    ['another branch', at(ORIGIN, 'refs/heads/develop')],
    ['a branch whose name goes on', at(ORIGIN, `${MAIN}/x`)],
    ['a tag of that name', at(ORIGIN, 'refs/tags/main')],
    ['a fork', at('github.com/evil/app', MAIN)],
    ['a branch that is named like the wanted ref', at(ORIGIN, `refs/heads/x/vcs-ref/${MAIN}`)],
    [
      'a fork with a branch that is named like origin and ref',
      at('github.com/evil/app', `x/vcs-origin/${ORIGIN}/vcs-ref/${MAIN}`),
    ],
  ];

  it.each([
    ['cloud', false],
    ['cloud', true],
    ['server', false],
    ['server', true],
  ] as const)('of %s, existing provider %s: lets its project in, and no other', (kind, existing) => {
    const open = deploy({ kind, existing, project: PROJECT });
    for (const job of [own, v1, at('github.com/evil/app', MAIN)])
      expect(verdictsOn(open, job)).toEqual([true, true]);
    const main = deploy({ kind, existing, project: PROJECT, origin: ORIGIN, ref: MAIN });
    expect(verdictsOn(main, own)).toEqual([true, true]);
    for (const role of [open, main]) {
      expect(findingsOf(role)).toEqual([]);
      for (const [who, job] of strangers) expect([who, verdictsOn(role, job)]).toEqual([who, [false, false]]);
    }
    for (const [who, job] of elsewhere) expect([who, verdictsOn(main, job)]).toEqual([who, [false, false]]);
  });

  it('with the name of a deploy role, and without a ref, has the one finding that synth warns of', () => {
    const deployment = (origin?: string, ref?: string) => {
      const stack = new Stack();
      const federation = new CircleCiFederation(stack, 'Federation', { org: ORG });
      new CircleCiRole(stack, 'Role', { federation, project: PROJECT, roleName: 'deploy', origin, ref });
      return findingsOf({
        ...deploy({ kind: 'cloud', existing: true, project: PROJECT }),
        roles: federated(stack).roles,
      });
    };
    expect(deployment().map(({ check }) => check)).toEqual(['TRUST005']);
    expect(deployment(ORIGIN).map(({ check }) => check)).toEqual(['TRUST005']);
    expect(deployment(ORIGIN, MAIN)).toEqual([]);
  });
});
