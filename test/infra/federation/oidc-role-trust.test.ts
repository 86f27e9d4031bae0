/** The roles of OidcRole: evaluated by the monitor's own checks, and compared with what the props say in plain words. */
import { describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import * as v from 'valibot';
import { parseTrustPolicy } from '../../../demo/aws/trust-policy';
import { decideLogin } from '../../../demo/aws/web-identity';
import type {
  BuildkiteTrust,
  EksTrust,
  GitHubTrust,
  GitLabTrust,
  HcpTerraformTrust,
  OidcTrust,
} from '../../../infra/federation/oidc-props';
import { OidcRole } from '../../../infra/federation/oidc-role';
import { evaluatePrincipals } from '../../../lambda/checks/trust/missing-providers';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { findingsWith, trustOfTarget } from '../../support/target-trust';
import { applicableStatements, isAllowed } from '../../../lambda/iam-policy/evaluate';
import { readPolicy } from '../../../lambda/iam-policy/parse';
import { tokenSource } from '../../../lambda/oidc/profiles';
import { federated } from '../../support/federated';

/** What a vendor signs. */
interface Claims {
  readonly sub: string;
  readonly aud: string;
  readonly [claim: string]: string;
}

/** Props, and logins with what becomes of them by the words of the props. */
interface Case {
  readonly issuer: string;
  readonly audience: string;
  readonly trust: OidcTrust;
  /** Names alone restrict the role, although the issuer has ids: TRUST008. */
  readonly namesOnly: boolean;
  readonly logins: readonly { readonly claims: Claims; readonly isWelcome: boolean }[];
}

const AUDIENCE = 'sts.amazonaws.com';

function deploy({ issuer, audience, trust }: Pick<Case, 'issuer' | 'audience' | 'trust'>, roleName?: string) {
  const stack = new Stack(new App(), 'S');
  const arn = `arn:aws:iam::123456789012:oidc-provider/${issuer.slice('https://'.length)}`;
  new OidcRole(stack, 'Role', {
    provider: arn,
    audience,
    trust,
    ...(roleName === undefined ? {} : { roleName }),
  });
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  return {
    arn,
    roles: federated(stack).roles,
    warnings: warnings.map(({ entry }) => v.parse(v.string(), entry.data)),
  };
}

type Deployed = ReturnType<typeof deploy>;

/** The checks that find more than an information about the role. */
function checksOf({ arn, roles }: Deployed, { issuer, audience }: Case): readonly string[] {
  const index = indexRoles(roles);
  const evaluated = trustOfTarget({
    target: { issuer, providerArn: arn, configured: true },
    exists: true,
    audiences: [audience],
    sameOrg: [],
    index,
  });
  expect(evaluated.roles).toEqual(roles.map((role) => role.arn));
  expect(evaluated.notEvaluated).toEqual([]);
  const found = [
    ...findingsWith(evaluated).filter(({ subject }) => subject !== undefined),
    ...evaluatePrincipals(index, [arn]).map(({ finding }) => finding),
  ];
  return found.filter(({ severity }) => severity !== 'info').map(({ check }) => check);
}

/** By the evaluator of the product. */
function admits({ arn, roles }: Deployed, { issuer, audience }: Case, claims: Claims): boolean {
  const read = readPolicy(roles[0]?.trustPolicy ?? '');
  const subjects = read.statements.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => key.endsWith(':sub')).flatMap(({ values }) => values),
  );
  const source = tokenSource(
    { issuer, providerArn: arn, audiences: [audience, 'another-audience'] },
    subjects,
  );
  const [form] = source.grammar.forms;
  if (!read.ok || form === undefined) throw new Error('not evaluated');
  const known = [...source.grammar.keys].flatMap(([key, { claim }]) => {
    const value = claims[key];
    return value === undefined ? [] : [[claim, value] as const];
  });
  return isAllowed(applicableStatements(read.statements, source, arn), {
    sub: claims.sub,
    aud: claims.aud,
    claims: new Map([['sub', claims.sub], ...known]),
    form,
  });
}

/** By the embedded STS, which shares no code with the product. */
const isAllowedBySts = ({ arn, roles }: Deployed, { issuer }: Case, claims: Claims): boolean =>
  decideLogin(parseTrustPolicy(roles[0]?.trustPolicy ?? ''), {
    issuer: issuer.slice('https://'.length),
    providerArn: arn,
    claims: { iss: issuer, ...claims },
    sessionName: 'build-7',
    environment: new Map(),
  }).decision === 'allowed';

const matches = (patterns: readonly string[], name: string): boolean =>
  patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));

