/** The AWS account that the audit reads, or no account with `--no-aws`. */
import type { Outcome } from '../lambda/domain/types';
import { failure } from '../lambda/domain/errors';
import { quote } from '../lambda/text/quote';
import type { Ports } from '../lambda/ports';
import { namedRegion } from './region';
import type { Shell } from './shell';
import { UsageError } from './usage-error';

type AuditedAccount = Pick<Ports, 'listProviders' | 'readProvider' | 'listRoles' | 'attachedPolicies'>;

/** IAM is global: if no region is configured, this one is used. */
const DEFAULT_REGION = 'us-east-1';

/** If the chosen profile does not exist, the SDK does not say so. */
function credentialsRemedy(profile = ''): string {
  const choose = profile === '' ? 'set AWS_PROFILE' : `correct AWS_PROFILE (${quote(profile)})`;
  return `Log in (aws sso login, aws configure) or ${choose}; with --no-aws and --org or --issuer none are needed.`;
}

/** Reads IAM with the credentials that the SDK finds. Throws UsageError if there are none that are valid. */
export async function openAccount({ environment }: Pick<Shell, 'environment'>): Promise<AuditedAccount> {
  const { attachedPolicies, listProviders, listRoles, openIam, readProvider } =
    await import('../lambda/adapters/iam');
  const chosen = openIam(namedRegion({ environment }));
  const hasRegion = await chosen.config.region().then(
    () => true,
    () => false,
  );
  const iam = hasRegion ? chosen : openIam({ region: DEFAULT_REGION });
  return {
    listProviders: async () => refuseCredentials(await listProviders(iam), environment['AWS_PROFILE']),
    readProvider: (arn) => readProvider(iam, arn),
    listRoles: () => listRoles(iam),
    attachedPolicies: (roleName) => attachedPolicies(iam, roleName),
  };
}

function refuseCredentials<T>(outcome: Outcome<T>, profile: string | undefined): Outcome<T> {
  if (!outcome.ok && outcome.failure.code === 'AWS_CREDENTIALS') {
    throw new UsageError(`${outcome.failure.message} ${credentialsRemedy(profile)}`);
  }
  return outcome;
}

const SKIPPED = {
  ok: false,
  failure: failure(
    'iam',
    'AWS_SKIPPED',
    'IAM was not asked (--no-aws): what is listed there is not known. `expected` is what it should list.',
  ),
} as const;

/** For `--no-aws`. */
export const noAccount: AuditedAccount = {
  listProviders: () => Promise.resolve(SKIPPED),
  readProvider: () => Promise.resolve(SKIPPED),
  listRoles: () => Promise.resolve(SKIPPED),
  attachedPolicies: () => Promise.resolve(SKIPPED),
};
