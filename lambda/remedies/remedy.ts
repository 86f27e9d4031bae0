/** What a reader can do about a finding: prose, then commands that can be pasted whole. */
import {
  MAX_THUMBPRINTS,
  correctedList,
  isThumbprint,
  missingFrom,
  normaliseThumbprint,
} from '../x509/thumbprint';
import { circleCiOrgOf } from '../oidc/issuer';
import { quote } from '../text/quote';
import { FINGERPRINT_COMMAND, iamCommand, joinSteps, withCommand } from './command';
import type { Command } from './command';
import type { CorrectedPolicy } from './corrected-policy';
import { MAX_LENGTH } from './policies';

/**
 * Thumbprints that earlier runs collected on a valid path to an anchor, and those that they collected without
 * one.
 */
export interface AnchoredOnce {
  readonly anchored: readonly string[];
  readonly known: readonly string[];
}

/** A list as IAM has it. */
interface ListedProvider {
  readonly arn: string;
  readonly thumbprints: readonly string[];
}

/**
 * The command that lists `proposed` and retains what is listed, or what to decide first if the list is full.
 */
export function correctionRemedy(
  provider: ListedProvider,
  proposed: readonly string[],
  anchoredOnce: AnchoredOnce | null = null,
): string {
  const list = correctedList(provider.thumbprints, proposed);
  if (list.length > MAX_THUMBPRINTS) return fullRemedy(provider, proposed, anchoredOnce);
  return withCommand(
    `Add the new ${thumbprintsOf(provider, proposed)} (existing entries stay)`,
    updateCommand(provider.arn, [...provider.thumbprints, ...proposed]),
  );
}

/** "thumbprint" or "thumbprints", by how many are new. */
const thumbprintsOf = (
  { thumbprints }: Pick<ListedProvider, 'thumbprints'>,
  added: readonly string[],
): string => (new Set(missingFrom(thumbprints, added)).size === 1 ? 'thumbprint' : 'thumbprints');

/**
 * What to do about a list that has no room. Entries that were never anchored are removed first: those that
 * were served without an anchor, then those that no host served. No command removes an entry that was
 * anchored once.
 */
export function fullRemedy(
  provider: ListedProvider,
  proposed: readonly string[],
  anchoredOnce: AnchoredOnce | null,
): string {
  const { arn, thumbprints } = provider;
  const list = correctedList(thumbprints, proposed);
  const excess = list.length - MAX_THUMBPRINTS;
  const full = tooLong(list);
  const decide = `Decide which ${excess === 1 ? 'entry' : `${excess} entries`} to remove`;
  const add = `Then add the new ${thumbprintsOf(provider, proposed)}: ${proposed.join(', ')}.`;
  if (anchoredOnce === null || anchoredOnce.anchored.length === 0)
    return joinSteps(
      `${full} The monitor does not know which entries were verified earlier. ${decide}. Start with entries that were never verified.`,
      add,
    );
  const { anchored, known } = anchoredOnce;
  const never = list.filter((each) => !anchored.includes(each) && !proposed.includes(each));
  const first = [
    ...never.filter((each) => known.includes(each)),
    ...never.filter((each) => !known.includes(each)),
  ].slice(0, excess);
  if (first.length < excess) {
    const verified =
      first.length === 0
        ? 'Earlier runs verified all entries.'
        : `Earlier runs verified all entries except ${first.join(', ')}.`;
    return joinSteps(`${full} ${verified} ${decide}.`, add);
  }
  const remaining = [...thumbprints, ...proposed].filter(
    (each) => !first.includes(normaliseThumbprint(each)),
  );
  return joinSteps(
    `${full} The monitor never found ${first.join(', ')} on a verified certificate chain.`,
    withCommand(
      `If nobody needs ${first.length === 1 ? 'this entry' : 'these entries'}, remove ${first.length === 1 ? 'it' : 'them'} and add the new ${thumbprintsOf(provider, proposed)}`,
      updateCommand(arn, remaining),
    ),
  );
}

