/**
 * PROV002 to PROV005: the provider itself, its audiences, other providers for the same org, and whether a
 * role uses it.
 */
import type { Finding } from '../../domain/types';
import { circleCiOrgOf, issuerOfProviderArn } from '../../oidc/issuer';
import { withCommand } from '../../remedies/command';
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
      roles === null ? 'its roles were not read' : 'only the conditions of its roles keep them out';
    const who = openToAll.length > 0 ? `any of them can assume ${openToAll.join(', ')}` : closedBy;
    yield {
      check: 'PROV003',
      severity: openToAll.length > 0 ? 'critical' : 'high',
      message: `The provider ${arn} is for CircleCI's root issuer: it trusts every CircleCI customer, and ${who}.`,
      remedy:
        "Create a provider for your org's own issuer, https://oidc.circleci.com/org/ORG_ID, let the roles trust that one, and delete this one.",
    };
  }
  if (roles?.length === 0) {
    yield {
      check: 'PROV004',
      severity: 'low',
      message: `No role of the account trusts ${arn}: nobody can log in through it.`,
      // No command: people would paste it together with the commands that repair.
      remedy: `Delete the provider ${arn}, unless a role is about to use it.`,
    };
  }
  // The same org written twice. Tokens have exactly one of the spellings, so all the other providers are idle.
  if (sameOrg.length > 0) {
    yield {
      check: 'PROV005',
      severity: 'low',
      message: `The account has ${sameOrg.length + 1} providers for one org: ${[arn, ...sameOrg].sort().join(', ')}. Tokens fit exactly one spelling of the issuer.`,
      remedy: "Keep the one whose URL is the token's iss, letter by letter, and delete the others.",
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
      message: 'The provider lists no audience: no token can log in.',
      remedy: withCommand('List the org id', add),
    };
  } else if (!list.includes(org)) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `The org id ${org} is not among the audiences (${shown}): the default CIRCLE_OIDC_TOKEN cannot log in.`,
      remedy: withCommand('If jobs do not ask for an audience of their own, list the org id', add),
    };
  } else if (others.length > 0) {
    yield {
      check: 'PROV002',
      severity: 'info',
      message: `Beside the org id, the provider accepts the audiences ${shown}.`,
      remedy: 'Remove those that no job asks for.',
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
