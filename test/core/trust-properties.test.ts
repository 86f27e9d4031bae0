import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bearingOn, isAllowed } from '../../lambda/core/trust/policy-evaluator';
import type { Bearing } from '../../lambda/core/trust/policy-evaluator';
import { readPolicy } from '../../lambda/core/trust/policy';
import { canSatisfy } from '../../lambda/core/trust/reach';
import { isScoped, judgeStatements } from '../../lambda/core/trust/role-trust';
import type { RoleTrust } from '../../lambda/core/trust/role-trust';
import { tokenSource } from '../../lambda/core/trust/tokens';
import type { Token, TokenSource } from '../../lambda/core/trust/tokens';
import { letsPass } from '../support/policy-oracle';
import type { Request, WrittenStatement } from '../support/policy-oracle';
import { taking } from '../support/cases';
import type { Cases } from '../support/cases';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
/** One digit away. */
const NEAR = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d59';
const FAR = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
const USER = '11111111-2222-4333-8444-555555555555';
const AUDIENCES = [ORG, 'sts.amazonaws.com'];
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

const SOURCES = {
  cloud: sourceOf(`https://oidc.circleci.com/org/${ORG}`),
  server: sourceOf(`https://ci.example.com/org/${ORG}`),
  root: sourceOf('https://oidc.circleci.com'),
};
type Kind = keyof typeof SOURCES;

function sourceOf(issuer: string): TokenSource {
  const source = tokenSource(issuer, [issuer], AUDIENCES);
  if (source === null) throw new Error(`${issuer} is not CircleCI's.`);
  return source;
}

const arnOf = ({ prefix }: TokenSource): string => `arn:aws:iam::123456789012:oidc-provider/${prefix}`;

const kinds = fc.constantFrom<Kind>('cloud', 'server', 'root');
const uuids = fc.constantFrom(PROJECT, NEAR, FAR, USER, ORG, OTHER_ORG);

/** Tokens that CircleCI could sign for a kind of provider. */
const tokens = (kind: Kind) =>
  fc
    .record({
      org: kind === 'root' ? fc.constantFrom(ORG, OTHER_ORG, FAR) : fc.constant(ORG),
      project: fc.oneof(uuids, fc.uuid()),
      user: fc.oneof(uuids, fc.uuid()),
      source: fc.constantFrom(
        '',
        '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
        `/vcs-origin/github.com/fork/app/vcs-ref/refs/heads/${PROJECT}`,
        `/vcs-origin/git.example.com/project/${PROJECT}/user/x/vcs-ref/refs/tags/v1`,
      ),
      aud: fc.constantFrom(...AUDIENCES),
    })
    .map(({ org, project, user, source, aud }): Token => ({
      sub: `org/${org}/project/${project}/user/${user}${source}`,
      org,
      project,
      aud,
    }));

/** What a request with a token has under its keys. */
const requestOf = ({ prefix, kind }: TokenSource, { sub, aud, project }: Token): Request => ({
  [`${prefix}:sub`]: sub,
  ...(aud === null ? {} : { [`${prefix}:aud`]: aud }),
  ...(kind === 'cloud' ? { [`${prefix}:oidc.circleci.com/project-id`]: project } : {}),
});

const STRING_OPERATORS = [
  'Equals',
  'NotEquals',
  'EqualsIgnoreCase',
  'NotEqualsIgnoreCase',
  'Like',
  'NotLike',
];
const operators = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('StringLike', 'StringEquals') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
        fc.constantFrom(...STRING_OPERATORS),
        fc.constantFrom('', 'IfExists'),
      )
      .map(([set, name, suffix]) => `${set}String${name}${suffix}`),
  },
);

