import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testPasses } from '../../lambda/iam-policy/condition';
import type { Comparison } from '../../lambda/iam-policy/condition';
import { automaton } from '../../lambda/iam-policy/automaton';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { applicableStatements, isAllowed } from '../../lambda/iam-policy/evaluate';
import { isScoped, evaluateStatements } from '../../lambda/iam-policy/role-trust';
import type { Token, TokenSource } from '../../lambda/iam-policy/tokens';
import { trustOfTarget } from '../support/target-trust';
import type { TargetTrust } from '../../lambda/checks/trust/trust';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import type { TrustIndex } from '../../lambda/checks/trust/role-index';
import { evaluatePrincipals } from '../../lambda/checks/trust/missing-providers';
import { expectCleanPrototypes, expectJsonSafe, expectShowable, fuzzing } from '../support/fuzz';
import { damaged, hostileText, mutatedJson } from '../support/hostile';
import { tokenOf } from '../support/tokens';
import { tokenSource } from '../../lambda/oidc/profiles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const STRANGER = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
const USER = '11111111-2222-4333-8444-555555555555';
const ROLE = 'arn:aws:iam::123456789012:role/ci';

const ISSUERS = [
  `https://oidc.circleci.com/org/${ORG}`,
  'https://oidc.circleci.com',
  `https://ci.example.com/org/${ORG}`,
];
const arnOf = (issuer: string): string =>
  issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');
const prefixOf = (issuer: string): string => issuer.replace('https://', '');

const operators = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('StringLike', 'StringEquals', 'StringNotLike', 'StringEqualsIgnoreCase'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'ForAllValues:StringLike',
      'ForAnyValue:StringNotEquals',
      'StringLikeIfExists',
      'stringlike',
      'Null',
      'ArnLike',
      'NumericEquals',
      'Bool',
      'StringStartsWith',
    ),
  },
  { weight: 1, arbitrary: hostileText },
);
const values = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      `org/${ORG}/project/${PROJECT}/user/*`,
      `org/${ORG}/project/*`,
      `org/*/project/${PROJECT}/*`,
      `*${PROJECT}*`,
      '*',
      ORG,
      PROJECT,
      'org/${aws:PrincipalTag/org}/*',
      'true',
    ),
  },
  { weight: 1, arbitrary: hostileText },
);
const listed = (one: fc.Arbitrary<string>): fc.Arbitrary<string | readonly string[]> =>
  fc.oneof(one, fc.array(one, { maxLength: 4 }));

const keys = (prefix: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        `${prefix}:sub`,
        `${prefix}:sub`,
        `${prefix}:aud`,
        `${prefix}:oidc.circleci.com/project-id`,
        `${prefix.toUpperCase()}:SUB`,
        'aws:SourceIp',
        'token.actions.githubusercontent.com:sub',
      ),
    },
    { weight: 1, arbitrary: hostileText },
  );

