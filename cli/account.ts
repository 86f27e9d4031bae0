/** The AWS account that the audit reads, or no account with `--no-aws`. */
import { failure } from '../lambda/domain/errors';
import type { Failure } from '../lambda/domain/errors';
import { quote } from '../lambda/text/quote';
import type { Ports } from '../lambda/ports';
import type { AwsFlags } from './aws-flags';
import { hostNotFound, unresolvedHost } from './aws-problems';
import { namedRegion } from './region';
import type { Shell } from './shell';
import { UsageError } from './usage-error';

type AuditedAccount = Pick<Ports, 'listProviders' | 'readProvider' | 'listRoles' | 'attachedPolicies'>;

/** IAM is global: if no region is configured, this one is used. */
const DEFAULT_REGION = 'us-east-1';

/** If the profile in AWS_PROFILE does not exist, the SDK does not say so. */
function credentialsRemedy(profile = ''): string {
  const other = profile === '' ? 'choose a profile' : `choose another profile than ${quote(profile)}`;
  return `Log in (aws sso login, aws configure), or ${other} with --profile. An audit with --no-aws and --org or --issuer needs no credentials.`;
}

/** Reads IAM with the credentials that the SDK finds. Throws UsageError if there are none that are valid. */
export async function openAccount(
  { region }: AwsFlags,
  { environment }: Pick<Shell, 'environment'>,
): Promise<AuditedAccount> {
  const { attachedPolicies, listProviders, listRoles, openIam, readProvider } =
    await import('../lambda/adapters/iam');
  const chosen = openIam(namedRegion({ environment }));
  const hasRegion = await chosen.config.region().then(
    () => true,
    () => false,
  );
  const iam = hasRegion ? chosen : openIam({ region: DEFAULT_REGION });
  return {
    listProviders: async () => {
      const outcome = await listProviders(iam);
      const problem = outcome.ok
        ? null
        : accessProblem(outcome.failure, { region, profile: environment['AWS_PROFILE'] });
      if (problem !== null) throw new UsageError(problem);
      return outcome;
    },
    readProvider: (arn) => readProvider(iam, arn),
    listRoles: () => listRoles(iam),
    attachedPolicies: (roleName) => attachedPolicies(iam, roleName),
  };
}

/**
 * Without credentials or with a wrong region no call can succeed, so there is nothing to report: a sentence for the
 * user. Null: another failure. `region`: of `--region`; `profile`: of AWS_PROFILE.
 */
export function accessProblem(
  { code, message, detail = '' }: Failure,
  { region, profile }: { readonly [Key in keyof AwsFlags]: AwsFlags[Key] | undefined },
): string | null {
  if (code === 'AWS_CREDENTIALS') return `${message} ${credentialsRemedy(profile)}`;
  const host = unresolvedHost(detail);
  return host === null || region === undefined ? null : hostNotFound(host, region);
}

const SKIPPED = {
  ok: false,
  failure: failure(
    'iam',
    'AWS_SKIPPED',
    'IAM was not read (--no-aws), so the thumbprint list, the audiences and the roles were not checked.',
  ),
} as const;

/** For `--no-aws`. */
export const noAccount: AuditedAccount = {
  listProviders: () => Promise.resolve(SKIPPED),
  readProvider: () => Promise.resolve(SKIPPED),
  listRoles: () => Promise.resolve(SKIPPED),
  attachedPolicies: () => Promise.resolve(SKIPPED),
};
