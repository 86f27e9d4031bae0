/**
 * Compares the product's evaluation of trust policies with an independent one, on random policies. ORACLE_SEED repeats a
 * run, ORACLE_POLICIES takes more.
 */
import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { randomFrom } from '../support/random';
import { compare, shrink } from './agreement';
import type { Comparison, Disagreement } from './agreement';
import { randomPolicy } from './grammar';
import type { PolicyCase } from './grammar';
import { productAnswer } from './product';
import type { Answer } from './product';

const SEED = process.env['ORACLE_SEED'] ?? randomBytes(4).toString('hex');
const POLICIES = Number(process.env['ORACLE_POLICIES'] ?? 200);
/** How many policies must have each result, else nothing would have been compared. Few differ from run to run. */
const MIN_SHARE = POLICIES < 2_000 ? 0.08 : 0.15;
/** Share of the logins that the oracle must find by itself: of 48 open policies of one seed it found 41, of thousands 97 %. */
const MIN_FOUND = POLICIES < 1_000 ? 0.6 : 0.9;
const MAX_SHOWN = 5;

const comparisonOf = (policy: PolicyCase, name: string): Comparison =>
  compare(policy, productAnswer(policy), randomFrom(`${SEED}/${name}/logins`));

interface Difference {
  readonly name: string;
  readonly disagreement: Disagreement | null;
  readonly provider: PolicyCase['provider'];
  readonly policy: string;
}

function smallest(policy: PolicyCase, name: string, kind: Disagreement['kind']): Difference {
  const { provider, text } = shrink(
    policy,
    (smaller) => comparisonOf(smaller, name).disagreement?.kind === kind,
  );
  const { disagreement } = comparisonOf({ provider, text }, name);
  return { name, disagreement, provider, policy: text };
}

describe('the evaluation of trust policies', () => {
  it(`agrees with an independent one on ${POLICIES} random policies of the seed ${SEED}`, () => {
    const counts = { open: 0, closed: 0, 'not evaluated': 0 };
    const confirmed = { open: 0, closed: 0, 'not evaluated': 0 };
    let limited = 0;
    const differences: Difference[] = [];
    for (let index = 0; index < POLICIES; index += 1) {
      const policy = randomPolicy(randomFrom(`${SEED}/${index}`));
      const { answer, disagreement, isConfirmed } = comparisonOf(policy, String(index));
      counts[answer.verdict] += 1;
      confirmed[answer.verdict] += Number(isConfirmed);
      limited += Number(answer.isLimited);
      if (disagreement !== null && differences.length < MAX_SHOWN) {
        differences.push(smallest(policy, String(index), disagreement.kind));
      }
    }
    process.stdout.write(`Policies of the seed ${SEED}: ${JSON.stringify({ counts, confirmed, limited })}\n`);
    expect(differences).toEqual([]);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(POLICIES * MIN_SHARE);
    // If the oracle does not find a login by itself, "closed" proves nothing.
    expect(confirmed.open).toBeGreaterThan(counts.open * MIN_FOUND);
    expect(confirmed['not evaluated']).toBeGreaterThan(counts['not evaluated'] * MIN_FOUND);
    expect(limited).toBeLessThan(POLICIES * 0.02);
  });
});

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const URL = `oidc.circleci.com/org/${ORG}`;
const ARN = `arn:aws:iam::123456789012:oidc-provider/${URL}`;

const caseOf = (...statements: readonly object[]): PolicyCase => ({
  provider: { kind: 'cloud', url: URL, arn: ARN, org: ORG, audiences: [ORG] },
  text: JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: 'Allow',
      Principal: { Federated: ARN },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...statement,
    })),
  }),
});
const ROOT = 'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com';
const SERVER = `arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/${ORG}`;
const ofRootIssuer = (...statements: readonly object[]): PolicyCase => ({
  provider: { kind: 'root', url: 'oidc.circleci.com', arn: ROOT, org: null, audiences: [ORG] },
  text: JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: 'Allow',
      Principal: { Federated: ROOT },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...statement,
    })),
  }),
});
const condition = (operator: string, key: string, value: unknown): object => ({
  Condition: { [operator]: { [key]: value } },
});
const narrow = condition('StringLike', `${URL}:sub`, `org/${ORG}/project/${PROJECT}/user/*`);

