import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testPasses } from '../../lambda/iam-policy/condition';
import type { Claim, IssuerGrammar, Segment, TokenForm } from '../../lambda/iam-policy/grammar';
import {
  cannotMatch,
  claimsWritten,
  isOfField,
  namesWritten,
  simplestText,
  subjectWritten,
  subjectsEndingLike,
  workloadsWritten,
  writesOut,
} from '../../lambda/iam-policy/written';
import { tokenSource } from '../../lambda/oidc/profiles';
import { hexField, refField, uuidField } from '../../lambda/oidc/profiles/parts';
import { taking } from '../support/cases';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const USER = '11111111-2222-4333-8444-555555555555';

const NOBODY = '00000000-0000-0000-0000-000000000000';

class NoForm extends Error {}

const grammarOf = (issuer: string): IssuerGrammar =>
  tokenSource({ issuer, providerArn: null, audiences: null }).grammar;
function formOf(grammar: IssuerGrammar, name: string, format?: TokenForm['format']): TokenForm {
  const form = grammar.forms.find(
    (one) => one.name === name && (format === undefined || one.format === format),
  );
  if (form === undefined) throw new NoForm(name);
  return form;
}

const CIRCLECI = grammarOf(`https://oidc.circleci.com/org/${ORG}`);
const GITHUB = grammarOf('https://token.actions.githubusercontent.com');
const GITLAB = grammarOf('https://gitlab.com');
const TERRAFORM = grammarOf('https://app.terraform.io');
const GRAMMARS = [
  CIRCLECI,
  GITHUB,
  GITLAB,
  TERRAFORM,
  ...[
    'https://oidc.circleci.com',
    'https://agent.buildkite.com',
    'https://oidc.vercel.com',
    'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
  ].map(grammarOf),
];
const V2 = formOf(CIRCLECI, 'CIRCLE_OIDC_TOKEN_V2');
const V1 = formOf(CIRCLECI, 'CIRCLE_OIDC_TOKEN');
const BRANCH = formOf(GITHUB, 'branch', 'older');
const BRANCH_BY_ID = formOf(GITHUB, 'branch', 'newer');
const BUILDKITE = formOf(grammarOf('https://agent.buildkite.com'), 'branch');

const begin = `org/${ORG}/project/${PROJECT}/user`;
const source = 'vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';
const shown = (claims: ReadonlyMap<Claim, string> | null): unknown =>
  claims === null ? null : Object.fromEntries(claims);

describe('claimsWritten: what a value has in the place of each claim', () => {
  it.each<[string, string, TokenForm, Readonly<Record<string, string>> | null]>([
    [
      'a whole subject',
      `${begin}/${USER}/${source}`,
      V2,
      { org: ORG, project: PROJECT, user: USER, origin: 'github.com/acme/app', ref: 'refs/heads/main' },
    ],
    [
      'a wildcard for the user',
      `${begin}/*/${source}`,
      V2,
      { org: ORG, project: PROJECT, user: '*', origin: 'github.com/acme/app', ref: 'refs/heads/main' },
    ],
    ['a wildcard for the end', `${begin}/*`, V2, { org: ORG, project: PROJECT, user: '*' }],
    ['a wildcard for everything', '*', V2, {}],
    [
      'a wildcard for several parts',
      `org/${ORG}/*/${source}`,
      V2,
      { org: `${ORG}/*`, origin: 'github.com/acme/app', ref: 'refs/heads/main' },
    ],
    [
      'a wildcard in the place of a part, which replaces the next ones, too',
      `org/${ORG}/project/*/${source}`,
      V2,
      { org: ORG, project: '*', origin: 'github.com/acme/app', ref: 'refs/heads/main' },
    ],
    ['a part that is cut', `org/${ORG}/project/5d0e*`, V2, { org: ORG, project: '5d0e*' }],
    [
      'a last part that may be empty',
      'organization:acme:pipeline:app:ref:refs/heads/main:commit:c0ffee:step:',
      formOf(grammarOf('https://agent.buildkite.com'), 'branch'),
      {
        organization: 'acme',
        pipeline: 'app',
        branch: 'main',
        ref: 'refs/heads/main',
        commit: 'c0ffee',
        step: '',
      },
    ],
    ['a subject that ends too early', begin, V2, null],
    ['a subject of another form', 'repo:acme/app:ref:refs/heads/main', V2, null],
    [
      'a claim of several parts',
      'repo:acme/app:ref:refs/heads/main',
      BRANCH,
      { owner: 'acme', repository: 'acme/app', name: 'app', ref: 'refs/heads/main' },
    ],
    [
      'a wildcard at the end of a claim of several parts',
      'repo:acme/*',
      BRANCH,
      { owner: 'acme', repository: 'acme/*', name: '*' },
    ],
    [
      'ids beside names',
      'repo:acme@12/app@*:ref:refs/heads/main',
      BRANCH_BY_ID,
      {
        owner: 'acme',
        repository_owner_id: '12',
        repository: 'acme/app',
        name: 'app',
        repository_id: '*',
        ref: 'refs/heads/main',
      },
    ],
  ])('%s', (_, value, form, claims) => {
    expect(shown(claimsWritten(value, form))).toEqual(claims);
  });
});

