/** Whether the product and the oracle agree about a policy, and the smallest policy about which they do not. */
import type { Random } from '../support/random';
import type { PolicyCase } from './grammar';
import { decide, deniesAll, hasUnknown, readTrustPolicy, satisfiesAllow } from './oracle';
import type { Mode, ReadPolicy, Truth } from './oracle';
import type { Answer } from './product';
import { STRANGER, formOf } from './provider';
import type { LoginRequest, Provider } from './provider';
import { logins, loginsWith, strangers } from './samples';

/** What the product reports wrong. */
export interface Disagreement {
  readonly kind:
    | 'the example does not pass'
    | 'open without an example'
    | 'open to anyone, but not to a stranger'
    | 'not open to anyone, but a stranger passes'
    | 'no token of the form passes, but one does'
    | 'closed, but a login passes'
    | 'closed, but a login may pass'
    | 'closed, but it cannot be read'
    | 'open, but not to all orgs'
    | 'not evaluated, but a login passes'
    | 'not evaluated, but nothing is allowed'
    | 'not evaluated, but nothing is unknown';
  /** The login that shows it. */
  readonly login: LoginRequest | null;
}

/** The result of the comparison. */
export interface Comparison {
  readonly answer: Answer;
  readonly disagreement: Disagreement | null;
  /** The oracle has found the result by itself, by a login that it found. */
  readonly isConfirmed: boolean;
}

/** Enough to find 19 of 20 open policies without the product's example. */
const LOGINS = 48;

/** Compares an answer with the results of logins. */
export function compare({ provider, text }: PolicyCase, answer: Answer, random: Random): Comparison {
  const policy = readTrustPolicy(text, provider);
  const found = search(policy, provider, answer, random);
  const agree = (isConfirmed: boolean): Comparison => ({ answer, disagreement: null, isConfirmed });
  const differ = (kind: Disagreement['kind'], login: LoginRequest | null = null): Comparison => ({
    answer,
    disagreement: { kind, login },
    isConfirmed: false,
  });
  if (answer.examples.some((example) => !isExample(policy, provider, example))) {
    return differ('the example does not pass');
  }
  if (found.ofForm !== null) return differ('no token of the form passes, but one does', found.ofForm);
  const stranger = strangerPasses(text);
  if (answer.isOpenToAnyone && stranger === 'no') return differ('open to anyone, but not to a stranger');
  if (!answer.isOpenToAnyone && stranger === 'yes')
    return differ('not open to anyone, but a stranger passes');
  switch (answer.verdict) {
    case 'closed':
      if (found.passing !== null) return differ('closed, but a login passes', found.passing);
      if (found.perhaps === null) return agree(true);
      return policy.isUnreadable
        ? differ('closed, but it cannot be read')
        : differ('closed, but a login may pass', found.perhaps);
    case 'open':
      if (answer.isOpenToAnyone) return agree(true);
      if (answer.examples.length === 0) return differ('open without an example');
      return !answer.isOpenToAllOrgs && found.ofOtherOrg !== null
        ? differ('open, but not to all orgs', found.ofOtherOrg)
        : agree(found.passing !== null);
    case 'not evaluated':
      if (answer.isLimited) return agree(false);
      if (found.settled !== null) return differ('not evaluated, but a login passes', found.settled);
      if (policy.isUnreadable) return agree(true);
      if (deniesAll(policy)) return differ('not evaluated, but nothing is allowed');
      if (!hasUnknown(policy)) return differ('not evaluated, but nothing is unknown');
      return agree(found.isUndecided);
  }
}

/** Logins from outside, and one that is only of a form. */
interface Found {
  /** Passes for sure. */
  readonly passing: LoginRequest | null;
  readonly perhaps: LoginRequest | null;
  /** Passes for sure, and the product must know it. */
  readonly settled: LoginRequest | null;
  /** The same, from an org that the policy does not name. */
  readonly ofOtherOrg: LoginRequest | null;
  /** Satisfies a statement, which the product says of no token of this form. */
  readonly ofForm: LoginRequest | null;
  /** The product may leave open whether one passes. */
  readonly isUndecided: boolean;
}

