/** Random policies and tokens of every kind of issuer. Each claim has three values of its own that policies use, and another. */
import fc from 'fast-check';
import type { Claim, Field, IssuerGrammar, Segment, TokenForm } from '../../../lambda/iam-policy/grammar';
import type { Token, TokenSource } from '../../../lambda/iam-policy/tokens';
import { PROFILES } from '../../../lambda/oidc/profiles';
import { randomFrom } from '../random';
import type { Conditions } from './sections';

/** Which of the values of a claim. `spare`: one that no policy has. */
export type Choice = 0 | 1 | 2 | 'spare';

const DIGITS = ['1', '2', '3', '9'] as const;
const digitOf = (choice: Choice): string => DIGITS[choice === 'spare' ? 3 : choice];

/** A value of a claim: no value of another claim contains it. */
export function valueOf(field: Field, claim: Claim, choice: Choice): string {
  const { positions } = field;
  const literals = positions.flatMap(({ characters }) =>
    typeof characters === 'string' ? [characters] : [],
  );
  const [free] = positions.flatMap(({ characters }) => (typeof characters === 'string' ? [] : [characters]));
  if (free === undefined) return literals.join('');
  const digit = digitOf(choice);
  const code = Array.from(claim).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 900_000, 7);
  const number = `${digit}${100_000 + code}`;
  const isOfFixedLength = positions.every(({ repeat }) => !repeat);
  if (isOfFixedLength) {
    const rest = Array.from(`${free.has('a') ? 'a' : ''}${number}`);
    return positions
      .map(({ characters }) => (typeof characters === 'string' ? characters : (rest.shift() ?? digit)))
      .join('');
  }
  const letter = { 0: 'a', 1: 'b', 2: 'c', spare: 'x' }[choice];
  return literals.join('') + (free.has('z') ? `${claim.replaceAll(/[^a-z]/g, '')}${letter}` : number);
}

/** Values of a field without a claim are the same everywhere. */
const nameOfField = ({ claims }: Segment): Claim => claims[0] ?? 'other';

/** Which value each claim has. */
export type Choices = (claim: Claim) => Choice;

const textOf = (segment: Segment, choices: Choices): string =>
  'literal' in segment
    ? segment.literal
    : valueOf(segment.field, nameOfField(segment), choices(nameOfField(segment)));

/** The subject of a token. */
export const subjectOf = ({ subject }: TokenForm, choices: Choices): string =>
  subject.map((segment) => textOf(segment, choices)).join('');

/** A token of a form. `optional`: whether it has claims that only some tokens have. */
export function tokenOfForm(
  { grammar }: TokenSource,
  form: TokenForm,
  { choices, aud, optional }: { readonly choices: Choices; readonly aud: string; readonly optional: boolean },
): Token {
  const claims = new Map<Claim, string>([
    ['sub', subjectOf(form, choices)],
    ['session', 'ci-1'],
  ]);
  for (const segment of form.subject) {
    for (const claim of segment.claims) {
      claims.set(claim, (claims.get(claim) ?? '') + textOf(segment, choices));
    }
  }
  for (const [claim, free] of grammar.claims) {
    if (claims.has(claim) || form.without.includes(claim) || (free.optional && !optional)) continue;
    claims.set(claim, valueOf(free.field, claim, choices(claim)));
  }
  return { sub: claims.get('sub') ?? '', aud, claims, form };
}

const CHOICES = [0, 1, 2] as const;
const choice = fc.constantFrom<Choice>(...CHOICES);

/** Where the value of a claim is in a list of 24. */
const indexOf = (claim: Claim): number => (claim.length * 7 + claim.charCodeAt(0)) % 24;

/** Chooses a value for each claim: often the same. */
const anyChoices: fc.Arbitrary<Choices> = fc.oneof(
  choice.map((one) => () => one),
  fc
    .array(choice, { minLength: 24, maxLength: 24 })
    .map((list) => (claim: Claim) => list[indexOf(claim)] ?? 0),
);

/** Tokens of all forms, the same in each run: of one unit in all claims, and of mixed ones. */
export function sampleTokens(source: TokenSource, audiences: readonly string[]): readonly Token[] {
  const random = randomFrom(`tokens of ${source.prefix}`);
  const mixed = (): Choices => {
    const list = Array.from({ length: 24 }, (): Choice => CHOICES[random.between(0, 2)] ?? 0);
    return (claim) => list[indexOf(claim)] ?? 0;
  };
  return formsOf(source.grammar).flatMap((form) =>
    audiences.flatMap((aud) =>
      [
        ...CHOICES.map(
          (one): Choices =>
            () =>
              one,
        ),
        ...Array.from({ length: 8 }, mixed),
      ].flatMap((choices) =>
        [true, false].map((optional) => tokenOfForm(source, form, { choices, aud, optional })),
      ),
    ),
  );
}

/** A form of an issuer whose tokens are not known. */
const UNKNOWN: TokenForm = {
  name: 'unknown',
  subject: [
    {
      field: {
        positions: [{ characters: { has: () => true, usual: [], isOpen: true }, repeat: true }],
        unnamed: null,
      },
      claims: [],
    },
  ],
  without: [],
  format: null,
  origin: 'workload',
};

const formsOf = ({ forms }: IssuerGrammar): readonly TokenForm[] => (forms.length === 0 ? [UNKNOWN] : forms);

