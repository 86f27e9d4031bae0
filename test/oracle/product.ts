/** The product's result for one role, in the words of the comparison. The only file here that knows the product. */
import { trustOfTarget } from '../support/target-trust';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { applicableStatements } from '../../lambda/iam-policy/evaluate';
import { TOO_MANY_STEPS } from '../../lambda/iam-policy/reachability';
import type { Reachability } from '../../lambda/iam-policy/reachability';
import { evaluateStatements } from '../../lambda/iam-policy/role-trust';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import { evaluateUnparsed } from '../../lambda/checks/trust/unparsed-policies';
import type { PolicyCase } from './grammar';
import { tokenSource } from '../../lambda/oidc/profiles';

/** Whether logins from outside pass. */
export interface Answer {
  readonly verdict: 'open' | 'closed' | 'not evaluated';
  /** Tokens of any org pass. */
  readonly isOpenToAllOrgs: boolean;
  /** Tokens of any web identity provider pass. */
  readonly isOpenToAnyone: boolean;
  /** Subjects that pass, according to the product. */
  readonly examples: readonly { readonly scope: 'org' | 'project'; readonly sub: string }[];
  /** The forms of token that can satisfy a statement that allows. */
  readonly forms: readonly ('V1' | 'V2')[];
  /** The search ended at its limit. */
  readonly isLimited: boolean;
}

const ROLE = 'arn:aws:iam::123456789012:role/ci';

/** Evaluates a role whose trust policy is the text. */
export function productAnswer({ provider, text }: PolicyCase): Answer {
  const issuer = `https://${provider.url}`;
  const index = indexRoles([{ arn: ROLE, name: 'ci', trustPolicy: encodeURIComponent(text) }]);
  const { findings } = trustOfTarget({
    target: { issuer, providerArn: provider.arn, configured: true },
    exists: true,
    audiences: provider.audiences,
    sameOrg: [],
    index,
  });
  const scope = [...findings, ...evaluateUnparsed(index)].filter(
    ({ check }) => check === 'TRUST001' || check === 'TRUST002',
  );
  const open = scope.filter(({ severity }) => severity !== 'medium');
  const source = tokenSource({ issuer, providerArn: provider.arn, audiences: provider.audiences });
  const { statements } = evaluateStatements({
    source,
    applicable: applicableStatements(readPolicy(text).statements, source, provider.arn),
  });
  const examplesOf = (kind: 'org' | 'project', searched: Reachability): Answer['examples'] =>
    searched.kind === 'open' ? [{ scope: kind, sub: searched.token.sub }] : [];
  return {
    verdict: open.length > 0 ? 'open' : scope.length > 0 ? 'not evaluated' : 'closed',
    isOpenToAllOrgs: open.some(({ severity }) => severity === 'critical'),
    isOpenToAnyone: statements.some(({ anyone }) => anyone),
    examples: statements.flatMap(({ units, tenants }) => [
      ...examplesOf('project', units),
      ...examplesOf('org', tenants),
    ]),
    forms: statements.flatMap(({ forms }) =>
      forms.flatMap(({ format }) =>
        format === null ? [] : [format === 'older' ? ('V1' as const) : ('V2' as const)],
      ),
    ),
    isLimited: statements.some(({ units, tenants }) =>
      [units, tenants].some(
        (one) =>
          one.kind === 'not-evaluated' && one.reasons.some((reason) => reason.endsWith(TOO_MANY_STEPS)),
      ),
    ),
  };
}
