/** Roles that are made to be expensive: each may cost so much and no more, however many providers it may trust. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trustOfTarget } from '../support/target-trust';
import type { TargetTrust } from '../../lambda/checks/trust/trust';
import { MAX_STEPS } from '../../lambda/iam-policy/step-limit';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import type { TrustIndex } from '../../lambda/checks/trust/role-index';
import { taking } from '../support/cases';
import { PROJECT, allow, keyOf, policyOf, roleWith } from '../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const SUB = keyOf(CLOUD, 'sub');

/** What the last thing that was counted may cost beyond the limit: one state, one comparison. */
const MAX_OVERRUN = 300_000;

const ids = (amount: number): readonly string[] =>
  Array.from(
    { length: amount },
    (_, index) => `${String((index * 7_919) % 1e8).padStart(8, '0')}${PROJECT.slice(8)}`,
  );
const withRef = (id: string): string =>
  `org/${ORG}/project/${id}/user/*/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`;
const like = (values: unknown, operator = 'StringLike'): object => ({ [operator]: { [SUB]: values } });
const range = (amount: number): readonly number[] => Array.from({ length: amount }, (_, index) => index);

/** Before each letter that it reads, its DFA has another set of positions. */
const wide = (letter: string, width: number): string => `*${letter}${'?'.repeat(width)}${letter}*#!`;
const letterOf = (index: number): string => 'abcdef0123456789'.charAt(index % 16);

interface Evaluated extends TargetTrust {
  readonly spent: number;
}

function evaluate(policy: string, audiences: readonly string[] = [ORG], index?: TrustIndex): Evaluated {
  const read = index ?? indexRoles([roleWith(CLOUD, 'ci', policy)]);
  const issuer = `https://${CLOUD.slice(IAM.length)}`;
  const trust = trustOfTarget({
    target: { issuer, providerArn: CLOUD, configured: true },
    exists: true,
    audiences,
    sameOrg: [],
    index: read,
  });
  const reads = [...[...read.byProvider.values()].flat(), ...read.loose];
  return { ...trust, spent: reads.reduce((sum, { limit }) => sum + limit.spent(), 0) };
}

const checks = ({ findings }: TargetTrust): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`).filter((each) => each !== 'TRUST004 info');

describe('step limit: a realistic role', () => {
  it.each<[string, readonly object[]]>([
    ['with a wildcard around the project', [allow(CLOUD, like(`org/*/project/*${PROJECT}*/user/*`))]],
    ['with forty projects, each with its ref', [allow(CLOUD, like(ids(40).map(withRef)))]],
    ['with forty statements', ids(40).map((id) => allow(CLOUD, like(withRef(id))))],
    [
      'with forty projects in two conditions',
      [
        allow(CLOUD, {
          ...like(ids(40).map(withRef)),
          StringEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: ids(40) },
        }),
      ],
    ],
    [
      'with a Deny of all projects but forty',
      [
        allow(CLOUD),
        allow(
          CLOUD,
          { StringNotEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: ids(40) } },
          { Effect: 'Deny' },
        ),
      ],
    ],
  ])('is evaluated completely: %s', (_what, statements) => {
    const trust = evaluate(policyOf(...statements));
    expect(trust.spent).toBeLessThan(MAX_STEPS);
    expect(trust.notEvaluated).toEqual([]);
    expect(trust.findings.filter(({ severity }) => severity === 'medium')).toEqual([]);
  });
});

/** Wide patterns that exclude each other. */
const EXPENSIVE = {
  ...like([wide('a', 30), wide('b', 33)]),
  ...like([wide('a', 30), wide('c', 31)], 'StringNotLike'),
};

const CRAFTED: readonly (readonly [string, string])[] = [
  ['wide patterns that exclude each other', policyOf(allow(CLOUD, EXPENSIVE))],
  [
    'a hundred statements of wide patterns',
    policyOf(
      ...range(100).map((index) =>
        allow(
          CLOUD,
          {
            ...like(wide(letterOf(index), 10 + index)),
            ...like([wide('a', 30), wide('c', 31)], 'StringNotLike'),
          },
          { Effect: index % 3 === 0 ? 'Deny' : 'Allow' },
        ),
      ),
    ),
  ],
  [
    'many asterisks',
    policyOf(
      allow(
        CLOUD,
        like(
          range(60).map(
            (index) =>
              `*${range(30)
                .map((at) => letterOf(7 * index + 5 * at))
                .join('*')}*#!`,
          ),
        ),
      ),
    ),
  ],
  [
    'many letters that are awaited at once',
    policyOf(allow(CLOUD, like(range(1_500).map((index) => `*${String.fromCodePoint(0x4e00 + index)}`)))),
  ],
  [
    'many values in many Deny statements',
    policyOf(
      allow(CLOUD, like(range(20).map((index) => wide(letterOf(index), 60)))),
      ...range(100).map((index) =>
        allow(
          CLOUD,
          like(
            [`*${letterOf(index)}${'?'.repeat(5 + index)}a*`, wide('b', index)],
            'ForAllValues:StringLike',
          ),
          { Effect: 'Deny' },
        ),
      ),
    ),
  ],
];