const tooLong = (list: readonly string[]): string =>
  `The list would have ${list.length} thumbprints, but IAM permits ${MAX_THUMBPRINTS}.`;

/** The parts of a served chain that people compare with a CA file. */
interface ComparedChain {
  readonly ends: readonly {
    readonly thumbprint: string;
    readonly subject: string;
    readonly parsed: { readonly fingerprint256: string };
  }[];
}

/** How to find out whether unverified certificates are the issuer's. */
export function compareFingerprints(chains: readonly ComparedChain[]): string {
  const ends = chains.flatMap((chain) => chain.ends);
  const values = new Map(
    ends.map(({ thumbprint, subject, parsed }) => [
      thumbprint,
      `${thumbprint} (${subject}) has the SHA-256 fingerprint ${parsed.fingerprint256}.`,
    ]),
  );
  return joinSteps(
    `The monitor cannot verify the served certificates. ${[...values.values()].join(' ')} Compare this with the CA file on the issuer's server (here ca.pem):\n${FINGERPRINT_COMMAND}`,
    'If the fingerprints are equal, name that CA in trustAnchors. If they differ, do not list the certificate.',
  );
}

/** For hosts without any anchor: compare, name the CA, and only then the command, which is not verified. */
export function unverifiedRemedy(
  provider: ListedProvider,
  hosts: readonly { readonly chains: readonly ComparedChain[]; readonly expected: readonly string[] }[],
  proposed: readonly string[],
): string {
  const { arn, thumbprints } = provider;
  const added = [...proposed, ...hosts.flatMap(({ expected }) => expected)];
  const list = correctedList(thumbprints, added);
  const compare = compareFingerprints(hosts.flatMap(({ chains }) => chains));
  if (list.length > MAX_THUMBPRINTS)
    return joinSteps(compare, `${tooLong(list)} Decide which entries to remove before you add the new ones.`);
  return joinSteps(
    compare,
    withCommand(
      `Only after that comparison: add the new ${thumbprintsOf(provider, added)}, which the monitor has not verified (existing entries stay)`,
      updateCommand(arn, [...thumbprints, ...added]),
    ),
  );
}

/** The same list as Terraform writes it, or null if IAM would not accept it. */
export function terraformList(listed: readonly string[], expected: readonly string[]): string | null {
  const list = correctedList(listed, expected);
  if (list.length > MAX_THUMBPRINTS || malformedEntries(listed).length > 0) return null;
  return ['  thumbprint_list = [', ...list.map((each) => `    "${each}",`), '  ]'].join('\n');
}

/** Entries of a list that are no thumbprints in any spelling. */
export const malformedEntries = (list: readonly string[]): readonly string[] =>
  list.filter((entry) => !isThumbprint(normaliseThumbprint(entry)));

/**
 * IAM replaces the whole list, so the command contains the full new one. An entry that is no thumbprint can
 * neither be included, nor left out without a decision of the reader: then there is no command.
 */
export function updateCommand(arn: string, list: readonly string[]): Command {
  const malformed = malformedEntries(list);
  if (malformed.length > 0) {
    const entries = malformed.map((entry) => quote(entry)).join(', ');
    return {
      ok: false,
      problem: `There is no command, because it would replace the whole list, and the list has malformed entries: ${entries}. Correct or remove them first (THUMB004).`,
    };
  }
  const values = [...new Set(list.map(normaliseThumbprint))];
  return iamCommand('update-open-id-connect-provider-thumbprint', [
    { name: '--open-id-connect-provider-arn', kind: 'provider ARN', values: [arn] },
    values.length === 0
      ? { name: '--thumbprint-list', own: '[]' }
      : { name: '--thumbprint-list', kind: 'thumbprint', values },
  ]);
}