const segment = (...usual: readonly string[]) => fc.constantFrom(...usual, '*', '?'.repeat(36));
/** Subjects as people write them, and with a wildcard put in at any place. */
const subjects = fc
  .record({
    org: segment(ORG, ORG, ORG, OTHER_ORG),
    project: segment(PROJECT, PROJECT, NEAR, PROJECT.slice(0, 8) + '*', `${PROJECT.slice(0, -1)}?`),
    user: fc.constantFrom('*', '*', USER, '?*'),
    end: fc.constantFrom(
      '',
      '',
      '/*',
      '/vcs-origin/*',
      '/vcs-origin/github.com/acme/*/vcs-ref/refs/heads/main',
    ),
  })
  .map(({ org, project, user, end }) => `org/${org}/project/${project}/user/${user}${end}`);
const mutated = fc
  .tuple(subjects, fc.nat(160), fc.nat(12), fc.constantFrom('*', '?', '', '**'))
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
const subjectValues = fc.oneof(
  { weight: 4, arbitrary: subjects },
  { weight: 3, arbitrary: mutated },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', 'org/*', `*${PROJECT}*`, `org/${ORG}/*`, `*/project/${PROJECT}/*`),
  },
);
const idValues = fc.oneof(
  uuids,
  fc.constantFrom('*', PROJECT.toUpperCase(), `${PROJECT.slice(0, -1)}*`, `?${PROJECT.slice(1)}`, 'nobody'),
);
const some = (values: fc.Arbitrary<string>) =>
  fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 3 }));

const conditions = (source: TokenSource) => {
  const on = (claim: string, values: fc.Arbitrary<string>) =>
    fc.tuple(operators, fc.constant(`${source.prefix}:${claim}`), some(values));
  const presence = fc.tuple(
    fc.constant('Null'),
    fc.constantFrom(`${source.prefix}:sub`, `${source.prefix}:oidc.circleci.com/project-id`),
    some(fc.constantFrom('true', 'false')),
  );
  return fc.oneof(
    { weight: 6, arbitrary: on('sub', subjectValues) },
    { weight: 3, arbitrary: on('oidc.circleci.com/project-id', idValues) },
    { weight: 2, arbitrary: on('aud', fc.constantFrom(ORG, 'sts.*', '*', 'nobody')) },
    { weight: 1, arbitrary: on('oidc.circleci.com/vcs-ref', idValues) },
    { weight: 1, arbitrary: fc.tuple(operators, fc.constant('other.example.com:sub'), some(subjectValues)) },
    { weight: 1, arbitrary: presence },
  );
};

const statements = (source: TokenSource): fc.Arbitrary<WrittenStatement> =>
  fc
    .tuple(
      fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Allow', 'Deny'),
      fc.array(conditions(source), { maxLength: 3 }),
    )
    .map(([Effect, written]) => {
      const Condition: Record<string, Record<string, string | readonly string[]>> = {};
      for (const [operator, key, values] of written) {
        Condition[operator] = { ...Condition[operator], [key]: values };
      }
      return { Effect, Condition };
    });

/** A provider's kind, a policy for it, and tokens that knock. */
const cases = kinds.chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    policy: fc.array(statements(SOURCES[kind]), { minLength: 1, maxLength: 3 }),
    knocking: fc.array(tokens(kind), { minLength: 1, maxLength: 12 }),
  }),
);

function bearingsOf(source: TokenSource, policy: readonly WrittenStatement[]): readonly Bearing[] {
  const read = readPolicy(
    JSON.stringify({
      Statement: policy.map((statement) => ({
        ...statement,
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: arnOf(source) },
      })),
    }),
  );
  if (!read.ok) throw new Error(read.reason);
  return bearingOn(read.statements, source, arnOf(source));
}

const judge = (source: TokenSource, policy: readonly WrittenStatement[]): RoleTrust =>
  judgeStatements({ source, bearings: bearingsOf(source, policy) });

const namedBy = (policy: readonly WrittenStatement[]): readonly string[] =>
  (
    JSON.stringify(
      policy.map(({ Condition }) => Object.values(Condition).map((keys) => Object.values(keys))),
    ).match(UUID) ?? []
  ).map((id) => id.toLowerCase());

