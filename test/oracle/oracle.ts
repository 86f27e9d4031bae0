/**
 * A second reading of IAM trust policies, written from the documentation of AWS and without a line of the product, to
 * compare the product with:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { compileGlob, matchesGlob, mayMatchGlob, plainGlob } from './glob';
import type { Glob } from './glob';
import type { LoginRequest, Provider } from './provider';

/** `perhaps`: it depends on something that the policy does not say and the token does not have. */
export type Truth = 'yes' | 'no' | 'perhaps';

/**
 * How to take what AWS documents, but the product may leave undecided: `{"AWS": "*"}`, NotAction, escapes and
 * variables in policies of the old version, `aws:FederatedProvider`.
 */
export type Mode = 'documented' | 'cautious';

/**
 * Whether the product must know conditions that no caller fails: on the session name that he chooses, on TLS, on
 * any address, and on any value of an audience that is not known. Until it does, they may be left undecided.
 */
const PRODUCT_KNOWS: { readonly callers: boolean } = { callers: true };

/** A condition that a caller meets by the right token or session name: requests can be built from it. */
export interface Wanted {
  readonly claim: 'sub' | 'project' | 'session';
  readonly isNegated: boolean;
  readonly globs: readonly Glob[];
}

interface Check {
  readonly holds: (request: LoginRequest) => Truth;
  /** False if the product may leave it undecided. */
  readonly isSettled: boolean;
  /** It depends on something unknown, at least for some requests. */
  readonly isUnknown: boolean;
  /** Its result for every request; null: that depends on the request, or is not certain. */
  readonly constant: 'yes' | 'no' | null;
  readonly wanted: Wanted | null;
  readonly isAddress: boolean;
}

/** A statement as one provider's tokens meet it. */
export interface Rule {
  readonly effect: 'Allow' | 'Deny' | 'unreadable';
  /** Something in it is not of IAM's grammar. */
  readonly isUnreadable: boolean;
  /** Principal and action. */
  readonly concerns: Truth;
  readonly isSettled: boolean;
  readonly checks: readonly Check[];
  /** All values of its conditions, as text. */
  readonly values: readonly string[];
}

/** A policy that has been read. */
export interface ReadPolicy {
  readonly rules: readonly Rule[];
  readonly isUnreadable: boolean;
}

/** The result of a request. `unreadable`: whether statements that cannot be parsed may count. */
export function decide(
  { rules }: ReadPolicy,
  request: LoginRequest,
  mode: Mode = 'documented',
  unreadable: 'may count' | 'left out' = 'may count',
): Truth {
  let allowed: Truth = 'no';
  let denied: Truth = 'no';
  for (const rule of rules) {
    if (rule.isUnreadable && unreadable === 'left out') continue;
    const applies = ruleApplies(rule, request, mode);
    if (rule.effect !== 'Deny') allowed = either(allowed, applies);
    if (rule.effect !== 'Allow') denied = either(denied, applies);
  }
  if (denied === 'yes' || allowed === 'no') return 'no';
  return allowed === 'yes' && denied === 'no' ? 'yes' : 'perhaps';
}

function ruleApplies(rule: Rule, request: LoginRequest, mode: Mode): Truth {
  const settled = (truth: Truth, isSettled: boolean): Truth =>
    mode === 'documented' || isSettled ? truth : 'perhaps';
  let truth = settled(rule.concerns, rule.isSettled);
  for (const check of rule.checks) truth = both(truth, settled(check.holds(request), check.isSettled));
  return truth;
}

/** Whether a statement that allows applies, or may apply; whatever others deny. */
export const satisfiesAllow = ({ rules }: ReadPolicy, request: LoginRequest): boolean =>
  rules.some(
    (rule) =>
      rule.effect === 'Allow' && !rule.isUnreadable && ruleApplies(rule, request, 'documented') !== 'no',
  );

/** Whether a statement can apply at all. */
export const canApply = ({ concerns, checks }: Rule): boolean =>
  concerns !== 'no' && !checks.some(({ constant }) => constant === 'no');