/** Creates the provider of a CircleCI org, whose audience is the id of the org. */
const createCommand = (issuer: string, org: string): Command =>
  iamCommand('create-open-id-connect-provider', [
    { name: '--url', kind: 'issuer URL', values: [issuer] },
    { name: '--client-id-list', kind: 'audience', values: [org] },
  ]);

/**
 * How to create a missing provider. Issuers other than those of CircleCI orgs choose their audiences: then
 * there is no command, because one with a placeholder would succeed.
 */
export function createRemedy(issuer: string): string {
  const org = URL.canParse(issuer) ? circleCiOrgOf(issuer) : null;
  return joinSteps(
    org === null
      ? `Create an OIDC provider with the URL ${quote(issuer)} and the audience of its tokens. To find the audience, look at the claim "aud" of a token, or in the documentation of the CI system.`
      : withCommand('Create the provider', createCommand(issuer, org)),
    'If this account does not need the provider, remove the issuer from the configuration.',
  );
}

/** Lets a provider accept one more audience. */
export const addAudienceCommand = (arn: string, audience: string): Command =>
  iamCommand('add-client-id-to-open-id-connect-provider', [
    { name: '--open-id-connect-provider-arn', kind: 'provider ARN', values: [arn] },
    { name: '--client-id', kind: 'audience', values: [audience] },
  ]);

/** The name of a role is what follows the path in its ARN. */
const nameOfRole = (roleArn: string): string => roleArn.replace(/^.*\//s, '');

/** Replaces the whole trust policy of a role by the one in a file. */
const replaceCommand = (name: string): Command =>
  iamCommand('update-assume-role-policy', [
    { name: '--role-name', kind: 'role name', values: [name] },
    { name: '--policy-document', kind: 'policy file', values: [`file://trust-policy-${name}.json`] },
  ]);

/** How to correct a trust policy of which no corrected version is known. */
export function replacePolicyStep(roleArn: string): string {
  return withCommand(
    'The monitor has no corrected trust policy for this role. Write one, save it in the file that the command names, and replace the policy of the role',
    replaceCommand(nameOfRole(roleArn)),
  );
}

/** How to replace a trust policy by a corrected one: a here-document writes the file, a command applies it. */
export function correctedPolicySteps(
  roleArn: string,
  { document, placeholders, length }: CorrectedPolicy,
): string {
  const name = nameOfRole(roleArn);
  const command = replaceCommand(name);
  if (!command.ok) return replacePolicyStep(roleArn);
  const replaced = placeholders.map(({ name: word, meaning }) => `${word} with ${meaning}`);
  const listed = [replaced.slice(0, -1).join(', '), ...replaced.slice(-1)].filter((part) => part !== '');
  const save =
    placeholders.length === 0
      ? 'Save the corrected trust policy'
      : `In the corrected trust policy, replace ${listed.join(' and ')}, ${placeholders.length === 1 ? '' : 'each '}in double quotes. Then save it`;
  return joinSteps(
    ...(length > MAX_LENGTH.default ? [exceedsQuota(length)] : []),
    `${save}:\ncat > trust-policy-${name}.json <<'EOF'\n${document}\nEOF`,
    withCommand('Then replace the policy of the role', command),
  );
}

const exceedsQuota = (length: number): string =>
  `The corrected trust policy has about ${length} characters, but IAM accepts ${MAX_LENGTH.default} by default. First request a higher quota "Role trust policy length" (at most ${MAX_LENGTH.raised}), or divide the access between several roles.`;

/** Lists the providers of an account. */
export const LIST_PROVIDERS = 'aws iam list-open-id-connect-providers';

/** Where to find who changed something in IAM. `event`: its name in CloudTrail. */
export const lookInCloudTrail = (event: string): string =>
  `To find out who made the change, search CloudTrail for the event ${event}. IAM records its events in us-east-1 (AWS China: cn-north-1, AWS GovCloud: us-gov-west-1).`;
