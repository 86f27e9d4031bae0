/** TRUST006: roles that trust a provider through which no login can pass. */
import type { Finding } from '../../domain/types';
import { accountOfArn, issuerOfProviderArn, partitionOfArn } from '../../oidc/issuer';
import { quote } from '../../text/quote';
import { isSameAccountAs, providersOf } from './role-index';
import type { TrustIndex } from './role-index';
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';

/** A finding, and the issuer that the principal without a provider names. */
export interface LostPrincipal {
  readonly issuer: string;
  readonly finding: Finding;
}

/**
 * TRUST006 of all roles. `providerArns`: all that the account has; null: not known, so that none is reported
 * as deleted.
 */
export const evaluatePrincipals = (
  index: TrustIndex,
  providerArns: readonly string[] | null,
): readonly LostPrincipal[] => [...lostPrincipals(index, providerArns)];

function* lostPrincipals(
  { byProvider, loose }: TrustIndex,
  providerArns: readonly string[] | null,
): Generator<LostPrincipal> {
  const known = providerArns === null ? null : new Set(providerArns);
  const wild = loose.flatMap((read) => providersOf(read).map((arn) => [arn, [read]] as const));
  for (const [arn, reads] of [...byProvider, ...wild]) {
    const issuer = issuerOfProviderArn(arn);
    if (issuer === null) continue;
    for (const { role } of reads) {
      const why = lostBecause(role.arn, arn, known);
      if (why !== null) yield { issuer, finding: findingOfLost(role.arn, arn, why) };
    }
  }
}

function lostBecause(roleArn: string, arn: string, known: ReadonlySet<string> | null): string | null {
  if (partitionOfArn(roleArn) !== partitionOfArn(arn)) {
    return `which belongs to the partition ${partitionOfArn(arn) ?? 'unknown'}`;
  }
  if (!isSameAccountAs(roleArn, arn)) return `which belongs to the account ${accountOfArn(arn) ?? 'unknown'}`;
  return known === null || known.has(arn) ? null : 'which does not exist';
}

const findingOfLost = (roleArn: string, arn: string, why: string): Finding => ({
  check: 'TRUST006',
  severity: 'low',
  subject: roleArn,
  message: `${roleArn} trusts ${quote(arn)}, ${why}. No token can assume the role through it.`,
  remedy: joinSteps(
    "Name a provider of the role's own account, or remove this principal from the trust policy.",
    replacePolicyStep(roleArn),
  ),
});