/** Whether any statement that can apply depends on something unknown, or on what the product may leave undecided. */
export const hasUnknown = ({ rules }: ReadPolicy): boolean =>
  rules.some(
    (rule) =>
      (!rule.isSettled && rule.checks.every(({ constant }) => constant !== 'no')) ||
      (canApply(rule) &&
        (rule.concerns === 'perhaps' || rule.checks.some((check) => check.isUnknown || !check.isSettled))),
  );

/** Whether a Deny statement applies to every request, and that is certain. */
export const deniesAll = ({ rules }: ReadPolicy): boolean =>
  rules.some(
    ({ effect, concerns, isSettled, checks }) =>
      effect === 'Deny' &&
      concerns === 'yes' &&
      isSettled &&
      checks.every(({ constant }) => constant === 'yes'),
  );

const both = (one: Truth, other: Truth): Truth => {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'perhaps';
};
const either = (one: Truth, other: Truth): Truth => {
  if (one === 'yes' || other === 'yes') return 'yes';
  return one === 'no' && other === 'no' ? 'no' : 'perhaps';
};
const not = (truth: Truth): Truth => (truth === 'perhaps' ? truth : truth === 'yes' ? 'no' : 'yes');
const sure = (fact: boolean): 'yes' | 'no' => (fact ? 'yes' : 'no');

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** A statement of which nothing is known. */
const ANYTHING: Rule = {
  effect: 'unreadable',
  isUnreadable: true,
  concerns: 'perhaps',
  isSettled: true,
  checks: [],
  values: [],
};

/** Reads a policy as the tokens of a provider meet it. What cannot be read may be anything. */
export function readTrustPolicy(text: string, provider: Provider): ReadPolicy {
  const policy = parseJson(text);
  if (!isObject(policy)) return { rules: [ANYTHING], isUnreadable: true };
  const isStrange = Object.keys(policy).some((name) => !['Version', 'Id', 'Statement'].includes(name));
  const hasVariables = policy['Version'] === '2012-10-17';
  const rules = list(policy['Statement']).map((statement) => readRule(statement, { provider, hasVariables }));
  // What nobody knows could change the meaning of the rest: then nothing is sure to be denied.
  const all = isStrange
    ? [
        ...rules.map((rule) => (rule.effect === 'Deny' ? { ...ANYTHING, effect: rule.effect } : rule)),
        ANYTHING,
      ]
    : rules;
  return { rules: all, isUnreadable: all.some(({ isUnreadable }) => isUnreadable) };
}

/** Null if it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

interface Context {
  readonly provider: Provider;
  readonly hasVariables: boolean;
}

const ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition'];

function readRule(statement: unknown, context: Context): Rule {
  if (!isObject(statement)) return ANYTHING;
  const principal = readPrincipal(statement, context.provider);
  const isStrange = Object.keys(statement).some((name) => !ELEMENTS.includes(name));
  // Whatever else it says: it is about no web identity, so what cannot be read of it does not matter.
  const isOfOthers = principal?.truth === 'no' && principal.isSettled && !principal.hasFederated;
  const ofOthers = isOfOthers && !isStrange ? ({ isUnreadable: false, concerns: 'no' } as const) : {};
  const { Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') return { ...ANYTHING, ...ofOthers };
  const action = readAction(statement);
  const condition = readCondition(statement['Condition'], context);
  if (principal === null || action === null || condition === null || isStrange) {
    return { ...ANYTHING, effect, ...(isOfOthers ? { concerns: 'no' } : {}), ...ofOthers };
  }
  return {
    effect,
    isUnreadable: false,
    concerns: both(principal.truth, action.truth),
    // What is certainly another principal or another action need not be settled.
    isSettled: principal.isSettled && action.isSettled,
    checks: condition.checks,
    values: condition.values,
  };
}

interface Settled {
  readonly truth: Truth;
  readonly isSettled: boolean;
}

/** Texts of a list or one text; null if it is neither, or an empty list. */
function textsOf(value: unknown): readonly string[] | null {
  const all = list(value);
  const texts = all.flatMap((one) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? [String(one)] : [],
  );
  return texts.length === all.length && texts.length > 0 ? texts : null;
}

const PRINCIPAL_KINDS = ['AWS', 'Federated', 'Service', 'CanonicalUser'];