const statements = (issuer: string): fc.Arbitrary<object> =>
  fc
    .record({
      Sid: fc.oneof(fc.constant('ci'), hostileText),
      Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      principal: fc.constantFrom<object>(
        { Principal: { Federated: arnOf(issuer) } },
        { Principal: { Federated: arnOf(issuer) } },
        { Principal: { Federated: [arnOf(issuer), 'cognito-identity.amazonaws.com'] } },
        { Principal: '*' },
        { Principal: { AWS: '*' } },
        { NotPrincipal: { Federated: arnOf(ISSUERS[2] ?? '') } },
        { Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/*' } },
      ),
      action: fc.constantFrom<object>(
        { Action: 'sts:AssumeRoleWithWebIdentity' },
        { Action: ['sts:TagSession', 'STS:assumerolewithwebidentity'] },
        { Action: 'sts:*' },
        { NotAction: 'sts:AssumeRole' },
      ),
      Condition: fc.dictionary(
        operators,
        fc.dictionary(keys(prefixOf(issuer)), listed(values), { maxKeys: 3 }),
        {
          maxKeys: 3,
        },
      ),
    })
    .map(({ principal, action, ...rest }) => ({ ...rest, ...principal, ...action }));

/** A policy for an issuer's provider, as text, in which anything may have gone wrong. */
const cases = fc.constantFrom(...ISSUERS).chain((issuer) =>
  fc.record({
    issuer: fc.constant(issuer),
    text: damaged(
      fc
        .oneof(fc.array(statements(issuer), { minLength: 1, maxLength: 4 }), statements(issuer))
        .chain((Statement) => mutatedJson({ Version: '2012-10-17', Statement })),
    ),
    isEncoded: fc.boolean(),
  }),
);

const written = ({ text, isEncoded }: { readonly text: string; readonly isEncoded: boolean }): string =>
  isEncoded ? encodeURIComponent(Buffer.from(text).toString()) : text;

const sourceOf = (issuer: string): TokenSource =>
  tokenSource({ issuer, providerArn: arnOf(issuer), audiences: [ORG] });

const indexOf = (trustPolicy: string): TrustIndex => indexRoles([{ arn: ROLE, name: 'ci', trustPolicy }]);

const judge = (issuer: string, index: TrustIndex): TargetTrust =>
  trustOfTarget({
    target: { issuer, providerArn: arnOf(issuer), configured: true },
    exists: true,
    audiences: [ORG],
    sameOrg: [],
    index,
  });

/** Tokens that the policies above have no reason to name: of other projects, and of other orgs if there are any. */
const strangers = (source: TokenSource): readonly Token[] =>
  [
    '',
    '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
    `/vcs-origin/x/vcs-ref/refs/heads/org/${ORG}/project/${PROJECT}/user`,
  ]
    .flatMap((end) => (source.grammar.tenant === null ? [ORG, STRANGER] : [ORG]).map((org) => ({ end, org })))
    .map(({ end, org }) =>
      tokenOf(source, {
        sub: `org/${org}/project/${STRANGER}/user/${USER}${end}`,
        org,
        project: STRANGER,
        aud: ORG,
      }),
    );

describe('any trust policy', () => {
  it('is parsed or not evaluated, and its findings are printable', () => {
    let [read, unread] = [0, 0];
    fc.assert(
      fc.property(cases, ({ issuer, ...document }) => {
        const text = written(document);
        const policy = readPolicy(text);
        if (policy.ok) read += 1;
        else {
          unread += 1;
          expectShowable(policy.reason);
        }
        const index = indexOf(text);
        const trust = judge(issuer, index);
        expectJsonSafe({ roles: trust.roles, findings: trust.findings });
        expectCleanPrototypes();
        for (const { finding } of evaluatePrincipals(index, [])) expectShowable(finding.message, 'many');
        for (const { message } of trust.findings) {
          expect(message).not.toContain('\n');
          expectShowable(message, 'many');
        }
      }),
      fuzzing(),
    );
    expect(Math.min(read, unread)).toBeGreaterThan(0);
  });

  it('is never called scoped, and never skipped, if it accepts a token of another provider', () => {
    let passed = 0;
    fc.assert(
      fc.property(cases, ({ issuer, ...document }) => {
        const policy = readPolicy(written(document));
        if (!policy.ok || written(document).includes(STRANGER)) return;
        const source = sourceOf(issuer);
        const bearings = applicableStatements(policy.statements, source, arnOf(issuer));
        if (!strangers(source).some((token) => isAllowed(bearings, token))) return;
        passed += 1;
        expect(isScoped(evaluateStatements({ source, applicable: bearings }))).toBe(false);
        expect(judge(issuer, indexOf(written(document))).findings.map(({ check }) => check)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^TRUST00[12]$/)]),
        );
      }),
      fuzzing(),
    );
    expect(passed).toBeGreaterThan(0);
  });
});

/** Letters with and without an ASCII case, and what some take for them. */
const letters = fc.constantFrom(
  'a',
  'A',
  'k',
  'K',
  '\u212a',
  'ß',
  'ẞ',
  's',
  'ſ',
  'İ',
  'i',
  'Σ',
  'σ',
  'ς',
  '\u{10400}',
  '\ud800',
  '/',
);
const patterns = fc
  .array(fc.oneof(letters, fc.constantFrom('*', '?')), { maxLength: 8 })
  .map((all) => all.join(''));
const texts = fc.array(letters, { maxLength: 8 }).map((all) => all.join(''));

describe('the values of a condition', () => {
  it('match the same texts in the comparison and in the search', () => {
    let matching = 0;
    fc.assert(
      fc.property(
        fc.array(patterns, { maxLength: 4 }),
        fc.array(texts, { minLength: 1, maxLength: 5 }),
        fc.constantFrom<Comparison>('exact', 'ignore-case', 'like'),
        fc.boolean(),
        (values, tried, comparison, self) => {
          const { start, step } = automaton(values, comparison);
          // One DFA for all: what an earlier text taught it must hold for the later ones.
          for (const text of self ? [...tried, ...values, values.join('').toUpperCase()] : tried) {
            const expected = testPasses({ claim: null, comparison, values, negated: false }, text);
            matching += Number(expected);
            const state = Array.from(text).reduce(step, start);
            expect({ values, text, matches: state.accepting }).toEqual({ values, text, matches: expected });
            expect(state.accepting && state.dead).toBe(false);
          }
        },
      ),
      fuzzing(),
    );
    expect(matching).toBeGreaterThan(0);
  });
});