/** A value of a condition on the subject, as people write it: with wildcards, cut, or with ids in upper case. */
function subjectPattern(grammar: IssuerGrammar): fc.Arbitrary<string> {
  return fc
    .record({
      form: fc.constantFrom(...formsOf(grammar)),
      choices: anyChoices,
      kinds: fc.array(
        fc.oneof(
          { weight: 8, arbitrary: fc.constant('whole' as const) },
          { weight: 2, arbitrary: fc.constantFrom('wildcard', 'beginning', 'questions') },
          { weight: 1, arbitrary: fc.constantFrom('cut', 'upper') },
        ),
        { minLength: 16, maxLength: 16 },
      ),
    })
    .map(({ form, choices, kinds }) => {
      let pattern = '';
      for (const [index, segment] of form.subject.entries()) {
        const kind = kinds[index];
        const text = textOf(segment, choices);
        if (kind === 'cut' && index > 0) return `${pattern}*`;
        if ('literal' in segment || kind === 'whole' || kind === undefined) pattern += text;
        else if (kind === 'wildcard') pattern += '*';
        else if (kind === 'beginning') pattern += `${text}*`;
        else if (kind === 'questions') pattern += text.replaceAll(/[^-]/g, '?');
        else pattern += text.toUpperCase();
      }
      return pattern;
    });
}

/** One condition, with a key as in `Conditions`. */
interface AnyCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const list = (one: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    { weight: 3, arbitrary: one.map((value) => [value]) },
    fc.array(one, { minLength: 2, maxLength: 3 }),
  );

function onSubject(grammar: IssuerGrammar): fc.Arbitrary<AnyCondition> {
  return fc.record({
    operator: fc.oneof(
      { weight: 6, arbitrary: fc.constant('StringLike') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'StringEquals',
          'StringNotLike',
          'StringLikeIfExists',
          'ForAllValues:StringLike',
          'ForAnyValue:StringLike',
        ),
      },
    ),
    key: fc.constant('sub'),
    values: list(subjectPattern(grammar)),
  });
}

/** The value of a claim in the tokens of a grammar; null: they have none. */
function valueOfClaim({ claims, forms }: IssuerGrammar, claim: Claim, one: Choice): string | null {
  for (const { subject } of forms) {
    const parts = subject.filter((segment) => segment.claims.includes(claim));
    if (parts.length > 0) return parts.map((segment) => textOf(segment, () => one)).join('');
  }
  const free = claims.get(claim);
  return free === undefined ? null : valueOf(free.field, claim, one);
}

function onKey(grammar: IssuerGrammar): fc.Arbitrary<AnyCondition> {
  const known = [...grammar.keys].filter(([, { claim }]) => valueOfClaim(grammar, claim, 0) !== null);
  if (known.length === 0) return odd;
  return fc.constantFrom(...known).chain(([key, { claim }]) =>
    fc.record({
      operator: fc.oneof(
        { weight: 4, arbitrary: fc.constant('StringEquals') },
        { weight: 1, arbitrary: fc.constantFrom('StringLike', 'StringNotEquals', 'StringEqualsIfExists') },
      ),
      key: fc.constant(key),
      values: list(choice.map((one) => valueOfClaim(grammar, claim, one) ?? '')),
    }),
  );
}

const odd: fc.Arbitrary<AnyCondition> = fc.constantFrom(
  { operator: 'StringEquals', key: 'no-such-claim', values: ['main'] },
  { operator: 'Null', key: 'sub', values: ['true'] },
  { operator: 'StringLike', key: 'sts:RoleSessionName', values: ['ci-*'] },
  { operator: 'StringEquals', key: 'ci.example.org:sub', values: ['main'] },
  { operator: 'StringLike', key: 'https://ci.example.org:sub', values: ['main'] },
  { operator: 'Bool', key: 'sts:RoleAuthorizedByIdp', values: ['true'] },
);

/** `weight`: how often it is there for each time that it is not. */
const sometimes = <T>(one: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 10, arbitrary: fc.constant(null) }, { weight: Math.round(10 * weight), arbitrary: one });

/** The conditions of a statement. */
export function anyConditions(
  grammar: IssuerGrammar,
  audiences: readonly string[],
): fc.Arbitrary<Conditions> {
  const audience = fc.record({
    operator: fc.constantFrom('StringEquals', 'StringLike'),
    key: fc.constantFrom('aud', 'aud', 'oaud'),
    values: list(fc.constantFrom(...audiences, 'no-such-audience')),
  });
  return fc
    .tuple(
      sometimes(audience, 3),
      sometimes(onSubject(grammar), 6),
      sometimes(onKey(grammar), 1),
      sometimes(fc.oneof(onSubject(grammar), odd), 0.3),
      sometimes(
        onSubject(grammar).map((one) => ({ ...one, operator: 'StringNotLike' })),
        0.3,
      ),
    )
    .map((chosen) => {
      const conditions: Record<string, Record<string, readonly string[]>> = {};
      for (const one of chosen) {
        if (one === null) continue;
        const tests = conditions[one.operator] ?? {};
        tests[one.key] ??= one.values;
        conditions[one.operator] = tests;
      }
      return conditions;
    });
}

/** The audience that tokens of an issuer have by default. */
export const defaultAudienceOf = (id: string | null, grammar: IssuerGrammar): string | null =>
  PROFILES.find((profile) => profile.id === id)?.defaultAudience(grammar) ?? null;