interface Principal extends Settled {
  readonly hasFederated: boolean;
}

function readPrincipal(statement: Fields, provider: Provider): Principal | null {
  const names = ['Principal', 'NotPrincipal'].filter((name) => name in statement);
  const [name = ''] = names;
  if (names.length !== 1) return null;
  const named = matchPrincipal(statement[name], provider, statement['Effect'] === 'Allow');
  if (named === null || name === 'Principal') return named;
  // Trust policies cannot have it, says AWS, and a Deny with it is hard to get right: only what it surely allows is asked.
  const isSettled = named.isSettled && named.truth === 'no' && statement['Effect'] === 'Allow';
  return { ...named, truth: not(named.truth), isSettled };
}

function matchPrincipal(principal: unknown, provider: Provider, isAllow: boolean): Principal | null {
  if (principal === '*') return { truth: 'yes', isSettled: true, hasFederated: true };
  if (!isObject(principal) || Object.keys(principal).length === 0) return null;
  const all: Settled[] = [];
  for (const [kind, value] of Object.entries(principal)) {
    const texts = textsOf(value);
    if (![...PRINCIPAL_KINDS, '*'].includes(kind) || texts === null) return null;
    all.push(...texts.map((text) => matchOne(kind, text, { arn: provider.arn, isAllow })));
  }
  return {
    truth: all.map(({ truth }) => truth).reduce(either, 'no'),
    isSettled: all.every(({ isSettled }) => isSettled),
    hasFederated: 'Federated' in principal,
  };
}

function matchOne(
  kind: string,
  text: string,
  { arn, isAllow }: { readonly arn: string; readonly isAllow: boolean },
): Settled {
  // "Everyone" can be written in both ways: reference_policies_elements_principal.html#principal-anonymous.
  if (kind === 'AWS' && text === '*') return { truth: 'yes', isSettled: false };
  // Not documented. A reader who takes it as "everyone" in a statement that allows is on the safe side.
  if (kind === '*' || (kind === 'Federated' && text === '*')) {
    return { truth: isAllow ? 'yes' : 'perhaps', isSettled: false };
  }
  // A wildcard in an ARN is documented as not possible; what IAM does with one is not.
  if (kind === 'Federated' && /[*?]/.test(text)) return { truth: 'perhaps', isSettled: true };
  return { truth: sure(kind === 'Federated' && text === arn), isSettled: true };
}

const LOGIN = 'sts:assumerolewithwebidentity';

function readAction(statement: Fields): Settled | null {
  const names = ['Action', 'NotAction'].filter((name) => name in statement);
  const [name = ''] = names;
  const patterns = textsOf(statement[name]);
  if (names.length !== 1 || patterns === null) return null;
  const isNamed = patterns.some((pattern) => matchesGlob(compileGlob(pattern.toLowerCase(), false), LOGIN));
  return name === 'Action'
    ? { truth: sure(isNamed), isSettled: true }
    : { truth: sure(!isNamed), isSettled: false };
}

interface ReadCondition {
  readonly checks: readonly Check[];
  readonly values: readonly string[];
}

function readCondition(condition: unknown, context: Context): ReadCondition | null {
  if (condition === undefined) return { checks: [], values: [] };
  if (!isObject(condition)) return null;
  const checks: Check[] = [];
  const values: string[] = [];
  const written = new Set<string>();
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return null;
    for (const [key, value] of Object.entries(keys)) {
      const texts = textsOf(value);
      const name = `${operator} ${key}`.toLowerCase();
      // The same condition twice, in other letters: which of them counts is not documented.
      if (texts === null || written.has(name)) return null;
      written.add(name);
      values.push(...texts);
      checks.push(readCheck(operator.toLowerCase(), key.toLowerCase(), texts, context));
    }
  }
  return { checks, values };
}

/** What a request has under a key. */
type Content =
  | {
      readonly kind: 'text';
      readonly claim: Claim;
      readonly of: (request: LoginRequest) => string | null;
      readonly isKnown: boolean;
    }
  | { readonly kind: 'missing' | 'unknown' | 'address' | 'encrypted' };
type Claim = 'sub' | 'project' | 'aud' | 'session' | 'provider';

