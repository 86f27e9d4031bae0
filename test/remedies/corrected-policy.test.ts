import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testPasses } from '../../lambda/iam-policy/condition';
import { applicableStatements, isAllowed } from '../../lambda/iam-policy/evaluate';
import type { ApplicableStatement } from '../../lambda/iam-policy/evaluate';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { canSatisfy } from '../../lambda/iam-policy/reachability';
import { ANY_FORM, evaluateStatements } from '../../lambda/iam-policy/role-trust';
import type { Token, TokenSource } from '../../lambda/iam-policy/tokens';
import { tokenSource } from '../../lambda/oidc/profiles';
import { correctedPolicy } from '../../lambda/remedies/corrected-policy';
import type { CorrectedPolicy, CorrectionQuestion } from '../../lambda/remedies/corrected-policy';
import { correctedPolicySteps } from '../../lambda/remedies/remedy';
import { remedySteps } from '../../lambda/remedies/steps';
import { taking } from '../support/cases';
import { hostileText } from '../support/hostile';
import { anyConditions, defaultAudienceOf, sampleTokens, tokenOfForm } from '../support/issuers/arbitrary';
import { SECTIONS, conditionsOf, subjectsOf } from '../support/issuers/sections';
import type { Conditions, IssuerSection } from '../support/issuers/sections';
import { principalOf } from '../support/trust-findings';

const OTHER_AUDIENCE = 'another-audience';

/** A random role that trusts one provider. */
interface RandomRole {
  readonly source: TokenSource;
  readonly policy: string;
  readonly applicable: readonly ApplicableStatement[];
  readonly defaultAudience: string | null;
}

class Unreadable extends Error {}

const applied = (source: TokenSource, policy: string): readonly ApplicableStatement[] => {
  const read = readPolicy(policy);
  if (!read.ok || source.providerArn === null) throw new Unreadable(policy);
  return applicableStatements(read.statements, source, source.providerArn);
};

function sourceOf(section: IssuerSection, audiences: readonly string[]): TokenSource {
  const [issuer] = section.issuers;
  return tokenSource({ issuer, providerArn: principalOf(issuer), audiences }, subjectsOf(section));
}

function roleOf(
  section: IssuerSection,
  audiences: readonly string[],
  statements: readonly { readonly effect: 'Allow' | 'Deny'; readonly conditions: Conditions }[],
): RandomRole {
  const source = sourceOf(section, audiences);
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ effect, conditions }) => ({
      Effect: effect,
      Principal: { Federated: source.providerArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditionsOf(section, conditions) }),
    })),
  });
  return {
    source,
    policy,
    applicable: applied(source, policy),
    defaultAudience: defaultAudienceOf(section.profile, source.grammar),
  };
}

/** The values that identify the unit of a token. */
const unitOf = ({ grammar: { scopes } }: TokenSource, { claims }: Token): readonly string[] =>
  scopes.flatMap(({ scope, claim }) => (scope === 'unit' ? (claims.get(claim) ?? []) : []));

/** Whether a policy has the text of an id or of a name of a token's unit, wherever that is. */
const isNamed = (source: TokenSource, policy: string, token: Token): boolean =>
  unitOf(source, token).some((text) => policy.toLowerCase().includes(text.toLowerCase())) ||
  policy.toLowerCase().includes(token.sub.toLowerCase()) ||
  (source.grammar.forms.length === 0 && source.grammar.audience === 'tenant');

/** The tokens of the unit whose values stand in the place of placeholders. */
function spareTokens(source: TokenSource, audiences: readonly string[]): readonly Token[] {
  const { forms, scopes } = source.grammar;
  const ofUnit = new Set([...scopes.map(({ claim }) => claim), 'name', 'path']);
  return audiences.flatMap((aud) =>
    forms
      .filter(({ origin }) => origin !== 'vendor')
      .flatMap((form) =>
        ([0, 1, 2] as const).map((one) =>
          tokenOfForm(source, form, {
            choices: (claim) => (ofUnit.has(claim) ? 'spare' : one),
            aud,
            optional: true,
          }),
        ),
      ),
  );
}

