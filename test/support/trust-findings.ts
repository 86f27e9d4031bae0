/** All findings about one role and its provider, as a run reports them. */
import { evaluateTrust, trustResults } from '../../lambda/checks/trust/account';
import type { Observation } from '../../lambda/checks/target';
import { parseConfig } from '../../lambda/config/config';
import { failure } from '../../lambda/domain/errors';
import type { Finding } from '../../lambda/domain/types';
import { BUILT_IN_TOKENS } from '../../lambda/oidc/profiles';

const ACCOUNT = 'arn:aws:iam::111122223333';

/** A role of an account with one provider. */
export interface RoleOfProvider {
  readonly issuer: string;
  /** What the provider accepts. */
  readonly audiences: readonly string[];
  /** Its name. */
  readonly role: string;
  /** ARNs of its managed policies. */
  readonly attached: readonly string[];
  readonly trustPolicy: unknown;
}

/** What a policy names as its federated principal: AWS itself trusts Google, without a provider of the account. */
export const principalOf = (issuer: string): string => {
  const path = issuer.slice('https://'.length);
  return BUILT_IN_TOKENS.has(path) ? path : `${ACCOUNT}:oidc-provider/${path}`;
};

/**
 * The findings about the provider and the role. The account has every provider of its own that the policy names, and the
 * issuer's if it names none.
 */
export async function trustFindings({
  issuer,
  audiences,
  role,
  attached,
  trustPolicy,
}: RoleOfProvider): Promise<readonly Finding[]> {
  const arn = principalOf(issuer);
  const roleArn = `${ACCOUNT}:role/${role}`;
  const text = JSON.stringify(trustPolicy);
  const namesNone = !text.includes('"Federated"');
  const named = [
    ...new Set(namesNone ? [arn] : (text.match(/arn:aws:iam::111122223333:oidc-provider\/[^"]+/g) ?? [])),
  ];
  const observation: Observation = {
    target: { issuer, providerArn: arn, configured: false },
    jwks: null,
    milliseconds: null,
    discovery: { ok: false, failure: failure('discovery', 'DNS_NOT_FOUND', 'not asked') },
    provider: { ok: true, value: { arn, url: issuer.slice('https://'.length), thumbprints: [], audiences } },
    hosts: [],
  };
  const evaluated = await evaluateTrust(
    named.includes(arn) ? [observation] : [],
    {
      roles: { ok: true, value: [{ arn: roleArn, name: role.replace(/^.*\//, ''), trustPolicy: text }] },
      providerArns: { ok: true, value: named },
    },
    () => Promise.resolve(true),
  );
  const { targets, findings } = trustResults(
    evaluated,
    [{ roleArn, policies: { ok: true, value: attached } }],
    { config: parseConfig({ discover: 'all' }), selection: null },
  );
  return [...(targets.get(observation)?.findings ?? []), ...findings];
}
