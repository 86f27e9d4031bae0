/** All roles of an account, parsed once per run and indexed by the provider that they trust. */
import { accountOfArn, issuerOfProviderArn, partitionOfArn } from '../../oidc/issuer';
import type { Role } from '../../domain/types';
import { readPolicy } from '../../iam-policy/parse';
import type { ReadPolicy, Statement } from '../../iam-policy/parse';
import { canTrustAnyProvider, federatedPrincipals } from '../../iam-policy/federated';
import { applicability } from '../../iam-policy/evaluate';
import { stepLimit } from '../../iam-policy/step-limit';
import type { StepLimit } from '../../iam-policy/step-limit';
import { groupBy } from '../../domain/group';

/** A role and its parsed trust policy. */
export interface ReadRole {
  readonly role: Role;
  readonly policy: ReadPolicy;
  /** Step limit of its evaluation, for all providers together. */
  readonly limit: StepLimit;
}

/** Roles by what they trust. */
export interface TrustIndex {
  /** By federated principal: ARNs of providers, whether or not the account has them, and names. */
  readonly byProvider: ReadonlyMap<string, readonly ReadRole[]>;
  /** Roles whose policy can concern any provider. */
  readonly loose: readonly ReadRole[];
}

/** Parses and indexes all trust policies. */
export function indexRoles(roles: readonly Role[]): TrustIndex {
  const reads = roles.map((role) => ({ role, policy: readPolicy(role.trustPolicy), limit: stepLimit() }));
  const bound = reads
    .filter((read) => !isLoose(read))
    .flatMap((read) => [...providersOf(read)].map((arn) => ({ arn, read })));
  return {
    byProvider: new Map(
      [...groupBy(bound, ({ arn }) => arn)].map(([arn, group]) => [arn, group.map(({ read }) => read)]),
    ),
    loose: reads.filter(isLoose),
  };
}

const isLoose = ({ policy }: ReadRole): boolean => canTrustAnyProvider(policy);

/** The federated principals that a role's Allow statements name: SAML providers and AWS's own names, too. */
export const providersOf = ({ policy }: ReadRole): readonly string[] => federatedPrincipals(policy);

/** The roles that trust a provider, or could: none that certainly does not. */
export function rolesTrusting({ byProvider, loose }: TrustIndex, providerArn: string): readonly ReadRole[] {
  return [...(byProvider.get(providerArn) ?? []), ...loose].filter((read) => couldTrust(read, providerArn));
}

/** A policy with a part that cannot be parsed may trust every provider. */
const couldTrust = ({ policy }: ReadRole, providerArn: string): boolean =>
  !policy.ok ||
  policy.statements.some((statement) => isLoginBy(statement, providerArn)) ||
  statementsOfOtherActions(policy.statements, providerArn).length > 0;

const isLoginBy = (statement: Statement, providerArn: string): boolean =>
  statement.effect === 'Allow' && applicability(statement, providerArn) !== null;

/** Actions that people allow beside a login, in a statement of their own. */
const BESIDE_LOGINS = ['sts:tagsession', 'sts:setsourceidentity'];

/** The statements that name the provider, and none of whose actions is a login: usually a mistake. */
export function statementsOfOtherActions(
  statements: readonly Statement[],
  providerArn: string,
): readonly Statement[] {
  const hasLogin = statements.some((statement) => isLoginBy(statement, providerArn));
  const isBesideLogin = ({ actions }: Statement): boolean =>
    actions.every((action) => BESIDE_LOGINS.includes(action.toLowerCase()));
  return statements.filter(
    (statement) =>
      statement.effect === 'Allow' &&
      statement.principals.kind === 'named' &&
      statement.principals.federated.includes(providerArn) &&
      !statement.notAction &&
      applicability(statement, providerArn) === null &&
      !(hasLogin && isBesideLogin(statement)),
  );
}

/** The roles that trust a provider for this issuer which their own account no longer has. */
export const rolesOfIssuer = ({ byProvider }: TrustIndex, issuer: string): readonly ReadRole[] =>
  [...byProvider]
    .filter(([arn]) => issuerOfProviderArn(arn) === issuer)
    .flatMap(([arn, reads]) => reads.filter(({ role }) => isSameAccountAs(role.arn, arn)));

/** Web identity providers serve the roles of their own account only. */
export const isSameAccountAs = (roleArn: string, providerArn: string): boolean =>
  accountOfArn(roleArn) === accountOfArn(providerArn) &&
  partitionOfArn(roleArn) === partitionOfArn(providerArn);
