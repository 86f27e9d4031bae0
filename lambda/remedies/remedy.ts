/** What a reader can do about a finding: prose, then commands that can be pasted whole. */
import {
  MOST_THUMBPRINTS,
  correctedList,
  isThumbprint,
  normaliseThumbprint,
} from '../core/certificates/thumbprint';
import { circleCiOrgOf } from '../core/issuer';
import { quote } from '../core/text/quote';
import { iamCommand, withCommand } from './command';
import type { Command } from './command';

/** The command that lists `expected` and keeps what is listed, or what to decide first where the list is full. */
export function correctionRemedy(
  provider: { readonly arn: string; readonly thumbprints: readonly string[] },
  expected: readonly string[],
): string {
  const list = correctedList(provider.thumbprints, expected);
  if (list.length > MOST_THUMBPRINTS) {
    return `The list would hold ${list.length} thumbprints; IAM permits ${MOST_THUMBPRINTS}. Decide which entries to give up, then add ${expected.join(' ')}.`;
  }
  return withCommand(
    'List the certificates that are served now, beside those listed before',
    updateCommand(provider.arn, [...provider.thumbprints, ...expected]),
  );
}

/** The same list as Terraform writes it, or null where IAM would not take it. */
export function terraformList(listed: readonly string[], expected: readonly string[]): string | null {
  const list = correctedList(listed, expected);
  if (list.length > MOST_THUMBPRINTS || malformedEntries(listed).length > 0) return null;
  return ['  thumbprint_list = [', ...list.map((each) => `    "${each}",`), '  ]'].join('\n');
}

/** Entries of a list that are no thumbprints in any spelling. */
export const malformedEntries = (list: readonly string[]): readonly string[] =>
  list.filter((entry) => !isThumbprint(normaliseThumbprint(entry)));

/**
 * IAM replaces the whole list, so the command carries the full new one. An entry that is no thumbprint can neither be
 * carried nor left out unasked: no command then.
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

/** Creates a provider. A CircleCI org's audience is its id; other issuers' audiences are theirs to choose. */
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

/** Replaces a role's trust policy by the one in a file. A role is named by what follows the path in its ARN. */
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