/** The document with a value in the place of each placeholder, as a reader replaces them. */
function filled({ document, placeholders }: CorrectedPolicy, source: TokenSource): string {
  const { grammar } = source;
  const spare = new Map(spareTokens(source, ['spare-audience']).flatMap(({ claims }) => [...claims]));
  const wordOf = (key: string): string =>
    key
      .replace(/^.*\//, '')
      .replaceAll(/[^A-Za-z]+/g, '_')
      .toUpperCase();
  const words = new Map([
    ...[...spare].map(([claim, text]) => [wordOf(claim), text] as const),
    ...[...grammar.keys].map(([key, { claim }]) => [wordOf(key), spare.get(claim) ?? ''] as const),
    ['AUDIENCE', 'spare-audience'] as const,
  ]);
  return placeholders.reduce((text, { name, meaning }) => {
    const [, example = 'spare'] = /^a subject\b.* such as "([^"]*)"/.exec(meaning) ?? [];
    const value = name.startsWith('SUBJECT')
      ? example.replaceAll(
          /(?:refs\/(?:heads\/)?)?[A-Z][A-Z_]+/g,
          (word) => words.get(word.replace(/^.*\//, '')) ?? word,
        )
      : words.get(name.replace(/_[A-Z]$/, ''));
    expect([name, value]).toEqual([name, expect.any(String)]);
    return text.replaceAll(new RegExp(`(?<=[:\\[,]\\s*)${name}(?=[,\\s])`, 'g'), JSON.stringify(value));
  }, document);
}

const isSatisfiable = (source: TokenSource, statement: ApplicableStatement): boolean =>
  statement.never.length === 0 &&
  canSatisfy(source, statement, [
    ...source.grammar.forms,
    ...(source.grammar.isComplete ? [] : [ANY_FORM]),
  ]) !== false;

/** Whether each Allow statement has a negated condition that a token fails. */
const isExcluded = ({ applicable }: RandomRole, token: Token): boolean =>
  applicable
    .filter(({ statement }) => statement.effect === 'Allow')
    .every(({ tests }) =>
      tests.some((test) => test.negated && !testPasses(test, token.claims.get(test.claim) ?? '')),
    );

/** Whether a token passes a statement by a value that writes out everything up to its unit. */
function isMeant({ source, applicable }: RandomRole, token: Token): boolean {
  const { form, sub, claims } = token;
  const units = source.grammar.scopes.filter(({ scope }) => scope === 'unit').map(({ claim }) => claim);
  const last = form.subject.findLastIndex((segment) => segment.claims.some((one) => units.includes(one)));
  const length = form.subject
    .slice(0, last + 1)
    .map((segment) => ('literal' in segment ? segment.literal : (claims.get(segment.claims[0] ?? '') ?? '')))
    .join('').length;
  const namesUnit = (value: string): boolean =>
    value === sub ||
    (last !== -1 && value.startsWith(sub.slice(0, length)) && !/[*?]/.test(value.slice(0, length + 1)));
  return applicable.some((statement) => {
    const tests = statement.tests.map((test) =>
      test.claim === 'sub' && !test.negated ? { ...test, values: test.values.filter(namesUnit) } : test,
    );
    return (
      tests.some(({ claim, negated }) => claim === 'sub' && !negated) &&
      isAllowed([{ ...statement, tests }], token)
    );
  });
}

const RUNS = taking(25);

describe.each(SECTIONS.map((section) => [section.title, section] as const))(
  'corrected policies of roles that trust %s',
  (_, section) => {
    const all = [section.audience, OTHER_AUDIENCE];
    const { grammar } = sourceOf(section, all);
    const any = fc.record({
      audiences: fc.constantFrom([section.audience], all),
      allow: fc.array(anyConditions(grammar, all), { minLength: 1, maxLength: 2 }),
      deny: fc.array(anyConditions(grammar, all), { maxLength: 1 }),
      namesWorkloads: fc.constantFrom(null, 'written' as const, 'each' as const),
    });
    const sample = sampleTokens(sourceOf(section, all), all);

    it('admit nobody that the role neither admitted nor named, refuse the examples, and can be satisfied', () => {
      let corrections = 0;
      fc.assert(
        fc.property(any, ({ audiences, allow, deny, namesWorkloads }) => {
          const one = roleOf(section, audiences, [
            ...allow.map((conditions) => ({ effect: 'Allow' as const, conditions })),
            ...deny.map((conditions) => ({ effect: 'Deny' as const, conditions })),
          ]);
          const { source, policy, applicable } = one;
          const possible = sample.filter(({ aud }) => aud !== null && audiences.includes(aud));
          const before = (token: Token): boolean => isAllowed(applicable, token);
          const trust = evaluateStatements({ source, applicable });
          const witnesses = trust.statements.flatMap(({ units, tenants }) =>
            [units, tenants].flatMap((open) => (open.kind === 'open' ? [open.token] : [])),
          );
          const question: CorrectionQuestion = {
            trustPolicy: policy,
            source,
            applicable,
            wrong: new Set(
              applicable.flatMap(({ statement }) => (statement.effect === 'Allow' ? [statement.index] : [])),
            ),
            defaultAudience: one.defaultAudience,
            witnesses,
            ...(namesWorkloads === null ? {} : { namesWorkloads }),
          };
          const corrected = correctedPolicy(question);
          if (corrected === null) return;
          corrections += 1;
          expect(corrected.document).toMatch(/^[\n\x20-\x7e]*$/);
          expect(corrected.document.split('\n')).not.toContain('EOF');
          if (corrected.placeholders.length > 0) expect(() => void JSON.parse(corrected.document)).toThrow();
          const text = filled(corrected, source);
          const after = applied(source, text);
          for (const token of witnesses) expect(isAllowed(after, token)).toBe(false);
          for (const statement of after.filter((each) => each.statement.effect === 'Allow')) {
            // What a condition excludes may be what the reader fills in.
            const tests = statement.tests.filter(
              ({ negated }) => !negated || corrected.placeholders.length === 0,
            );
            expect(isSatisfiable(source, { ...statement, tests })).toBe(true);
            for (const test of tests) {
              expect(isSatisfiable(source, { ...statement, tests: [test] })).toBe(true);
            }
          }
          // Who fills in an id gets no more tokens of that unit than before. A subject is the reader's choice.
          const filledIn = spareTokens(source, audiences);
          const isId = corrected.placeholders.every(({ name }) => !name.startsWith('SUBJECT'));
          if (isId && allow.length === 1 && filledIn.some(before)) {
            const wider = filledIn.filter((token) => isAllowed(after, token) && !before(token));
            expect(wider.map(({ sub }) => sub)).toEqual([]);
          }
          for (const token of possible) {
            const passes = isAllowed(after, token);
            if (passes) expect([token.sub, isExcluded(one, token)]).toEqual([token.sub, false]);
            if (passes && !before(token)) {
              expect([token.sub, isNamed(source, policy, token)]).toEqual([token.sub, true]);
            }
            const isIntended =
              before(token) &&
              namesWorkloads === null &&
              corrected.placeholders.length === 0 &&
              isMeant(one, token);
            if (isIntended) expect([token.sub, passes]).toEqual([token.sub, true]);
          }
        }),
        RUNS,
      );
      expect(corrections).toBeGreaterThan(0);
    });
  },
);

/** The correction of a role that trusts GitHub. */
function correctedGitHub(...allow: readonly Conditions[]): CorrectedPolicy | null {
  const [section] = SECTIONS.filter(({ title }) => title === 'GitHub Actions');
  if (section === undefined) throw new Unreadable('GitHub Actions');
  const one = roleOf(
    section,
    [section.audience],
    allow.map((conditions) => ({ effect: 'Allow', conditions })),
  );
  return correctedPolicy({
    ...one,
    trustPolicy: one.policy,
    wrong: new Set(allow.keys()),
    witnesses: [],
  });
}

describe('the placeholders of a corrected policy', () => {
  const shown = (corrected: CorrectedPolicy | null): readonly string[] =>
    (corrected?.placeholders ?? []).map(({ name, meaning }) => `${name}: ${meaning.replace(/ \(.*/, '')}`);

  it('are one for each repository', () => {
    const corrected = correctedGitHub({ StringLike: { sub: ['repo:acme/app:*', 'repo:acme/web:*'] } });
    expect(shown(corrected)).toEqual([
      'REPOSITORY_OWNER_ID: the value of the claim "repository_owner_id" of acme',
      'REPOSITORY_ID_A: the value of the claim "repository_id" of acme/app',
      'REPOSITORY_ID_B: the value of the claim "repository_id" of acme/web',
    ]);
    expect(corrected?.document).toMatch(/:repository_id": \[\s+REPOSITORY_ID_A,\s+REPOSITORY_ID_B\s+\]/);
  });

  it('are those of each statement', () => {
    const corrected = correctedGitHub(
      { StringLike: { sub: 'repo:acme/app:*' } },
      { StringLike: { sub: 'repo:widgets/web:*' } },
    );
    expect(shown(corrected)).toEqual([
      'REPOSITORY_OWNER_ID_A: the value of the claim "repository_owner_id" of acme',
      'REPOSITORY_ID_A: the value of the claim "repository_id" of acme/app',
      'REPOSITORY_OWNER_ID_B: the value of the claim "repository_owner_id" of widgets',
      'REPOSITORY_ID_B: the value of the claim "repository_id" of widgets/web',
    ]);
    const [first = '', second = ''] = corrected?.document.split('"repo:widgets') ?? [];
    expect(first.match(/\b[A-Z_]+_ID_[AB]\b/g)).toEqual([
      'REPOSITORY_OWNER_ID_A',
      'REPOSITORY_ID_A',
      'REPOSITORY_OWNER_ID_B',
      'REPOSITORY_ID_B',
    ]);
    expect(second).not.toContain('REPOSITORY');
  });

  it('are not needed if the subjects have the ids', () => {
    const corrected = correctedGitHub({ StringLike: { sub: 'repo:acme@4711/app@815:*' } });
    expect(corrected?.placeholders).toEqual([]);
    expect(corrected?.document).toContain('"repo:acme@4711/app@815:*"');
  });
});

describe('the commands of a corrected policy', () => {
  const ofActor = (actor: string): CorrectedPolicy | null =>
    correctedGitHub({ StringLike: { sub: 'repo:acme/app:*' }, StringEquals: { actor } });
  const SAVE = /^cat > trust-policy-[\w+=,.@-]{1,64}\.json <<'EOF'\n([^]*)\nEOF$/;
  const REPLACE =
    /^aws iam update-assume-role-policy \\\n {2}--role-name (?:[\w/.,:][\w@%+=:,./-]*|'[\w+=,.@-]*') \\\n {2}--policy-document (?:[\w/.,:][\w@%+=:,./-]*|'[\w+=,.@:/-]*')$/;
  const commandsOf = (roleArn: string, corrected: CorrectedPolicy): readonly string[] =>
    remedySteps(correctedPolicySteps(roleArn, corrected)).flatMap(({ command }) => command ?? []);
  const names = fc.oneof(
    fc.stringMatching(/^[\w+=,.@-]{1,64}$/),
    fc.constantFrom(
      '-rf',
      '--debug',
      'a b',
      '$(id)',
      "x'; id #",
      'EOF',
      'a\nEOF\nid',
      '',
      'é',
      'a'.repeat(65),
    ),
    fc.string(),
  );

  it('are safe for every name of a role, or there are none', () => {
    const corrected = ofActor('octocat');
    if (corrected === null) throw new Unreadable('a role of GitHub');
    fc.assert(
      fc.property(names, (name) => {
        const commands = commandsOf(`arn:aws:iam::123456789012:role/ci/${name}`, corrected);
        if (commands.length === 0) return;
        expect(commands).toEqual([expect.stringMatching(SAVE), expect.stringMatching(REPLACE)]);
        expect(commands[0]?.split('\n').filter((line) => line === 'EOF')).toHaveLength(1);
      }),
      taking(500),
    );
    expect(commandsOf('arn:aws:iam::123456789012:role/ci/deploy=1', corrected)).toHaveLength(2);
    expect(commandsOf('arn:aws:iam::123456789012:role/-rf', corrected)).toEqual([]);
  });

  it('contain values of the old policy only as JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom('\nEOF\nid\n', "'$(id)`", '"@@SUBJECT@@"', '@@SUBJECT@@'), hostileText),
        (actor) => {
          const corrected = ofActor(actor);
          if (corrected === null) return;
          const [save = ''] = commandsOf('arn:aws:iam::123456789012:role/ci', corrected);
          expect(save.split('\n').filter((line) => line === 'EOF')).toHaveLength(1);
          expect(save).toMatch(/^[\n\x20-\x7e]*$/);
          expect(save).toContain(`"token.actions.githubusercontent.com:actor": ${ascii(actor)}`);
        },
      ),
      taking(100),
    );
  });
});

/** A text as JSON in ASCII. */
const ascii = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
