/** What a reader can do about a finding: prose, then commands that can be pasted whole. */
import { circleCiOrgOf } from '../core/issuer';
import { command, shellWord } from './command';
import { MOST_THUMBPRINTS, correctedList } from '../core/certificates/thumbprint';

/** The command that lists `expected` and keeps what is listed, or what to decide first where the list is full. */
export function correctionRemedy(
  provider: { readonly arn: string; readonly thumbprints: readonly string[] },
  expected: readonly string[],
): string {
  const list = correctedList(provider.thumbprints, expected);
  if (list.length > MOST_THUMBPRINTS) {
    return `The list would hold ${list.length} thumbprints; IAM permits ${MOST_THUMBPRINTS}. Decide which entries to give up, then add ${expected.join(' ')}.`;
  }
  return `List the certificates that are served now, beside those listed before:\n${updateCommand(provider.arn, list)}`;
}

/** The same list as Terraform writes it, or null where IAM would not take it. */
export function terraformList(listed: readonly string[], expected: readonly string[]): string | null {
  const list = correctedList(listed, expected);
  if (list.length > MOST_THUMBPRINTS) return null;
  return ['  thumbprint_list = [', ...list.map((each) => `    "${each}",`), '  ]'].join('\n');
}

/** IAM replaces the whole list, so the command carries the full new one. */
export const updateCommand = (arn: string, list: readonly string[]): string =>
  command([
    'aws iam update-open-id-connect-provider-thumbprint',
    `--open-id-connect-provider-arn ${shellWord(arn)}`,
    // The AWS CLI takes no empty list in its short form.
    `--thumbprint-list ${list.length === 0 ? "'[]'" : list.map(shellWord).join(' ')}`,
  ]);

/** Creates a provider. A CircleCI org's audience is its id; other issuers' audiences are theirs to choose. */
export const createCommand = (issuer: string): string =>
  command([
    'aws iam create-open-id-connect-provider',
    `--url ${shellWord(issuer)}`,
    `--client-id-list ${circleCiOrgOf(issuer) ?? 'AUDIENCE'}`,
  ]);

/** Lets a provider accept one more audience. */
export const addAudienceCommand = (arn: string, audience: string): string =>
  command([
    'aws iam add-client-id-to-open-id-connect-provider',
    `--open-id-connect-provider-arn ${shellWord(arn)}`,
    `--client-id ${shellWord(audience)}`,
  ]);

/** Replaces a role's trust policy by the one in a file. */
export const replaceTrustPolicy = (roleArn: string): string =>
  command([
    'aws iam update-assume-role-policy',
    `--role-name ${shellWord(roleArn.replace(/^.*\//s, ''))}`,
    '--policy-document file://trust-policy.json',
  ]);

/** Lists the providers of an account. */
export const LIST_PROVIDERS = command(['aws iam list-open-id-connect-providers']);

/** Where to find who changed something in IAM. `event`: its name in CloudTrail. */
export const lookInCloudTrail = (event: string): string =>
  `Look for it in CloudTrail, region us-east-1 (the first region of the partition), where IAM writes its events: ${event}.`;