/** Tries logins. */
function search(policy: ReadPolicy, provider: Provider, answer: Answer, random: Random): Found {
  const isOutside = outsideOf(policy, provider);
  const all = [...logins(policy, provider, LOGINS, random)];
  const outside = all.filter((login) => isOutside(login, 'any'));
  const find = (among: readonly LoginRequest[], mode: Mode, truth: Truth): LoginRequest | null =>
    among.find((login) => outcome(policy, login, mode) === truth) ?? null;
  const otherForms = all.filter(({ sub }) => !answer.forms.includes(formOf(sub)));
  const isClosed = answer.verdict === 'closed';
  const settled = isClosed ? null : find(outside, 'cautious', 'yes');
  return {
    passing: settled ?? find(outside, 'documented', 'yes'),
    perhaps: isClosed ? find(outside, 'documented', 'perhaps') : null,
    settled,
    ofOtherOrg: answer.isOpenToAllOrgs
      ? null
      : find(
          outside.filter((login) => isOutside(login, 'org')),
          'cautious',
          'yes',
        ),
    ofForm: otherForms.find((login) => satisfiesAllow(policy, login)) ?? null,
    isUndecided: !isClosed && settled === null && find(outside, 'cautious', 'perhaps') !== null,
  };
}

/** No client is certain to reach an endpoint over IPv6. */
function outcome(policy: ReadPolicy, login: LoginRequest, mode: Mode): Truth {
  const truth = decide(policy, login, mode);
  return truth === 'yes' && login.network === 'IPv6' ? 'perhaps' : truth;
}

/** Whether somebody with a token of another web identity provider passes. What the product may leave open is `perhaps`. */
function strangerPasses(text: string): Truth {
  const policy = readTrustPolicy(text, STRANGER);
  const all = [...strangers(policy)];
  if (all.some((login) => outcome(policy, login, 'cautious') === 'yes')) return 'yes';
  // A Deny with NotPrincipal, which IAM takes in no role's trust policy, never closes a role for the product.
  const mayPass = (mode: Mode): boolean =>
    all.some((login) => decide(policy, login, mode, 'left out') !== 'no');
  return mayPass('documented') || mayPass('cautious') ? 'perhaps' : 'no';
}

/**
 * The policy does not name the project, or, of an issuer of several orgs, the org. An id is named if it is in the
 * value of a condition in full, in any statement about this provider.
 */
function outsideOf({ rules }: ReadPolicy, provider: Provider): IsOutside {
  const values = rules
    .filter(({ concerns, isSettled }) => concerns !== 'no' || !isSettled)
    .flatMap((rule) => rule.values)
    .join('\n')
    .toLowerCase();
  return ({ org, project }, scope) => {
    // Ids of projects are unique: who names one has named its org.
    if (values.includes(project)) return false;
    return scope !== 'org' || (provider.org === null && !values.includes(org));
  };
}

type IsOutside = (login: LoginRequest, scope: 'org' | 'project' | 'any') => boolean;

/** A token that CircleCI can sign, from outside, and which passes for sure with some audience and session name. */
function isExample(
  policy: ReadPolicy,
  provider: Provider,
  { sub, scope }: Answer['examples'][number],
): boolean {
  const isOutside = outsideOf(policy, provider);
  return [...loginsWith(policy, provider, sub)].some(
    (login) => isOutside(login, scope) && decide(policy, login, 'documented', 'left out') === 'yes',
  );
}

/** Removes from the policy what the disagreement does not need. */
export function shrink(
  { provider, text }: PolicyCase,
  isDisagreed: (smaller: PolicyCase) => boolean,
): PolicyCase {
  const isReadable = !readTrustPolicy(text, provider).isUnreadable;
  const isFit = (smaller: string): boolean =>
    isReadable !== readTrustPolicy(smaller, provider).isUnreadable &&
    isDisagreed({ provider, text: smaller });
  let smallest = text;
  for (let next: string | undefined = text; next !== undefined;) {
    smallest = next;
    next = smallerTexts(smallest).find(isFit);
  }
  return { provider, text: smallest };
}

/** The policy without one of its elements, one after the other; nothing if it is not JSON. */
function smallerTexts(text: string): readonly string[] {
  try {
    const policy: unknown = JSON.parse(text);
    return smallerValues(policy)
      .map((value) => JSON.stringify(value))
      .filter((smaller) => smaller.length < text.length);
  } catch {
    return [];
  }
}

function smallerValues(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const all: readonly unknown[] = value;
    return [
      ...(all.length === 1 ? all : all.map((_, index) => all.filter((__, other) => other !== index))),
      ...all.flatMap((one, index) => smallerValues(one).map((smaller) => all.with(index, smaller))),
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return [
    ...entries.map(([name]) => Object.fromEntries(entries.filter(([other]) => other !== name))),
    ...entries.flatMap(([name, one]) => smallerValues(one).map((smaller) => ({ ...value, [name]: smaller }))),
  ];
}
