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
  /** Null if it is not CircleCI's. */
  readonly source: TokenSource | null;
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
  if (source?.kind === 'root') {
    const closedBy =
      roles === null ? 'Its roles were not read.' : 'Only the conditions of its roles restrict access.';
    const who = openToAll.length > 0 ? `Any of them can assume ${openToAll.join(', ')}.` : closedBy;
    yield {
      check: 'PROV003',
      severity: openToAll.length > 0 ? 'critical' : 'high',
      message: `The provider ${arn} is for CircleCI's root issuer, so it trusts every CircleCI customer. ${who}`,
      remedy:
        "Create a provider for your organization's own issuer, https://oidc.circleci.com/org/ORG_ID, and change the roles so that they trust it. Then delete the provider of the root issuer.",
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

/** At most one PROV002. */
function* audiences({ arn, source, audiences: list }: ProviderQuestion): Generator<Finding> {
  const org = source?.org ?? null;
  if (org === null || list === null) return;
  const others = list.filter((audience) => audience !== org);
  const shown = others.map((audience) => quote(audience)).join(', ');
  const add = addAudienceCommand(arn, org);
  if (list.length === 0) {
    yield {
      check: 'PROV002',
      severity: 'high',
      message: `The provider has no audience, so AWS accepts no token. ${LOGINS_FAIL}`,
      remedy: withCommand('Add the org id as an audience', add),
    };
  } else if (!list.includes(org)) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `The org id ${org} is not an audience of the provider (${shown}), so AWS does not accept tokens with the default audience. ${LOGINS_UNKNOWN}`,
      remedy: withCommand('If jobs use the default audience, add the org id as an audience', add),
    };
  } else if (others.length > 0) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `The provider accepts other audiences in addition to the org id: ${shown}.`,
      remedy: 'Remove the audiences that no job requests.',
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
