/** Which identity providers a trust policy can concern, by its principals alone. */
import type { ReadPolicy } from './parse';

/** Whether a policy can concern any provider: wildcards, NotPrincipal, parts that cannot be parsed. */
export const canTrustAnyProvider = (policy: ReadPolicy): boolean =>
  !policy.ok ||
  policy.statements.some(
    ({ principals }) => principals.kind === 'all-but' || principals.everyone || principals.wildcard,
  );

/** The federated principals that Allow statements name: SAML providers and AWS's own names, too. */
export function federatedPrincipals({ statements }: ReadPolicy): readonly string[] {
  const federated = statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ principals }) => (principals.kind === 'named' ? principals.federated : []));
  return [...new Set(federated)];
}

/** Whether a policy can concern a provider at all. Most roles serve AWS services only. */
export const canTrustProvider = (policy: ReadPolicy): boolean =>
  canTrustAnyProvider(policy) || federatedPrincipals(policy).length > 0;
