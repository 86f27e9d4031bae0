/** Why no token satisfies a statement, or one value of it, and what to write instead. */
import { foldCase } from '../../text/ascii';
import { hasWildcard } from '../../iam-policy/condition';
import type { Test } from '../../iam-policy/condition';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import type { TokenForm } from '../../iam-policy/grammar';
import type { Condition } from '../../iam-policy/parse';
import { canSatisfy } from '../../iam-policy/reachability';
import { ANY_FORM } from '../../iam-policy/role-trust';
import type { RoleTrust } from '../../iam-policy/role-trust';
import type { StepLimit } from '../../iam-policy/step-limit';
import { AUD, SESSION, SUB, isOwnKey, isProviderKey, isSessionTag, nameOfKey } from '../../iam-policy/tokens';
import type { Claim, TokenSource } from '../../iam-policy/tokens';
import { isSameHost } from '../../remedies/meant-subjects';
import { exampleOf } from '../../remedies/subject-text';
import { quote } from '../../text/quote';

/** The kinds of causes, each with one remedy. */
export type CauseKind =
  | 'scheme in key'
  | 'placeholder in key'
  | 'key without its path'
  | 'two issuers'
  | 'absent claim'
  | 'claim for AWS'
  | 'session tag'
  | 'null operator'
  | 'audience'
  | 'wildcard without StringLike'
  | 'upper-case id'
  | 'subject'
  | 'session name'
  | 'contradiction'
  | 'action';

/** A cause in words, as a clause, and what to do about it, as a sentence. */
export interface Cause {
  readonly kind: CauseKind;
  readonly words: string;
  readonly advice: string;
}

/** The first cause that holds by itself; else that the conditions contradict each other. */
export function causeOf(applied: ApplicableStatement, { source, limit }: RoleTrust['policy']): Cause {
  const [never] = applied.never;
  if (never !== undefined) return causeOfKey(never, applied, source);
  const alone = applied.tests.find((test) => !isPossible({ ...applied, tests: [test] }, source, limit));
  return alone === undefined ? CONTRADICTION : causeOfTest(alone, applied, source, limit);
}

const CONTRADICTION: Cause = {
  kind: 'contradiction',
  words: 'its conditions contradict each other',
  advice:
    'Remove the condition that is not meant. If two groups of jobs are meant, write a statement for each, with all conditions for its jobs.',
};

/** Why one value of a list matches no token, although the statement admits others. */
export const causeOfValue = (
  test: Test<Claim>,
  value: string,
  applied: ApplicableStatement,
  { source, limit }: RoleTrust['policy'],
): Cause => causeOfTest({ ...test, values: [value] }, applied, source, limit);

/** The values of lists that match no token, beside others that do. */
export function unusedValues(
  applied: ApplicableStatement,
  { source, limit }: RoleTrust['policy'],
): readonly { readonly test: Test<Claim>; readonly value: string }[] {
  return applied.tests
    .filter(({ negated, values }) => !negated && values.length > 1)
    .flatMap((test) =>
      test.values
        .filter((value) => !isPossible({ ...applied, tests: [{ ...test, values: [value] }] }, source, limit))
        .map((value) => ({ test, value })),
    );
}

/** Forms of token that a condition may be about: an unknown one, too, unless all are known. */
const formsOf = ({ grammar }: TokenSource): readonly TokenForm[] =>
  grammar.isComplete ? grammar.forms : [...grammar.forms, ANY_FORM];

const isPossible = (applied: ApplicableStatement, source: TokenSource, limit: StepLimit): boolean =>
  canSatisfy(source, applied, formsOf(source), limit) !== false;

const PLACEHOLDER = /[<>{}$]|your[_-]|(?:org|organization|account|project|cluster)[_-]?(?:id|name)\b|x{4,}/i;

