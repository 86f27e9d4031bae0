/**
 * Evaluates the trust policy of a role for one login, written from the documentation of AWS alone:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * It shares no code with the evaluation of the monitor, so that tests can compare both.
 */
import * as v from 'valibot';
import { both, either, wildcardMatcher, readCondition, sure } from './conditions';
import type { Condition, KeyValue, Truth } from './conditions';

/** What a token needs to be allowed: the login, and more if it has session tags or a source identity. */
export type TrustAction = 'sts:AssumeRoleWithWebIdentity' | 'sts:TagSession' | 'sts:SetSourceIdentity';

/** A login with a token of one provider. */
export interface TrustRequest {
  readonly action: TrustAction;
  /** Of a built-in provider: its host. */
  readonly providerArn: string;
  /** The condition keys, with names in lower case: those of the token, and those of the environment if they are known. */
  readonly keys: ReadonlyMap<string, KeyValue>;
  /** The caller chooses it. */
  readonly sessionName: string;
}

/** The answer of IAM. Statements are counted from 1. */
export type TrustDecision =
  | { readonly decision: 'allowed'; readonly statement: number }
  /** Null: no statement allows it. */
  | { readonly decision: 'denied'; readonly statement: number | null }
  /** It depends on something that the documentation leaves open or that is not implemented. */
  | { readonly decision: 'unsupported'; readonly reasons: readonly string[] };

/** A policy that was read once, for many requests. */
export type TrustPolicy =
  | { readonly kind: 'read'; readonly statements: readonly Statement[] }
  | { readonly kind: 'malformed'; readonly problem: string };

interface Statement {
  readonly number: number;
  readonly effect: 'Allow' | 'Deny';
  readonly concernsPrincipal: (arn: string) => Truth;
  readonly concernsAction: (action: string) => boolean;
  readonly conditions: readonly Condition[];
}

const TEXTS = v.union([v.string(), v.pipe(v.array(v.string()), v.nonEmpty())]);
const VALUE = v.union([v.string(), v.number(), v.boolean()]);
const VALUES = v.union([VALUE, v.pipe(v.array(VALUE), v.nonEmpty())]);
const PRINCIPAL = v.union([v.literal('*'), v.pipe(v.record(v.string(), TEXTS), v.minEntries(1))]);
const STATEMENT = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(PRINCIPAL),
  NotPrincipal: v.optional(PRINCIPAL),
  Action: v.optional(TEXTS),
  NotAction: v.optional(TEXTS),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), VALUES))),
});
const POLICY = v.strictObject({
  Version: v.optional(v.picklist(['2012-10-17', '2008-10-17'])),
  Id: v.optional(v.string()),
  Statement: v.union([STATEMENT, v.array(STATEMENT)]),
});

/** Evaluates a policy, as JSON, for one request. */
export const evaluateTrust = (policyText: string, request: TrustRequest): TrustDecision =>
  decideTrust(parseTrustPolicy(policyText), request);

/** Reads a policy, as JSON. IAM would not store a malformed one. */
export function parseTrustPolicy(text: string): TrustPolicy {
  const parsed = v.safeParse(POLICY, parseJson(text));
  if (!parsed.success) return { kind: 'malformed', problem: parsed.issues[0].message };
  const { Version: version, Statement: statements } = parsed.output;
  const read = [statements]
    .flat()
    .map((one, index) => readStatement(one, index + 1, version === '2012-10-17'));
  const problem = read.find((one) => typeof one === 'string');
  if (problem !== undefined) return { kind: 'malformed', problem };
  return { kind: 'read', statements: read.filter((one) => typeof one !== 'string') };
}

