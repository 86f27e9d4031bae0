/** The product's result for one policy of any issuer. The only file here that knows the product. */
import type { Claims } from '../../../demo/aws/condition-keys';
import { applicableStatements } from '../../../lambda/iam-policy/evaluate';
import { readPolicy } from '../../../lambda/iam-policy/parse';
import type { Reachability } from '../../../lambda/iam-policy/reachability';
import { evaluateStatements } from '../../../lambda/iam-policy/role-trust';
import type { EvaluatedStatement } from '../../../lambda/iam-policy/role-trust';
import type { Token, TokenSource } from '../../../lambda/iam-policy/tokens';
import { simplestText } from '../../../lambda/iam-policy/written';
import { BUILT_IN_TOKENS, tokenSource } from '../../../lambda/oidc/profiles';
import type { IssuerCase } from './policies';

/** A login that passes, according to the product. */
export interface Example {
  readonly scope: 'unit' | 'tenant';
  readonly claims: Claims;
  readonly sessionName: string;
}

/** Whether logins from outside pass. */
export interface Answer {
  readonly verdict: 'open' | 'closed' | 'not evaluated';
  /** For tenants that the policy does not name. */
  readonly tenants: 'open' | 'closed' | 'not evaluated';
  /** Tokens of every issuer pass, those of others included. */
  readonly isOpenToAnyone: boolean;
  readonly examples: readonly Example[];
  /** The whole policy could be parsed. */
  readonly isParsed: boolean;
  /** No form of token is known. */
  readonly isUnknownIssuer: boolean;
  /** The issuer signs for tenants that have nothing to do with each other. */
  readonly isShared: boolean;
}

/** Evaluates a policy as that of a role. */
export function productAnswer({ issuer, providerArn, audiences, text }: IssuerCase): Answer {
  const policy = readPolicy(text);
  const subjects = policy.statements.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => key.endsWith(':sub')).flatMap(({ values }) => values),
  );
  const source =
    BUILT_IN_TOKENS.get(issuer)?.source ??
    tokenSource({ issuer: `https://${issuer}`, providerArn, audiences }, subjects);
  const { statements } = evaluateStatements({
    source,
    applicable: applicableStatements(policy.statements, source, providerArn),
  });
  const isOpen = ({ anyone, units, tenants }: EvaluatedStatement): boolean =>
    anyone || units.kind === 'open' || tenants.kind === 'open';
  const reasons = [
    ...statements.flatMap(({ units, tenants }) => [...reasonsOf(units), ...reasonsOf(tenants)]),
    ...(policy.ok ? [] : [policy.reason]),
  ];
  return {
    verdict: statements.some(isOpen) ? 'open' : reasons.length > 0 ? 'not evaluated' : 'closed',
    tenants: statements.some(({ anyone, tenants }) => anyone || tenants.kind === 'open')
      ? 'open'
      : statements.every(({ tenants }) => tenants.kind === 'closed') && policy.ok
        ? 'closed'
        : 'not evaluated',
    isOpenToAnyone: statements.some(({ anyone }) => anyone),
    examples: statements.flatMap(({ units, tenants }) => [
      ...exampleOf('unit', units, issuer, source),
      ...exampleOf('tenant', tenants, issuer, source),
    ]),
    isParsed: policy.ok,
    isUnknownIssuer: source.grammar.forms.length === 0,
    isShared: source.grammar.kind === 'shared' && source.grammar.audience !== 'tenant',
  };
}

const reasonsOf = (searched: Reachability): readonly string[] =>
  searched.kind === 'not-evaluated' ? searched.reasons : [];

const exampleOf = (
  scope: Example['scope'],
  searched: Reachability,
  issuer: string,
  source: TokenSource,
): readonly Example[] =>
  searched.kind !== 'open'
    ? []
    : [
        {
          scope,
          claims: claimsOf(searched.token, issuer, source),
          sessionName: searched.token.claims.get('session') ?? 'ordinary-session',
        },
      ];

/** The token as its issuer would sign it, as far as STS has keys for its claims. */
function claimsOf(
  { sub, aud, claims, form }: Token,
  issuer: string,
  { grammar, audiences }: TokenSource,
): Claims {
  const accepted = audiences === null || audiences === 'any' ? [] : audiences;
  const named = [...grammar.keys].flatMap(([key, { claim }]) => {
    const free = grammar.claims.get(claim);
    const usual =
      free?.optional === false && !form.without.includes(claim)
        ? simplestText(form.fields?.get(claim) ?? free.field)
        : undefined;
    const value = claims.get(claim) ?? usual;
    return value === undefined ? [] : [[key, value] as const];
  });
  // Google's tokens have the audience that the caller asked for, and the account itself as `azp`.
  const azp = audiences === 'any' ? { azp: claims.get('aud') ?? sub } : {};
  const audience = audiences === 'any' ? claims.get('oaud') : aud;
  return {
    iss: `https://${issuer}`,
    sub,
    aud: audience ?? accepted[0] ?? 'any',
    ...azp,
    ...Object.fromEntries(named),
  };
}