/**
 * STS maps `aud`, `oaud`, `sub`, `amr` and `email` of every issuer, and CircleCI's project id for orgs of circleci.com.
 * What CircleCI's tokens have as `amr` and `email`, if anything, is not documented. Session tags and
 * `sts:RoleAuthorizedByIdp` come from claims that they do not have.
 */
function contentOf(key: string, { url, kind, arn, audiences, mayHaveAwsClaims }: Provider): Content {
  const text = (claim: Claim, of: (request: LoginRequest) => string | null, isKnown = true): Content => ({
    kind: 'text',
    claim,
    of,
    isKnown,
  });
  if (key === 'sts:rolesessionname') return text('session', ({ sessionName }) => sessionName);
  if (key === 'aws:sourceip') return { kind: 'address' };
  if (key === 'aws:securetransport') return { kind: 'encrypted' };
  if (key === 'aws:federatedprovider') return text('provider', () => arn);
  if (key.startsWith('aws:requesttag/') || key === 'sts:roleauthorizedbyidp')
    return { kind: mayHaveAwsClaims === true ? 'unknown' : 'missing' };
  const own = `${url.toLowerCase()}:`;
  if (!key.startsWith(own)) {
    // Keys of other web identity providers begin with their host.
    return { kind: /^[a-z0-9-]+(\.[a-z0-9-]+)+[:/]/.test(key) ? 'missing' : 'unknown' };
  }
  switch (key.slice(own.length)) {
    case 'sub':
      return text('sub', ({ sub }) => sub);
    case 'aud':
    case 'oaud':
      return text('aud', ({ aud }) => aud, audiences !== null);
    case 'amr':
    case 'email':
      return { kind: 'unknown' };
    case 'oidc.circleci.com/project-id':
      return kind === 'cloud' ? text('project', ({ project }) => project) : { kind: 'missing' };
    default:
      return { kind: 'missing' };
  }
}

const STRING_OPERATOR = /^string(not)?(equalsignorecase|equals|like)$/;
const OTHER_OPERATOR =
  /^(?:(?:numeric|date)(not)?equals|(?:numeric|date)(?:less|greater)than(?:equals)?|bool|binaryequals|(not)?ipaddress|arn(not)?(?:equals|like))$/;

const UNKNOWN: Check = {
  holds: () => 'perhaps',
  isSettled: true,
  isUnknown: true,
  constant: null,
  wanted: null,
  isAddress: false,
};
const always = (truth: Truth, isSettled = true): Check => ({
  holds: () => truth,
  isSettled,
  isUnknown: truth === 'perhaps',
  constant: truth === 'perhaps' || !isSettled ? null : truth,
  wanted: null,
  isAddress: false,
});

function readCheck(
  operator: string,
  key: string,
  values: readonly string[],
  { provider, hasVariables }: Context,
): Check {
  const content = contentOf(key, provider);
  if (operator === 'null') return readNull(content, values);
  const [, set, name = '', suffix] =
    /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/.exec(operator) ?? [];
  const isPlain = set === undefined && suffix === undefined;
  const string = STRING_OPERATOR.exec(name);
  const other = OTHER_OPERATOR.exec(name);
  if (string === null && other === null) return UNKNOWN;
  const isNegated = (string ?? other ?? []).slice(1).includes('not');
  switch (content.kind) {
    case 'missing':
      return always(holdsWithoutKey(set, suffix !== undefined, isNegated));
    case 'address':
      return readAddress(name, values);
    case 'encrypted':
      return readEncrypted(name, isPlain, values);
    case 'unknown':
      // Without the key these two hold, and with it any value is one.
      return string?.[2] === 'like' &&
        !isNegated &&
        (set === 'forallvalues' || (suffix !== undefined && set === undefined)) &&
        values.some((value) => /^\*+$/.test(value))
        ? always('yes', PRODUCT_KNOWS.callers)
        : UNKNOWN;
    case 'text':
      return string === null
        ? UNKNOWN
        : {
            ...readText(content, { comparison: string[2] ?? '', isNegated, values, hasVariables }),
            // Tokens of audit log streaming have no project id, and for them the result is not documented.
            ...(content.claim === 'project' && set === 'foranyvalue' && suffix !== undefined
              ? { isSettled: false }
              : {}),
          };
  }
}