describe('writesOut: whether a value fixes a claim of every token that it matches', () => {
  it.each<[string, string, TokenForm, Claim, boolean]>([
    ['a project, whatever follows', `org/${ORG}/project/${PROJECT}/*`, V2, 'project', true],
    ['a project behind a wildcard', `org/*/project/${PROJECT}/*`, V2, 'project', false],
    ['a part of a project', `org/${ORG}/project/5d0e*`, V2, 'project', false],
    [
      'a project with a wildcard for one character',
      `org/${ORG}/project/${PROJECT.slice(0, -1)}?/*`,
      V2,
      'project',
      false,
    ],
    ['a project of another org: it matches no token', `org/${PROJECT}/*`, V2, 'project', true],
    ['a ref behind a wildcard', `${begin}/*/${source}`, V2, 'ref', false],
    ['an owner', 'repo:acme/*', BRANCH, 'owner', true],
    ['a repository of which the name is open', 'repo:acme/*', BRANCH, 'repository', false],
    ['a repository', 'repo:acme/app:*', BRANCH, 'repository', true],
    ['a name that may go on', 'repo:acme/app*', BRANCH, 'repository', false],
    ['an owner that may go on', 'repo:acme*', BRANCH, 'owner', false],
    // A question mark may be the separator.
    ['an owner with a wildcard for one character', 'repo:ac?e/app:*', BRANCH, 'repository', false],
    ['names that are words of the code', 'repo:differs/*', BRANCH, 'owner', true],
    ['the same, where they end', 'repo:acme/differs:*', BRANCH, 'repository', true],
  ])('%s', (_, value, form, claim, result) => {
    expect(writesOut(value, !/[*?]/.test(value), form, [claim])).toBe(result);
  });

  it('takes wildcards for characters where a comparison has none', () => {
    expect(writesOut('repo:acme/app:ref:refs/heads/main', true, BRANCH, ['ref'])).toBe(true);
    // No branch has an asterisk.
    expect(writesOut('repo:acme/app:ref:refs/heads/*', true, BRANCH, ['ref'])).toBe(true);
    expect(writesOut('repo:acme/app:ref:refs/heads/*', false, BRANCH, ['ref'])).toBe(false);
  });
});