const oneOrMore = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.array(one, { minLength: 1, maxLength: 2 });

/** A single unit is also written without a list. */
const written = <T>(units: readonly T[]): T | readonly T[] => {
  const [only, ...others] = units;
  return only === undefined || others.length > 0 ? units : only;
};

/** A name of the pool, or any other of the alphabet. */
const names = (pattern: RegExp, ...pool: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...pool), fc.stringMatching(pattern));

const HEADS = ['refs/heads/main', 'refs/heads/release/*', 'refs/tags/v*', 'refs/heads/*', 'refs/heads/$x'];
const REFS = [
  'refs/heads/main',
  'refs/heads/main2',
  'refs/heads/release/1',
  'refs/tags/v1',
  'refs/tags/main',
  'refs/heads/$x',
];
/** Refs that a pattern means, beside those that it does not mean. */
const refsNear = (patterns: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...REFS, ...patterns.map((one) => one.replace(/\*$/, '7')));

/** Most values of a login are those of a unit. */
const near = (value: string, ...others: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const audiences = near(AUDIENCE, 'another-audience');

/** Logins near to each unit. */
const loginsOf = <T, J>(
  units: readonly T[],
  jobOf: (unit: T) => fc.Arbitrary<J>,
): fc.Arbitrary<readonly J[]> =>
  fc
    .tuple(...units.map((unit) => fc.array(jobOf(unit), { minLength: 10, maxLength: 15 })))
    .map((all) => all.flat());

const github: fc.Arbitrary<Case> = fc
  .record({
    isServer: fc.boolean(),
    units: oneOrMore(
      fc
        .record({
          owner: names(/^[A-Za-z0-9]{1,8}$/, 'acme', 'acme-inc'),
          repository: names(/^[A-Za-z0-9._-]{1,8}$/, 'app', 'app.js'),
          ownerId: fc.constantFrom('12', '13'),
          repositoryId: fc.constantFrom('345', '346'),
          workloads: fc.oneof(
            fc.record({ refs: oneOrMore(fc.constantFrom(...HEADS)) }),
            fc.record({ environments: oneOrMore(names(/^[A-Za-z0-9 _-]{1,8}$/, 'production', 'test')) }),
          ),
        })
        .map(({ workloads, ...rest }): GitHubTrust =>
          'refs' in workloads
            ? { ...rest, refs: workloads.refs }
            : { ...rest, environments: workloads.environments },
        ),
    ),
  })
  .chain(({ isServer, units }) =>
    loginsOf(units, (unit) =>
      fc.record({
        owner: near(unit.owner, 'acme', `${unit.owner}-evil`, 'evil'),
        repository: near(unit.repository, 'app', `${unit.repository}2`),
        ownerId: near(unit.ownerId ?? '', '12', '99'),
        repositoryId: near(unit.repositoryId ?? '', '346', '3456'),
        isNewer: isServer ? fc.constant(false) : fc.boolean(),
        ref: refsNear(unit.refs ?? []),
        environment: fc.oneof(
          fc.constant(null),
          fc.constantFrom(...(unit.environments ?? []), 'production', 'production2'),
        ),
        isPullRequest: fc.constantFrom(false, false, false, true),
        aud: audiences,
      }),
    ).map((jobs): Case => {
      const trusted = isServer ? units.map(({ ownerId, repositoryId, ...rest }) => rest) : units;
      return {
        issuer: isServer
          ? 'https://git.example.com/_services/token'
          : 'https://token.actions.githubusercontent.com',
        audience: AUDIENCE,
        trust: { github: written(trusted) },
        namesOnly: false,
        logins: jobs.map(({ owner, repository, ownerId, repositoryId, environment, ref, aud, ...job }) => {
          const who = job.isNewer
            ? `${owner}@${ownerId}/${repository}@${repositoryId}`
            : `${owner}/${repository}`;
          const inEnvironment = environment !== null;
          const isPullRequest = !inEnvironment && job.isPullRequest;
          const what = inEnvironment
            ? `environment:${environment}`
            : isPullRequest
              ? 'pull_request'
              : `ref:${ref}`;
          return {
            claims: {
              sub: `repo:${who}:${what}`,
              aud,
              repository: `${owner}/${repository}`,
              repository_id: repositoryId,
              repository_owner_id: ownerId,
              ref: isPullRequest ? 'refs/pull/7/merge' : ref,
              ...(inEnvironment ? { environment } : {}),
            },
            isWelcome:
              aud === AUDIENCE &&
              units.some(
                (unit) =>
                  unit.owner === owner &&
                  unit.repository === repository &&
                  (isServer || (unit.ownerId === ownerId && unit.repositoryId === repositoryId)) &&
                  (unit.refs === undefined
                    ? inEnvironment && unit.environments.includes(environment)
                    : !inEnvironment && !isPullRequest && matches(unit.refs, ref)),
              ),
          };
        }),
      };
    }),
  );

const gitlab: fc.Arbitrary<Case> = fc
  .record({
    host: fc.constantFrom('gitlab.com', 'gitlab.example.com', 'code.example.com'),
    withIds: fc.boolean(),
    units: oneOrMore(
      fc.record({
        projectPath: names(/^[A-Za-z0-9_-]{1,6}(\/[A-Za-z0-9_-]{1,6}){1,3}$/, 'acme/app', 'acme/backend/app'),
        projectId: fc.constantFrom('345', '346'),
        refType: fc.constantFrom('branch', 'tag'),
        refs: oneOrMore(fc.constantFrom('main', 'release/*', '*', 'v*')),
      }),
    ),
  })
  .chain(({ host, withIds, units }) =>
    loginsOf(units, (unit) =>
      fc.record({
        projectPath: near(unit.projectPath, 'acme/app', `${unit.projectPath}2`, `evil/${unit.projectPath}`),
        projectId: near(unit.projectId, '3456'),
        refType: near(unit.refType, 'branch', 'tag'),
        ref: fc.constantFrom(
          'main',
          'main2',
          'release/1',
          'v1',
          ...unit.refs.map((one) => one.replace('*', '7')),
        ),
        aud: audiences,
      }),
    ).map((jobs): Case => {
      const hasIds = withIds && host === 'gitlab.com';
      const trusted: readonly GitLabTrust[] = hasIds ? units : units.map(({ projectId, ...rest }) => rest);
      return {
        issuer: `https://${host}`,
        audience: AUDIENCE,
        trust: { gitlab: written(trusted) },
        namesOnly: host === 'gitlab.com' && !hasIds,
        logins: jobs.map(({ projectPath, projectId, refType, ref, aud }) => ({
          claims: {
            sub: `project_path:${projectPath}:ref_type:${refType}:ref:${ref}`,
            aud,
            project_id: projectId,
          },
          isWelcome:
            aud === AUDIENCE &&
            units.some(
              (unit) =>
                unit.projectPath === projectPath &&
                unit.refType === refType &&
                matches(unit.refs, ref) &&
                (!hasIds || unit.projectId === projectId),
            ),
        })),
      };
    }),
  );

const hcpTerraform: fc.Arbitrary<Case> = fc
  .record({
    host: fc.constantFrom('app.terraform.io', 'app.eu.terraform.io', 'tfe.example.com'),
    units: oneOrMore(
      fc.record({
        organization: names(/^[A-Za-z0-9_-]{1,8}$/, 'acme', 'acme-inc'),
        project: fc.constantFrom(undefined, 'Default Project', 'web'),
        workspace: names(/^[A-Za-z0-9_-]{1,8}$/, 'network', 'network-prod'),
        runPhases: fc.constantFrom<HcpTerraformTrust['runPhases']>(['plan'], ['apply'], ['plan', 'apply']),
      }),
    ),
  })
  .chain(({ host, units }) =>
    loginsOf(units, (unit) =>
      fc.record({
        organization: near(unit.organization, 'acme', `${unit.organization}-evil`),
        project: near(unit.project ?? 'any', 'web', 'other'),
        workspace: near(unit.workspace, 'network', `${unit.workspace}2`),
        phase: fc.constantFrom('plan', 'apply'),
        isStack: fc.constantFrom(false, false, false, true),
        aud: audiences,
      }),
    ).map((jobs): Case => ({
      issuer: `https://${host}`,
      audience: AUDIENCE,
      trust: { hcpTerraform: written(units) },
      namesOnly: false,
      logins: jobs.map(({ organization, project, workspace, phase, isStack, aud }) => ({
        claims: {
          sub: isStack
            ? `organization:${organization}:project:${project}:stack:${workspace}:deployment:x:operation:${phase}`
            : `organization:${organization}:project:${project}:workspace:${workspace}:run_phase:${phase}`,
          aud,
        },
        isWelcome:
          aud === AUDIENCE &&
          !isStack &&
          units.some(
            (unit) =>
              unit.organization === organization &&
              (unit.project === undefined || unit.project === project) &&
              unit.workspace === workspace &&
              unit.runPhases.some((one) => one === phase),
          ),
      })),
    })),
  );

const PIPELINES = ['5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58', '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d59'];

const buildkite: fc.Arbitrary<Case> = fc
  .record({
    withIds: fc.boolean(),
    units: oneOrMore(
      fc.record({
        organization: names(/^[a-z0-9-]{1,8}$/, 'acme', 'acme-inc'),
        pipeline: names(/^[a-z0-9-]{1,8}$/, 'app', 'app-deploy'),
        pipelineId: fc.constantFrom(...PIPELINES),
        refs: oneOrMore(fc.constantFrom(...HEADS)),
      }),
    ),
  })
  .chain(({ withIds, units }) =>
    loginsOf(units, (unit) =>
      fc.record({
        organization: near(unit.organization, 'acme', `${unit.organization}-evil`),
        pipeline: near(unit.pipeline, 'app', `${unit.pipeline}2`),
        pipelineId: near(unit.pipelineId, ...PIPELINES),
        ref: refsNear(unit.refs),
        step: fc.constantFrom('deploy', 'x:ref:refs/heads/main:commit:abc:step:y'),
        aud: audiences,
      }),
    ).map((jobs): Case => {
      const trusted: readonly BuildkiteTrust[] = withIds
        ? units
        : units.map(({ pipelineId, ...rest }) => rest);
      return {
        issuer: 'https://agent.buildkite.com',
        audience: AUDIENCE,
        trust: { buildkite: written(trusted) },
        namesOnly: !withIds,
        logins: jobs.map(({ organization, pipeline, pipelineId, ref, step, aud }) => ({
          claims: {
            sub: `organization:${organization}:pipeline:${pipeline}:ref:${ref}:commit:9f31820:step:${step}`,
            aud,
            pipeline_id: pipelineId,
          },
          isWelcome:
            aud === AUDIENCE &&
            units.some(
              (unit) =>
                unit.organization === organization &&
                unit.pipeline === pipeline &&
                (!withIds || unit.pipelineId === pipelineId) &&
                matches(unit.refs, ref),
            ),
        })),
      };
    }),
  );

const eks: fc.Arbitrary<Case> = fc
  .record({
    host: fc.constantFrom(
      'oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF',
      'oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF',
      'keys.example.com/cluster',
    ),
    units: oneOrMore(
      fc.record({
        namespace: names(/^[a-z0-9-]{1,8}$/, 'web', 'web-prod'),
        serviceAccount: names(/^[a-z0-9.-]{1,8}$/, 'app', 'app.v2'),
      }),
    ),
  })
  .chain(({ host, units }) =>
    loginsOf<EksTrust, EksTrust & { readonly aud: string }>(units, (unit) =>
      fc.record({
        namespace: near(unit.namespace, 'web', `${unit.namespace}2`),
        serviceAccount: near(unit.serviceAccount, 'app', `${unit.serviceAccount}2`),
        aud: audiences,
      }),
    ).map((jobs): Case => ({
      issuer: `https://${host}`,
      audience: AUDIENCE,
      trust: { eks: written(units) },
      namesOnly: false,
      logins: jobs.map(({ namespace, serviceAccount, aud }) => ({
        claims: { sub: `system:serviceaccount:${namespace}:${serviceAccount}`, aud },
        isWelcome:
          aud === AUDIENCE &&
          units.some((unit) => unit.namespace === namespace && unit.serviceAccount === serviceAccount),
      })),
    })),
  );

describe.each([
  ['GitHub Actions', github],
  ['GitLab', gitlab],
  ['HCP Terraform', hcpTerraform],
  ['Buildkite', buildkite],
  ['Kubernetes', eks],
])('every role for %s', (_, cases) => {
  it('has no finding of the monitor, and admits exactly the tokens that its props name', () => {
    const seen = { admitted: 0, refused: 0 };
    fc.assert(
      fc.property(cases, (one) => {
        const deployed = deploy(one);
        expect(checksOf(deployed, one)).toEqual(one.namesOnly ? ['TRUST008'] : []);
        const ofChecks = deployed.warnings.filter((warning) => !warning.startsWith('The trust policy has'));
        expect(ofChecks).toHaveLength(one.namesOnly ? 1 : 0);
        for (const { claims, isWelcome } of one.logins) {
          seen[isWelcome ? 'admitted' : 'refused'] += 1;
          const verdicts = [admits(deployed, one, claims), isAllowedBySts(deployed, one, claims)];
          expect({ claims, verdicts }).toEqual({ claims, verdicts: [isWelcome, isWelcome] });
        }
      }),
      { numRuns: 25 },
    );
    expect(Math.min(seen.admitted, seen.refused)).toBeGreaterThan(20);
  }, 120_000);
});