const RUNS = taking(200);
/** Of the cases, so many must have been of a kind, else nothing was tried. */
const manyOf = ({ numRuns }: Cases): number => numRuns / 32;
const MANY = manyOf(RUNS);
/** Few policies are scoped. */
const RUNS_FOR_SCOPED = taking(800);

describe('a policy and a token', () => {
  it('come out as IAM documents it', () => {
    let passed = 0;
    fc.assert(
      fc.property(cases, ({ kind, policy, knocking }) => {
        const source = SOURCES[kind];
        const bearings = bearingsOf(source, policy);
        const allowed = knocking.map((token) => isAllowed(bearings, token));
        const expected = knocking.map((token) => letsPass(policy, requestOf(source, token)));
        passed += expected.filter(Boolean).length;
        expect(allowed).toEqual(expected);
      }),
      RUNS,
    );
    expect(passed).toBeGreaterThan(4 * MANY);
  });

  it('are never called scoped where a token passes from a project or org that the policy does not name', () => {
    let outside = 0;
    let scoped = 0;
    fc.assert(
      fc.property(cases, ({ kind, policy, knocking }) => {
        const source = SOURCES[kind];
        const trust = judge(source, policy);
        scoped += Number(isScoped(trust));
        const named = namedBy(policy);
        const stranger = knocking
          .filter((token) => letsPass(policy, requestOf(source, token)))
          .find(({ project, org }) => !named.includes(project) || (kind === 'root' && !named.includes(org)));
        if (stranger === undefined) return;
        outside += 1;
        expect({ stranger, scoped: isScoped(trust) }).toEqual({ stranger, scoped: false });
      }),
      RUNS_FOR_SCOPED,
    );
    expect(outside).toBeGreaterThan(manyOf(RUNS_FOR_SCOPED));
    expect(scoped).toBeGreaterThan(manyOf(RUNS_FOR_SCOPED));
  });

  it('are called open only with a token that passes, and that nobody named', () => {
    let open = 0;
    let tangled = 0;
    fc.assert(
      fc.property(cases, ({ kind, policy }) => {
        const source = SOURCES[kind];
        for (const { projects, orgs } of judge(source, policy).statements) {
          if (projects.kind === 'not-judged') {
            expect(projects.reasons).toEqual(['its wildcards are too many']);
            tangled += 1;
          }
          if (projects.kind === 'open') {
            open += 1;
            expect(letsPass(policy, requestOf(source, projects.token))).toBe(true);
            expect(namedBy(policy)).not.toContain(projects.token.project);
            expect(projects.token.sub).toContain(
              `org/${projects.token.org}/project/${projects.token.project}/user/`,
            );
          }
          if (orgs.kind === 'open') expect(namedBy(policy)).not.toContain(orgs.token.org);
        }
      }),
      RUNS,
    );
    expect(open).toBeGreaterThan(MANY);
    expect(tangled).toBeLessThan(open / 10);
  });

  it('are never called hopeless where a token satisfies the statement', () => {
    let hopeless = 0;
    fc.assert(
      fc.property(cases, ({ kind, policy, knocking }) => {
        const source = SOURCES[kind];
        const allowing = policy.filter(({ Effect }) => Effect === 'Allow');
        judge(source, policy).statements.forEach(({ bearing }, index) => {
          for (const flavour of ['V1', 'V2'] as const) {
            if (canSatisfy(source, bearing, flavour) !== false) continue;
            hopeless += 1;
            const passing = knocking
              .filter(({ sub }) => sub.includes('/vcs-origin/') === (flavour === 'V2'))
              .filter((token) => letsPass(allowing.slice(index, index + 1), requestOf(source, token)));
            expect(passing).toEqual([]);
          }
        });
      }),
      RUNS,
    );
    expect(hopeless).toBeGreaterThan(MANY);
  });
});