describe('cannotMatch', () => {
  it.each<[string, string, TokenForm, boolean]>([
    ['another literal', 'repo:acme/app:pull_request', BRANCH, true],
    ['another org', `org/${PROJECT}/*`, V2, true],
    ['the older form, for the newer one', `${begin}/${USER}`, V2, true],
    ['the newer form, for the older one', `${begin}/${USER}/${source}`, V1, true],
    ['an open end', `${begin}/*`, V2, false],
    ['an owner that is a word of the code', 'repo:differs/app:*', BRANCH, false],
    ['a character that names do not have', 'repo:ac me/app:*', BRANCH, true],
    ['a question mark in the place of a separator', 'repo:acme?app:ref:refs/heads/main', BRANCH, false],
    [
      'the same between origin and ref',
      `${begin}/${USER}/${source}`.replace('/vcs-ref', '?vcs-ref'),
      V2,
      false,
    ],
    ['a question mark for a separator', 'repo:acme@12?app@1:ref:refs/heads/main', BRANCH_BY_ID, false],
    ['a question mark before a separator', `organization:ac?e?pipeline:app:ref:*`, BUILDKITE, false],
  ])('%s', (_, value, form, result) => {
    expect(cannotMatch(value, !/[*?]/.test(value), form)).toBe(result);
  });
});

describe('subjectWritten: the subject that a value writes', () => {
  it.each<[string, string, TokenForm, string | null]>([
    ['a whole one', `${begin}/${NOBODY}/${source}`, V2, `${begin}/${NOBODY}/${source}`],
    ['what is written for a user', `${begin}/${USER}/${source}`, V2, `${begin}/${USER}/${source}`],
    ['a sample for a user that is open', `${begin}/*/${source}`, V2, `${begin}/${NOBODY}/${source}`],
    ['samples for what is open', 'repo:acme/*', BRANCH, 'repo:acme/a:ref:refs/heads/a'],
    [
      'samples for parts with wildcards',
      'repo:ac*/app:ref:refs/heads/*',
      BRANCH,
      'repo:a/app:ref:refs/heads/a',
    ],
    ['none for a text that the part cannot have', 'repo:ac me/app:*', BRANCH, null],
    ['none for another form', 'repo:acme/app:*', V2, null],
  ])('%s', (_, value, form, sub) => {
    expect(subjectWritten(value, form)?.get('sub') ?? null).toBe(sub);
  });

  it('has workloads that nobody names, if that is asked for', () => {
    expect(
      subjectWritten('repo:acme/app:ref:refs/heads/main', BRANCH, { fields: 'unnamed' })?.get('sub'),
    ).toBe('repo:acme/app:ref:refs/heads/unnamed');
  });
});

describe('subjectsEndingLike: a branch that is named like the rest of a pattern', () => {
  it('has one for each wildcard, the last first', () => {
    const value = `org/${ORG}/project/*/user/*/${source}`;
    const subjects = subjectsEndingLike(value, V2).map((claims) => claims.get('sub'));
    expect(subjects).toEqual([
      expect.stringMatching(new RegExp(`/vcs-ref/refs/heads/unnamed/${source}$`)),
      expect.stringMatching(new RegExp(`/vcs-ref/refs/heads/unnamed/user/a/${source}$`)),
    ]);
    for (const sub of subjects) {
      expect(sub?.startsWith(`org/${ORG}/project/`)).toBe(true);
      expect(
        testPasses({ claim: 'sub', comparison: 'like', values: [value], negated: false }, sub ?? ''),
      ).toBe(true);
    }
  });

  it('says the same of the claims', () => {
    const [claims] = subjectsEndingLike(`${begin}/*/${source}`, V2);
    expect(claims?.get('project')).toBe(PROJECT);
    expect(claims?.get('origin')).toBe('git.invalid/fork/fork');
    expect(claims?.get('ref')).toBe(`refs/heads/unnamed/${source}`);
  });

  it('has none without a wildcard before something else', () => {
    expect(subjectsEndingLike(`${begin}/${USER}/${source}`, V2)).toEqual([]);
    expect(subjectsEndingLike(`${begin}/*`, V2)).toEqual([]);
  });
});

const test = (claim: Claim, ...values: readonly string[]) =>
  ({ claim, comparison: 'like', values, negated: false }) as const;