/** A key that no request has, or an operator that never holds. Most particular causes first. */
function causeOfKey(
  { operator, key, values }: Condition,
  applied: ApplicableStatement,
  source: TokenSource,
): Cause {
  const { grammar } = source;
  const shown = quote(key);
  if (foldCase(operator) === 'null') {
    return {
      kind: 'null operator',
      words: values.some((value) => foldCase(value) === 'true')
        ? `it requires that tokens do not have ${shown}, but every token has it`
        : `it requires that tokens have ${shown}, but no token has it`,
      advice: 'Remove this condition.',
    };
  }
  if (/^https?:\/\//.test(key)) {
    return {
      kind: 'scheme in key',
      words: `the condition key ${shown} begins with a scheme, and no request has such a key`,
      advice: 'Write the condition key without https://.',
    };
  }
  if (!isOwnKey(source, key) && PLACEHOLDER.test(key.slice(0, key.lastIndexOf(':')))) {
    return {
      kind: 'placeholder in key',
      words: `the condition key ${shown} still has a placeholder of an example in it`,
      advice: `Begin the condition key with ${source.prefix}:.`,
    };
  }
  if (!isOwnKey(source, key) && isProviderKey(key)) {
    const isTrusted = applied.statement.principals.federated.length > 1;
    return isTrusted && !isSameHost(key, source)
      ? {
          kind: 'two issuers',
          words: `it has conditions for two issuers, and no token has ${shown} and keys of ${source.prefix}`,
          advice: 'Write one statement for each issuer, because all conditions of a statement must hold.',
        }
      : keyWithoutPath(key, source);
  }
  if (isSessionTag(key) && grammar.hasAwsClaims) {
    return {
      kind: 'session tag',
      words: `${shown} is a session tag, and no statement permits sts:TagSession`,
      advice: 'Add sts:TagSession to the actions of the statement, or remove this condition.',
    };
  }
  if (!isOwnKey(source, key)) {
    return {
      kind: 'claim for AWS',
      words: `no request to AWS STS satisfies ${operator} on ${shown}, because tokens of ${grammar.nouns.vendor} have no claim for it`,
      advice: 'Remove this condition.',
    };
  }
  const name = nameOfKey(source, key);
  const claim = grammar.absentKeys?.get(name);
  const [supported] = [...grammar.keys].find(([, one]) => one.claim === claim) ?? [];
  return {
    kind: 'absent claim',
    words: `AWS STS does not support the condition key ${shown} for these tokens (as of ${grammar.date})`,
    advice:
      supported === undefined
        ? `Remove the condition on ${quote(name)}, and restrict the statement by sub.`
        : `Use the condition key ${quote(`${source.prefix}:${supported}`)}.`,
  };
}

/** A key of the same host, or of another issuer. */
export const keyWithoutPath = (key: string, source: TokenSource): Cause =>
  isSameHost(key, source)
    ? {
        kind: 'key without its path',
        words: `the condition key ${quote(key)} does not begin with ${source.prefix}:`,
        advice: `Begin each condition key with ${source.prefix}:, the whole URL of the provider without https://.`,
      }
    : {
        kind: 'two issuers',
        words: `the condition key ${quote(key)} belongs to another issuer`,
        advice: `Begin each condition key with ${source.prefix}:.`,
      };

function causeOfTest(
  test: Test<Claim>,
  applied: ApplicableStatement,
  source: TokenSource,
  limit: StepLimit,
): Cause {
  const { claim, comparison, values } = test;
  const shown = values.map((value) => quote(value)).join(', ');
  if (claim === AUD) return audienceCause(shown, source);
  const alike = { ...test, comparison: 'like' } as const;
  const possible = (one: Test<Claim>): boolean => isPossible({ ...applied, tests: [one] }, source, limit);
  if (comparison !== 'like' && values.some(hasWildcard) && possible(alike)) {
    return {
      kind: 'wildcard without StringLike',
      words: `${shown} contains a wildcard, but wildcards need StringLike`,
      advice: 'Use StringLike for values with wildcards.',
    };
  }
  const lower = { ...test, values: values.map((value) => foldCase(value)) };
  if (values.some((value) => /[A-Z]/.test(value)) && possible(lower)) {
    return {
      kind: 'upper-case id',
      words: `${shown} has upper-case letters, but the ids in tokens are in lower case, and values are compared exactly`,
      advice: 'Write ids in lower case.',
    };
  }
  if (claim === SESSION) {
    return {
      kind: 'session name',
      words: `no RoleSessionName matches ${shown}`,
      advice: 'Correct the condition on sts:RoleSessionName, or remove it.',
    };
  }
  const name = nameOfClaim(claim, source);
  const [form] = source.grammar.forms;
  const like =
    claim === SUB && form !== undefined ? ` Subjects look like "${exampleOf(form, source.grammar)}".` : '';
  return {
    kind: 'subject',
    words: `no token has ${claim === SUB ? 'a sub' : `a claim ${quote(name)}`} that matches ${shown}`,
    advice: `Compare the value with the claim ${quote(name)} of a token.${like}`,
  };
}

/** As the condition key names it. */
const nameOfClaim = (claim: Claim, { grammar }: TokenSource): string =>
  claim === SUB ? SUB : ([...grammar.keys].find(([, one]) => one.claim === claim)?.[0] ?? claim);

function audienceCause(shown: string, { audiences, grammar }: TokenSource): Cause {
  const accepted =
    audiences === null || audiences === 'any' ? [] : audiences.map((audience) => quote(audience));
  return {
    kind: 'audience',
    words: `the provider has no audience that matches ${shown}`,
    advice: `Write an audience that the provider accepts (${accepted.join(', ')})${grammar.tenant !== null && audiences?.includes(grammar.tenant) === true ? `: the tokens of ${grammar.nouns.vendor} have the ${grammar.nouns.tenant} id unless a job asks for another` : ''}.`,
  };
}

/** The action of a statement that names the provider and permits no login. */
export const ACTION: Cause = {
  kind: 'action',
  words: 'its action is not sts:AssumeRoleWithWebIdentity',
  advice: 'Use the action sts:AssumeRoleWithWebIdentity.',
};