/**
 * ForAllValues is true without the key, ForAnyValue false; of ForAnyValue with IfExists the documentation says both.
 */
function holdsWithoutKey(set: string | undefined, ifExists: boolean, isNegated: boolean): Truth {
  if (set === 'foranyvalue') return ifExists ? 'perhaps' : 'no';
  return sure(set === 'forallvalues' || ifExists || isNegated);
}

/** `"true"`: the key must be missing. */
function readNull(content: Content, values: readonly string[]): Check {
  const wanted = values.map((value) => value.toLowerCase());
  const isKnown = content.kind !== 'unknown' && content.kind !== 'address';
  if (!isKnown || wanted.some((value) => value !== 'true' && value !== 'false')) return UNKNOWN;
  const isOfToken = content.kind === 'missing' || (content.kind === 'text' && content.claim !== 'provider');
  return always(sure(wanted.includes(content.kind === 'missing' ? 'true' : 'false')), isOfToken);
}

/** Every address of the internet is in a network of length 0 of its kind. Of other networks nothing is known. */
function readAddress(name: string, values: readonly string[]): Check {
  if (name !== 'ipaddress' && name !== 'notipaddress') return UNKNOWN;
  const isInside = name === 'ipaddress';
  const isWhole = values.every((value) => value === '0.0.0.0/0' || value === '::/0');
  const holds = ({ network }: LoginRequest): Truth => {
    if (values.includes(network === 'IPv4' ? '0.0.0.0/0' : '::/0')) return sure(isInside);
    return isWhole ? sure(!isInside) : 'perhaps';
  };
  return {
    holds,
    // The product takes the caller for one of IPv4, and requests through a VPC endpoint have no such key.
    isSettled: false,
    isUnknown: !isWhole,
    constant: null,
    wanted: null,
    isAddress: true,
  };
}

/** STS has no endpoint without TLS. */
function readEncrypted(name: string, isPlain: boolean, values: readonly string[]): Check {
  if (name !== 'bool' || values.some((value) => !/^(true|false)$/i.test(value))) return UNKNOWN;
  return always(sure(values.some((value) => /^true$/i.test(value))), isPlain && PRODUCT_KNOWS.callers);
}

interface TextCheck {
  readonly comparison: string;
  readonly isNegated: boolean;
  readonly values: readonly string[];
  readonly hasVariables: boolean;
}

/** Of a key with one value all sets mean the same. */
function readText(
  { of, claim, isKnown }: Extract<Content, { kind: 'text' }>,
  { comparison, isNegated, values, hasVariables }: TextCheck,
): Check {
  const isVariable = (value: string): boolean => hasVariables && /\$\{(?![*?$]\})/.test(value);
  const globs = values
    .filter((value) => !isVariable(value))
    .map((value) =>
      comparison === 'like'
        ? compileGlob(value, hasVariables)
        : plainGlob(value, { hasEscapes: hasVariables, ignoreCase: comparison === 'equalsignorecase' }),
    );
  const hasVariable = globs.length < values.length;
  const isAnything = globs.some(({ matchesAll }) => matchesAll);
  const matched = (text: string | null): Truth => {
    if (isAnything) return 'yes';
    if (text === null) return 'perhaps';
    if (globs.some((glob) => matchesGlob(glob, text))) return 'yes';
    return hasVariable || globs.some((glob) => mayMatchGlob(glob, text)) ? 'perhaps' : 'no';
  };
  const isSettled =
    claim !== 'provider' &&
    ((claim !== 'session' && isKnown) || PRODUCT_KNOWS.callers) &&
    !values.some((value) => value.includes('${')) &&
    (comparison !== 'equalsignorecase' || !values.some((value) => /[^ -~]|\/vcs-origin\//i.test(value)));
  return {
    holds: (request) => (isNegated ? not(matched(of(request))) : matched(of(request))),
    isSettled,
    isUnknown: !isKnown && !isAnything,
    constant: isAnything && isSettled ? sure(!isNegated) : null,
    wanted: claim === 'aud' || claim === 'provider' ? null : { claim, isNegated, globs },
    isAddress: false,
  };
}