describe('workloadsWritten: the restrictions that a statement writes', () => {
  const restrictions = (grammar: IssuerGrammar, ...values: readonly string[]): readonly unknown[] =>
    workloadsWritten([test('sub', ...values)], grammar.forms, grammar.workloads).map(
      ({ form, claim, written }) => [form.name, claim, written],
    );

  it('are those that a wildcard stands in front of', () => {
    expect(restrictions(CIRCLECI, `${begin}/*/${source}`)).toEqual([
      [V2.name, 'origin', ['github.com/acme/app', 'refs/heads/main']],
      [V2.name, 'ref', ['github.com/acme/app', 'refs/heads/main']],
    ]);
    expect(restrictions(TERRAFORM, 'organization:acme:project:*:workspace:app:run_phase:*')).toEqual([]);
  });

  it('are none if everything before them is written out, or if nothing but wildcards follows', () => {
    expect(restrictions(CIRCLECI, `${begin}/${USER}/${source}`)).toEqual([]);
    expect(restrictions(CIRCLECI, `${begin}/*`)).toEqual([]);
    expect(restrictions(CIRCLECI, `${begin}/*/vcs-origin/*/vcs-ref/*`)).toEqual([]);
    expect(restrictions(GITHUB, 'repo:acme/app:ref:refs/heads/main')).toEqual([]);
  });

  it('are none if another value of the list names no workload', () => {
    expect(restrictions(CIRCLECI, `${begin}/*/${source}`, `${begin}/*`)).toEqual([]);
  });
});

describe('namesWritten: the tenants and units that conditions name', () => {
  const ofClaim = (claim: string, written: ReturnType<typeof namesWritten>): readonly string[] =>
    written.flatMap(([scope, names]) => (scope.claim === claim ? names : []));
  const names = (...values: readonly string[]): readonly string[] =>
    ofClaim('repository', namesWritten(GITHUB, [test('sub', ...values)], []));

  it('are written out in the subject, in any form, in lower case', () => {
    expect(names('repo:Acme/App:ref:refs/heads/main')).toEqual(['acme/app']);
    expect(names('repo:acme/app:*', 'repo:acme/api@12:*')).toContain('acme/app');
  });

  it('are no texts with wildcards', () => {
    expect(names('repo:acme/*', 'repo:acme/a??:*')).toEqual([]);
  });

  it('are also ids anywhere in a value', () => {
    const values = [`*${PROJECT.toUpperCase()}*`];
    expect(ofClaim('project', namesWritten(CIRCLECI, [], values))).toEqual([PROJECT]);
  });
});

describe('isOfField', () => {
  it.each([
    [uuidField, PROJECT, true],
    [uuidField, PROJECT.toUpperCase(), false],
    [uuidField, PROJECT.slice(1), false],
    [uuidField, `${PROJECT}0`, false],
    [hexField, '', false],
    [hexField, 'c0ffee', true],
    [hexField, 'coffee', false],
    [refField(), 'refs/heads/main', true],
    [refField(), 'heads/main', false],
    [refField(), 'refs/', false],
    [refField(), 'refs/a b', false],
  ] as const)('%# %s', (field, text, result) => {
    expect(isOfField(field, text)).toBe(result);
  });

  it('is true of the simplest text', () => {
    for (const { forms, claims } of GRAMMARS) {
      const fields = [
        ...forms.flatMap(({ subject }) =>
          subject.flatMap((segment) => ('field' in segment ? segment.field : [])),
        ),
        ...[...claims.values()].map(({ field }) => field),
      ];
      for (const field of fields) expect(isOfField(field, simplestText(field))).toBe(true);
    }
  });
});