describe('policies on which the evaluation and the oracle disagreed', () => {
  it.each<[string, PolicyCase, Answer['verdict']]>([
    ['oaud', caseOf(condition('StringEquals', `${URL}:oaud`, ORG)), 'open'],
    [
      'oaud of a Deny',
      caseOf({}, { Effect: 'Deny', ...condition('StringLike', `${URL}:oaud`, ORG) }),
      'closed',
    ],
    [
      'ForAnyValue with IfExists on a key that no token has',
      caseOf(condition('ForAnyValue:StringEqualsIfExists', `${URL}:iss`, 'x')),
      'not evaluated',
    ],
    [
      'the same in a Deny',
      caseOf(
        {},
        { Effect: 'Deny', ...condition('ForAnyValue:StringEqualsIfExists', 'a.example.com:sub', 'x') },
      ),
      'not evaluated',
    ],
    [
      'a Deny that is about this provider only, beside an Allow for everybody',
      caseOf({ Principal: '*' }, { Effect: 'Deny' }),
      'open',
    ],
    [
      'a Deny for all but this provider, beside an Allow for all but another principal',
      caseOf(
        { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::123456789012:root' } },
        { Effect: 'Deny', Principal: undefined, NotPrincipal: { Federated: ARN } },
      ),
      'open',
    ],
    // Seed f73067c3.
    [
      'a statement for a service alone of which other parts cannot be read',
      caseOf({ Effect: undefined, Action: undefined, Principal: { Service: 'ec2.amazonaws.com' } }),
      'closed',
    ],
    [
      'claims for AWS, which no token of CircleCI has',
      caseOf(condition('StringEquals', 'aws:RequestTag/team', 'x')),
      'closed',
    ],
    ['email, which may be missing', caseOf(condition('StringEquals', `${URL}:email`, 'x')), 'not evaluated'],
    // Seed 04aa9e47: the limit was reached in the first statement, and the second was not asked.
    [
      'a costly statement before one for all but this provider',
      {
        provider: {
          kind: 'server',
          url: `ci.example.com/org/${ORG}`,
          arn: SERVER,
          org: ORG,
          audiences: null,
        },
        text: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Federated: SERVER },
              Action: '*',
              ...condition(
                'StringLike',
                `ci.example.com/org/${ORG}:sub`,
                `org/*/project/${'?'.repeat(35)}/user/*`,
              ),
            },
            {
              Effect: 'Allow',
              NotPrincipal: { Federated: SERVER },
              Action: 'sts:AssumeRoleWithWebIdentity',
            },
          ],
        }),
      },
      'open',
    ],
    // Seed c: the limit was reached before the worst question was asked.
    [
      'costly conditions that hold for tokens of all other providers',
      ofRootIssuer({
        Principal: undefined,
        NotPrincipal: {
          Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
        },
        ...condition('StringLikeIfExists', 'oidc.circleci.com:sub', [
          `org/${ORG}/project/${PROJECT}/user/${PROJECT}/vcs-origin/*`,
          `org/*/project/${PROJECT}/user/*`,
        ]),
      }),
      'open',
    ],
    // Seed d: the same between tenants and units.
    [
      'costly conditions that hold for tokens of all orgs',
      ofRootIssuer(
        condition('StringLike', 'oidc.circleci.com:sub', [
          '*github.com/acme/app/vcs-ref/refs/heads/main',
          '*/*/user/*/vcs-origin/github.com/acme/*/vcs-ref/refs/tags/v?.*',
        ]),
        {
          Effect: 'Deny',
          ...condition('StringLike', 'oidc.circleci.com:sub', `org/${ORG}/project/${PROJECT}/user/*`),
        },
      ),
      'open',
    ],
  ])('%s', (_, policy, verdict) => {
    const comparison = comparisonOf(policy, 'fixed');
    expect(comparison).toMatchObject({ disagreement: null, answer: { verdict } });
  });
});

describe('the comparison with the oracle', () => {
  const kindOf = (policy: PolicyCase, wrong: Partial<Answer>): Disagreement['kind'] | undefined =>
    compare(policy, { ...productAnswer(policy), ...wrong }, randomFrom('wrong')).disagreement?.kind;
  const untilThen = condition('DateLessThan', 'aws:CurrentTime', '2030-01-01T00:00:00Z');
  const unknown = caseOf(untilThen);
  const examples = [{ scope: 'project', sub: `org/${ORG}/project/${PROJECT}/user/${PROJECT}` }] as const;

  it('accepts a right answer', () => {
    for (const policy of [caseOf({}), caseOf(narrow), unknown]) expect(kindOf(policy, {})).toBeUndefined();
  });

  it.each<[Disagreement['kind'], PolicyCase, Partial<Answer>]>([
    ['closed, but a login passes', caseOf({}), { verdict: 'closed' }],
    ['closed, but a login may pass', unknown, { verdict: 'closed' }],
    ['closed, but it cannot be read', caseOf({ Resource: '*' }), { verdict: 'closed' }],
    ['open without an example', caseOf({}), { examples: [] }],
    ['the example does not pass', caseOf(narrow), { verdict: 'open', examples }],
    ['the example does not pass', caseOf({}), { examples: [{ scope: 'project', sub: 'org/x' }] }],
    ['open to anyone, but not to a stranger', caseOf({}), { isOpenToAnyone: true }],
    ['not open to anyone, but a stranger passes', caseOf({ Principal: '*' }), { isOpenToAnyone: false }],
    ['no token of the form passes, but one does', caseOf({}), { forms: ['V2'] }],
    ['not evaluated, but a login passes', caseOf({}), { verdict: 'not evaluated' }],
    ['not evaluated, but nothing is unknown', caseOf(narrow), { verdict: 'not evaluated' }],
    [
      'not evaluated, but nothing is allowed',
      caseOf(untilThen, { Effect: 'Deny' }),
      { verdict: 'not evaluated' },
    ],
  ])('finds a wrong answer: %s', (kind, policy, wrong) => {
    expect(kindOf(policy, wrong)).toBe(kind);
  });
});
