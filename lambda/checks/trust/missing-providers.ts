/** TRUST006: roles that trust a provider through which no login can pass. */
import type { Finding } from '../../domain/types';
import { accountOfArn, issuerOfProviderArn, partitionOfArn } from '../../oidc/issuer';
import { quote } from '../../text/quote';
import { isSameAccountAs, providersOf } from './role-index';
import type { TrustIndex } from './role-index';
import { withCommand } from '../../remedies/command';
import { replaceTrustPolicy } from '../../remedies/remedy';

/** A finding, and the issuer that the principal without a provider names. */
export interface LostPrincipal {
  readonly issuer: string;
  readonly finding: Finding;
}

/**
 * TRUST006 of all roles. `providerArns`: all that the account has; null: not known, so that none is reported
 * as deleted.
 */
export function evaluatePrincipals(
  { byProvider, loose }: TrustIndex,
  providerArns: readonly string[] | null,
): readonly LostPrincipal[] {
  const known = providerArns === null ? null : new Set(providerArns);
  const named = [...byProvider].map(([arn, reads]) => ({ arn, reads }));
  const wild = loose.flatMap((read) => providersOf(read).map((arn) => ({ arn, reads: [read] })));
  return [...named, ...wild].flatMap(({ arn, reads }) => {
    const issuer = issuerOfProviderArn(arn);
    if (issuer === null) return [];
    return reads.flatMap(({ role }) => {
      const why = lostBecause(role.arn, arn, known);
      return why === null ? [] : [{ issuer, finding: lostPrincipal(role.arn, arn, why) }];
    });
  });
}

function lostBecause(roleArn: string, arn: string, known: ReadonlySet<string> | null): string | null {
  if (partitionOfArn(roleArn) !== partitionOfArn(arn)) {
    return `which is of partition ${partitionOfArn(arn) ?? 'unknown'}`;
  }
  if (!isSameAccountAs(roleArn, arn)) return `which is of account ${accountOfArn(arn) ?? 'unknown'}`;
  return known === null || known.has(arn) ? null : 'which the account does not have';
}

const lostPrincipal = (roleArn: string, arn: string, why: string): Finding => ({
  check: 'TRUST006',
  severity: 'low',
  subject: roleArn,
  message: `${roleArn} trusts ${quote(arn)}, ${why}: no login can come through it.`,
  remedy: withCommand(
    `Name a provider of the role's own account, or take the principal out`,
    replaceTrustPolicy(roleArn),
  ),
});