/** Texts that look like other parts of a subject, as far as a field can have them. */
const TEXTS = [
  'a',
  'ab',
  'app',
  '12',
  'refs/heads/main',
  'refs/heads/x/vcs-origin/a/vcs-ref/refs/heads/main',
  'refs/tags/a:ref',
  'github.com/acme/app',
  'git.example/user/a',
  'apply',
  'a:workspace:b',
  'a-b_c.d',
  'a@1',
  'project/user',
  ORG,
  PROJECT,
];
const textOf = (segment: Segment): fc.Arbitrary<string> => {
  if ('literal' in segment) return fc.constant(segment.literal);
  // What is no claim is not written.
  if (segment.claims.length === 0) return fc.constant(simplestText(segment.field));
  const fitting = TEXTS.filter((one) => isOfField(segment.field, one));
  return fc.constantFrom(simplestText(segment.field), ...fitting);
};
const isPossible = ({ certain }: IssuerGrammar, claims: ReadonlyMap<Claim, string>): boolean =>
  certain.every((one) => testPasses(one, claims.get(one.claim) ?? ''));

interface Sample {
  readonly grammar: IssuerGrammar;
  readonly form: TokenForm;
  readonly value: string;
  readonly tokens: readonly ReadonlyMap<Claim, string>[];
}

/** A form, tokens of it, and the subject of one of them with wildcards. */
const samples: fc.Arbitrary<Sample> = fc
  .constantFrom(...GRAMMARS.flatMap((grammar) => grammar.forms.map((form) => ({ grammar, form }))))
  .chain(({ grammar, form }) => {
    const token = fc.tuple(...form.subject.map(textOf)).map((texts) => {
      const claims = new Map<Claim, string>();
      for (const [index, { claims: own }] of form.subject.entries())
        for (const claim of ['sub', ...own])
          claims.set(claim, (claims.get(claim) ?? '') + (texts[index] ?? ''));
      return claims;
    });
    const tokens = fc
      .array(token, { minLength: 12, maxLength: 12 })
      .map((all) => all.filter((claims) => isPossible(grammar, claims)));
    const cuts = fc.array(
      fc.record({ at: fc.nat(120), length: fc.nat(50), wildcard: fc.constantFrom('*', '?', '*', '') }),
      { minLength: 0, maxLength: 2 },
    );
    return fc.record({ grammar: fc.constant(grammar), form: fc.constant(form), tokens, cuts });
  })
  .map(({ cuts, ...rest }) => {
    const whole = rest.tokens[0]?.get('sub') ?? '*';
    const value = cuts.reduce((text, { at, length, wildcard }) => {
      const end = wildcard === '?' ? at + 1 : at + length;
      return at >= text.length ? text : `${text.slice(0, at)}${wildcard}${text.slice(end)}`;
    }, whole);
    return { ...rest, value };
  });

describe('what is said of a value', () => {
  it('is true of every token that the value matches', () => {
    const seen = { matching: 0, written: 0, impossible: 0 };
    fc.assert(
      fc.property(samples, ({ form, value, tokens }) => {
        const isWhole = !/[*?]/.test(value);
        const matching = tokens.filter((claims) => testPasses(test('sub', value), claims.get('sub') ?? ''));
        seen.matching += matching.length;
        if (cannotMatch(value, isWhole, form)) {
          seen.impossible += 1;
          expect(matching).toEqual([]);
        }
        for (const claim of new Set(form.subject.flatMap(({ claims }) => claims))) {
          if (!writesOut(value, isWhole, form, [claim])) continue;
          seen.written += matching.length;
          expect(new Set(matching.map((claims) => claims.get(claim))).size).toBeLessThanOrEqual(1);
        }
      }),
      taking(400),
    );
    expect(Math.min(seen.matching, seen.written)).toBeGreaterThan(100);
    expect(seen.impossible).toBeGreaterThan(0);
  });

  it('is what a token has, if the value is its subject', () => {
    fc.assert(
      fc.property(samples, ({ form, tokens }) => {
        for (const claims of tokens) {
          const sub = claims.get('sub') ?? '';
          expect(cannotMatch(sub, true, form)).toBe(false);
          expect(shown(subjectWritten(sub, form))).toEqual(shown(claims));
        }
      }),
      taking(100),
    );
  });
});