/** Undefined if it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Decides on one request. A Deny that applies wins, whatever is unknown. */
export function decideTrust(policy: TrustPolicy, request: TrustRequest): TrustDecision {
  if (policy.kind === 'malformed') {
    return { decision: 'unsupported', reasons: [`a malformed policy: ${policy.problem}`] };
  }
  const keys = new Map(request.keys)
    .set('sts:rolesessionname', request.sessionName)
    .set('aws:federatedprovider', request.providerArn);
  const asked = { ...request, keys };
  let allowing: Statement | undefined;
  const unknown: Statement[] = [];
  for (const statement of policy.statements) {
    const applies = statementApplies(statement, asked);
    if (applies === 'unknown') unknown.push(statement);
    if (applies !== 'yes') continue;
    if (statement.effect === 'Deny') return { decision: 'denied', statement: statement.number };
    allowing ??= statement;
  }
  const mayDeny = unknown.filter(({ effect }) => effect === 'Deny');
  if (allowing !== undefined && mayDeny.length === 0) {
    return { decision: 'allowed', statement: allowing.number };
  }
  if (allowing === undefined && mayDeny.length === unknown.length) {
    return { decision: 'denied', statement: null };
  }
  const matter = allowing === undefined ? unknown : mayDeny;
  return { decision: 'unsupported', reasons: matter.flatMap((statement) => reasonsOf(statement, asked)) };
}

function statementApplies(
  { concernsPrincipal, concernsAction, conditions }: Statement,
  { action, providerArn, keys }: TrustRequest,
): Truth {
  if (!concernsAction(action)) return 'no';
  return conditions.reduce<Truth>(
    (truth, condition) => (truth === 'no' ? truth : both(truth, conditionHolds(condition, keys))),
    concernsPrincipal(providerArn),
  );
}

const conditionHolds = ({ key, holds }: Condition, keys: TrustRequest['keys']): Truth =>
  !keys.has(key) && isOfEnvironment(key) ? 'unknown' : holds(keys.get(key));

/**
 * AWS puts these global keys into requests by the circumstances of the call. Tags, and the provider, it takes from the
 * token: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const isOfEnvironment = (key: string): boolean =>
  /^aws:(?!requesttag\/|tagkeys$|federatedprovider$)/.test(key);

function reasonsOf(
  { number, concernsPrincipal, conditions }: Statement,
  { providerArn, keys }: TrustRequest,
): readonly string[] {
  const unknown = conditions.filter((condition) => conditionHolds(condition, keys) === 'unknown');
  return [
    ...(concernsPrincipal(providerArn) === 'unknown' ? [`the principal of statement ${number}`] : []),
    ...unknown.map(({ operator, key }) => `${operator} on ${key} in statement ${number}`),
  ];
}

/** A text says what is wrong. */
function readStatement(
  statement: v.InferOutput<typeof STATEMENT>,
  number: number,
  hasVariables: boolean,
): Statement | string {
  const { Effect: effect, Principal, NotPrincipal, Action, NotAction, Condition = {} } = statement;
  if ((Principal === undefined) === (NotPrincipal === undefined))
    return `no principal in statement ${number}`;
  const actions = Action ?? NotAction;
  if (actions === undefined || (Action !== undefined && NotAction !== undefined)) {
    return `no action in statement ${number}`;
  }
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      readCondition(operator, key, [values].flat().map(String), hasVariables),
    ),
  );
  const names = conditions.map(({ operator, key }) => `${operator.toLowerCase()} ${key}`);
  if (new Set(names).size < names.length) return `a condition twice in statement ${number}`;
  const patterns = [actions].flat().map((name) => wildcardMatcher(name.toLowerCase()));
  const isNamed = (action: string): boolean => patterns.some((matches) => matches(action.toLowerCase()));
  return {
    number,
    effect,
    // Trust policies cannot have NotPrincipal, says AWS; what it would do there is open.
    concernsPrincipal: Principal === undefined ? () => 'unknown' : principalOf(Principal),
    concernsAction: Action === undefined ? (action) => !isNamed(action) : isNamed,
    conditions,
  };
}

/** `*` and `{"AWS": "*"}` are everyone: reference_policies_elements_principal.html#principal-anonymous. */
function principalOf(principal: v.InferOutput<typeof PRINCIPAL>): Statement['concernsPrincipal'] {
  if (principal === '*') return () => 'yes';
  const named = Object.entries(principal).flatMap(([kind, names]) =>
    [names].flat().map((name) => ({ kind, name })),
  );
  return (arn) =>
    named
      .map(({ kind, name }): Truth => {
        switch (kind) {
          case 'Federated':
            // "You cannot use a wildcard to match part of a principal name or ARN."
            return /[*?]/.test(name) ? 'unknown' : sure(name === arn);
          case 'AWS':
            return sure(name === '*');
          case 'Service':
          case 'CanonicalUser':
            return 'no';
          default:
            return 'unknown';
        }
      })
      .reduce(either, 'no');
}
