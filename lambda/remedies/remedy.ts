/** What a reader can do about a finding: prose, then commands that can be pasted whole. */
import { MAX_THUMBPRINTS, correctedList, isThumbprint, normaliseThumbprint } from '../x509/thumbprint';
import { circleCiOrgOf } from '../oidc/issuer';
import { quote } from '../text/quote';
import { iamCommand, withCommand } from './command';
import type { Command } from './command';

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
    'List the certificates that are served now, beside those listed before',
    updateCommand(provider.arn, [...provider.thumbprints, ...proposed]),
  );
}

/**
 * What to do about a list that has no room. Entries that were never anchored are removed first: those that
 * were served without an anchor, then those that no host served. No command removes an entry that was
 * anchored once.
 */
export function fullRemedy(
  { arn, thumbprints }: ListedProvider,
  proposed: readonly string[],
  anchoredOnce: AnchoredOnce | null,
): string {
  const list = correctedList(thumbprints, proposed);
  const excess = list.length - MAX_THUMBPRINTS;
  const add = `then add ${proposed.join(' ')}`;
  const full = `The list would hold ${list.length} thumbprints; IAM permits ${MAX_THUMBPRINTS}.`;
  if (anchoredOnce === null || anchoredOnce.anchored.length === 0)
    return `${full} Which entries were ever verified is not known here. Decide which to give up, first those that were never verified, ${add}.`;
  const { anchored, known } = anchoredOnce;
  const never = list.filter((each) => !anchored.includes(each) && !proposed.includes(each));
  const first = [
    ...never.filter((each) => known.includes(each)),
    ...never.filter((each) => !known.includes(each)),
  ].slice(0, excess);
  if (first.length < excess)
    return `${full} All but ${first.length === 0 ? 'none' : first.join(', ')} were verified in earlier runs. Decide which to give up, ${add}.`;
  const remaining = [...thumbprints, ...proposed].filter(
    (each) => !first.includes(normaliseThumbprint(each)),
  );
  return withCommand(
    `${full} Never seen on a verified path: ${first.join(', ')}. If nobody needs that, this command gives it up`,
    updateCommand(arn, remaining),
  );
}

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
      `${thumbprint} (${subject}) has the SHA-256 fingerprint ${parsed.fingerprint256}`,
    ]),
  );
  return `Nothing here is verified, so compare it with the CA file on the issuer's server (openssl x509 -noout -fingerprint -sha256 -in FILE): ${[...values.values()].join('; ')}. If they are equal, name that CA in trustAnchors.`;
}

/** For hosts without any anchor: compare, name the CA, and only then the command, which is not verified. */
export function unverifiedRemedy(
  { arn, thumbprints }: ListedProvider,
  hosts: readonly { readonly chains: readonly ComparedChain[]; readonly expected: readonly string[] }[],
  proposed: readonly string[],
): string {
  const added = [...proposed, ...hosts.flatMap(({ expected }) => expected)];
  const list = correctedList(thumbprints, added);
  const compare = compareFingerprints(hosts.flatMap(({ chains }) => chains));
  if (list.length > MAX_THUMBPRINTS)
    return `${compare} The list would then hold ${list.length} thumbprints; IAM permits ${MAX_THUMBPRINTS}: decide which to give up.`;
  return withCommand(
    `${compare} Only after that comparison, list it with this command, whose values are not verified`,
    updateCommand(arn, [...thumbprints, ...added]),
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
      problem: `No command is printed, because it would replace the whole list, and the list has entries that are not thumbprints: ${entries}. Repair or remove them first (THUMB004).`,
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

/** Creates a provider. A CircleCI org's audience is its id; other issuers choose their audiences. */
export function createCommand(issuer: string): Command {
  const org = URL.canParse(issuer) ? circleCiOrgOf(issuer) : null;
  return iamCommand('create-open-id-connect-provider', [
    { name: '--url', kind: 'issuer URL', values: [issuer] },
    org === null
      ? { name: '--client-id-list', own: 'AUDIENCE' }
      : { name: '--client-id-list', kind: 'audience', values: [org] },
  ]);
}

/** Lets a provider accept one more audience. */
export const addAudienceCommand = (arn: string, audience: string): Command =>
  iamCommand('add-client-id-to-open-id-connect-provider', [
    { name: '--open-id-connect-provider-arn', kind: 'provider ARN', values: [arn] },
    { name: '--client-id', kind: 'audience', values: [audience] },
  ]);

/**
 * Replaces a role's trust policy by the one in a file. The name of a role is what follows the path in its
 * ARN.
 */
export const replaceTrustPolicy = (roleArn: string): Command =>
  iamCommand('update-assume-role-policy', [
    { name: '--role-name', kind: 'role name', values: [roleArn.replace(/^.*\//s, '')] },
    { name: '--policy-document', own: 'file://trust-policy.json' },
  ]);

/** Lists the providers of an account. */
export const LIST_PROVIDERS = 'aws iam list-open-id-connect-providers';

/** Where to find who changed something in IAM. `event`: its name in CloudTrail. */
export const lookInCloudTrail = (event: string): string =>
  `Look for it in CloudTrail, region us-east-1 (the first region of the partition), where IAM writes its events: ${event}.`;