describe('step limit: a role made to be expensive', () => {
  it.each(CRAFTED)('is stopped and reported: %s', (_what, policy) => {
    const trust = evaluate(policy);
    expect(trust.spent).toBeLessThan(MAX_STEPS + MAX_OVERRUN);
    expect(trust.notEvaluated).toEqual([roleWith(CLOUD, 'ci', '').arn]);
    expect(checks(trust)).toContain('TRUST001 medium');
  });

  it('costs the same at each evaluation', () => {
    for (const [, policy] of CRAFTED) expect(evaluate(policy).spent).toBe(evaluate(policy).spent);
  });

  it('has one limit for all providers that it may trust (fault 53)', () => {
    const policy = policyOf(allow(CLOUD, EXPENSIVE));
    const index = indexRoles([roleWith(CLOUD, 'ci', policy)]);
    for (let provider = 0; provider < 20; provider += 1) {
      expect(evaluate(policy, [ORG], index).notEvaluated).toHaveLength(1);
    }
    expect(evaluate(policy, [ORG], index).spent).toBeLessThan(MAX_STEPS + MAX_OVERRUN);
  });

  it('is stopped by comparisons of audiences, too', () => {
    const audiences = range(100).map((index) => 'a'.repeat(150 + index));
    const statements = range(50).map(() =>
      allow(CLOUD, {
        StringLike: { [keyOf(CLOUD, 'aud')]: range(20).map((index) => `${'*a*'.repeat(20)}${index}`) },
      }),
    );
    const { spent, notEvaluated } = evaluate(policyOf(...statements), audiences);
    expect(spent).toBeLessThan(MAX_STEPS + MAX_OVERRUN);
    expect(notEvaluated).toHaveLength(1);
  });

  it('reports findings from before', () => {
    const open = policyOf(allow(CLOUD), allow(CLOUD, EXPENSIVE));
    expect(checks(evaluate(open))).toEqual(['TRUST001 high', 'TRUST001 medium']);
  });

  it('still reports what needs no search: literal ids', () => {
    const scoped = allow(CLOUD, like(ids(3).map(withRef)));
    const trust = evaluate(policyOf(allow(CLOUD, EXPENSIVE), scoped));
    expect(trust.findings.find(({ severity }) => severity === 'medium')?.message).not.toContain(
      'statement 2',
    );
  });

  it('is stopped with any conditions', () => {
    const pieces = fc.constantFrom(
      '*',
      '?',
      '????????',
      'a',
      'b',
      '0',
      '-',
      '/',
      '#',
      'org/',
      PROJECT,
      'x*y',
    );
    const value = fc.array(pieces, { minLength: 1, maxLength: 40 }).map((all) => all.join(''));
    const operator = fc.constantFrom(
      'StringLike',
      'StringNotLike',
      'ForAllValues:StringLike',
      'StringEqualsIgnoreCase',
    );
    const key = fc.constantFrom(SUB, keyOf(CLOUD, 'oidc.circleci.com/project-id'), keyOf(CLOUD, 'aud'));
    const condition = fc
      .array(fc.tuple(operator, key, fc.array(value, { minLength: 1, maxLength: 8 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((all) => Object.fromEntries(all.map(([name, on, values]) => [name, { [on]: values }])));
    const statement = fc
      .tuple(condition, fc.constantFrom('Allow', 'Deny'))
      .map(([conditions, effect]) => allow(CLOUD, conditions, { Effect: effect }));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 12 }), (statements) => {
        const trust = evaluate(policyOf(...statements));
        expect(trust.spent).toBeLessThan(MAX_STEPS + MAX_OVERRUN);
        expect(trust.notEvaluated.length > 0).toBe(trust.spent > MAX_STEPS);
      }),
      taking(30),
    );
  });
});
