/**
 * PROV002 to PROV005: the provider itself, its audiences, other providers for the same org, and whether a
 * role uses it.
 */
import type { Finding } from '../../domain/types';
import { circleCiOrgOf, issuerOfProviderArn } from '../../oidc/issuer';
import { withCommand } from '../../remedies/command';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../../domain/logins';
import { addAudienceCommand } from '../../remedies/remedy';
import { quote } from '../../text/quote';
import type { TokenSource } from '../../iam-policy/tokens';
import { groupBy } from '../../domain/group';

/** What is known about one provider for its evaluation. */
export interface ProviderQuestion {
  readonly arn: string;
  readonly source: TokenSource;
  /** The audience that its tokens have unless a job asks for another; null: there is none. */
  readonly defaultAudience: string | null;
  /** `ClientIDList`; null: not known. */
  readonly audiences: readonly string[] | null;
  /** The account's other providers for the same org. */
  readonly sameOrg: readonly string[];
  /** ARNs of the roles that trust it; null: not known. */
  readonly roles: readonly string[] | null;
  /** Of those, the ones that a token of any CircleCI customer can assume. */
  readonly openToAll: readonly string[];
}

/** PROV002 to PROV005 of one provider. */
export const evaluateProvider = (question: ProviderQuestion): readonly Finding[] => [
  ...findingsOfProvider(question),
];

function* findingsOfProvider(question: ProviderQuestion): Generator<Finding> {
  const { arn, source, sameOrg, roles, openToAll } = question;
  yield* audiences(question);
  const { issuerOfTenant, nouns } = source.grammar;
  if (issuerOfTenant !== null) {
    const closedBy =
      roles === null ? 'Its roles were not read.' : 'Only the conditions of its roles restrict access.';
    const who = openToAll.length > 0 ? `Any of them can assume ${openToAll.join(', ')}.` : closedBy;
    yield {
      check: 'PROV003',
      severity: openToAll.length > 0 ? 'critical' : 'high',
      message: `The provider ${arn} is for ${nouns.vendor}'s root issuer, so it trusts every ${nouns.vendor} customer. ${who}`,
      remedy: `Create a provider for your ${nouns.tenant}'s own issuer, ${issuerOfTenant}, and change the roles so that they trust it. Then delete the provider of the root issuer.`,
    };
  }
  if (roles?.length === 0) {
    yield {
      check: 'PROV004',
      severity: 'low',
      message: `No role of the account trusts the provider ${arn}.`,
      // No command: people would paste it together with the commands that repair.
      remedy:
        'Something else may use this provider, for example an Amazon Cognito identity pool. If nothing does, and no new role needs it, delete the provider.',
    };
  }
  // The same org written twice. Tokens have exactly one of the spellings, so all the other providers are idle.
  if (sameOrg.length > 0) {
    yield {
      check: 'PROV005',
      severity: 'low',
      message: `The account has ${sameOrg.length + 1} providers for the same organization: ${[arn, ...sameOrg].sort().join(', ')}. A token matches exactly one spelling of the issuer.`,
      remedy: 'Keep the provider whose URL is exactly the claim "iss" of the tokens, and delete the others.',
    };
  }
}

/** "the organization id X", or the audience itself. */
const named = (audience: string, { grammar: { nouns, tenant } }: TokenSource): string =>
  audience === tenant ? `the ${nouns.tenant} id ${audience}` : `the audience ${quote(audience)}`;

/** At most one PROV002. */
function* audiences({ arn, source, defaultAudience, audiences: list }: ProviderQuestion): Generator<Finding> {
  if (list === null) return;
  const { nouns, tenant, issuerOfTenant } = source.grammar;
  // PROV003 says to replace such a provider, not to complete it.
  if (issuerOfTenant !== null) return;
  const usual = defaultAudience;
  if (list.length === 0) {
    yield {
      check: 'PROV002',
      severity: 'high',
      message: `The provider has no audience, so AWS accepts no token. ${LOGINS_FAIL}`,
      remedy:
        usual === null
          ? 'Add the claim "aud" of the tokens as an audience.'
          : withCommand(`Add ${named(usual, source)}`, addAudienceCommand(arn, usual)),
    };
    return;
  }
  // Only an audience that names the tenant says who a token belongs to: others mean nothing by themselves.
  if (usual === null || tenant === null || !usual.includes(tenant)) return;
  const others = list.filter((audience) => audience !== usual);
  const shown = others.map((audience) => quote(audience)).join(', ');
  if (!list.includes(usual)) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `The provider does not accept ${named(usual, source)}, but only ${shown}, so tokens with the default audience cannot log in. ${LOGINS_UNKNOWN}`,
      remedy: withCommand(
        `If jobs use the default audience, add ${named(usual, source)}`,
        addAudienceCommand(arn, usual),
      ),
    };
  } else if (others.length > 0) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `The provider accepts other audiences in addition to ${named(usual, source)}: ${shown}.`,
      remedy: `Remove the audiences that no ${nouns.unit} requests.`,
    };
  }
}

/** Finds, for each provider of an account, the others for the same org. */
export function findProvidersOfSameOrg(providerArns: readonly string[]): (arn: string) => readonly string[] {
  const byOrg = groupBy(providerArns, orgOf);
  return (arn) => {
    const org = orgOf(arn);
    return org === null ? [] : (byOrg.get(org) ?? []).filter((one) => one !== arn);
  };
}

/**
 * An org's issuer without differences of spelling: capitals, slashes at the end, the default port. Null: not
 * an org's.
 */
function orgOf(arn: string): string | null {
  const plain = issuerOfProviderArn(arn)
    ?.toLowerCase()
    .replace(/\/+$/, '')
    .replace(/^(https:\/\/[^/]+):443\//, '$1/');
  return plain === undefined || circleCiOrgOf(plain) === null ? null : plain;
}
