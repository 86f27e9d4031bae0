/** Reads providers and roles from IAM, and updates thumbprints. */
import {
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListAttachedRolePoliciesCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { setMaxListeners } from 'node:events';
import type { Outcome, Provider, Role } from '../domain/types';
import { awsFailure } from './aws-errors';
import { boundedBy } from './aws-limits';
import type { AwsLimits } from './aws-limits';
import { slots } from './slots';

/**
 * IAM serves many connections but throttles; with fewer than 16 sockets the Gets of a large account are the
 * bottleneck.
 */
const SOCKETS = 16;
/**
 * The limits of the deployed function. The SDK's default of 3 attempts loses calls under IAM's throttling.
 */
export const IAM_LIMITS: AwsLimits = {
  attempts: 10,
  retryMode: 'adaptive',
  connectMs: 3_000,
  requestMs: 10_000,
};

/**
 * A client for one container: it is reused between invocations, with its connections. IAM is global, but its
 * client requires a region; without one here it uses that of the environment or the profile.
 *
 * A call begins when there is a socket for it. The SDK's connection timeout counts the wait for a socket,
 * too: of hundreds of calls begun at once on a slow day the last ones would time out, be repeated, and be
 * lost.
 */
export function openIam({
  region,
  limits = IAM_LIMITS,
}: { readonly region?: string; readonly limits?: AwsLimits } = {}): IAMClient {
  const iam = new IAMClient({
    ...(region === undefined ? {} : { region }),
    ...boundedBy(limits, SOCKETS),
  });
  const sockets = slots(SOCKETS);
  iam.middlewareStack.add((next) => (args) => sockets(() => next(args)), { step: 'initialize' });
  return iam;
}

function until(over?: AbortSignal): { readonly abortSignal?: AbortSignal } {
  if (over === undefined) return {};
  // Each call in progress has a listener on it.
  setMaxListeners(0, over);
  return { abortSignal: over };
}

/** The ARNs of all OIDC providers of the account. The call does not page. */
export async function listProviders(iam: IAMClient): Promise<Outcome<readonly string[]>> {
  try {
    const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    return {
      ok: true,
      value: OpenIDConnectProviderList.flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn])),
    };
  } catch (error) {
    return { ok: false, failure: awsFailure(error, 'iam:ListOpenIDConnectProviders', '*') };
  }
}

/**
 * What one provider lists. `AWS_NOT_FOUND`: it is deleted. Once the run has ended (`over`), a read is not
 * repeated, and its connection is closed: nothing waits for its answer, and its retries would happen in
 * another run.
 */
export async function readProvider(
  iam: IAMClient,
  arn: string,
  over?: AbortSignal,
): Promise<Outcome<Provider>> {
  try {
    const question = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
    const answer = await iam.send(question, until(over));
    const { Url = '', ThumbprintList = [], ClientIDList = [] } = answer;
    return { ok: true, value: { arn, url: Url, thumbprints: ThumbprintList, audiences: ClientIDList } };
  } catch (error) {
    return { ok: false, failure: awsFailure(error, 'iam:GetOpenIDConnectProvider', arn) };
  }
}

/** Replaces the whole list of a provider. `AWS_CONFLICT`: there was a concurrent write. */
export async function updateThumbprints(
  iam: IAMClient,
  arn: string,
  list: readonly string[],
): Promise<Outcome<null>> {
  try {
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: arn,
        ThumbprintList: [...list],
      }),
    );
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, failure: awsFailure(error, 'iam:UpdateOpenIDConnectProviderThumbprint', arn) };
  }
}

/**
 * The alias of the account, of which there is at most one. Null: it has none, or the call failed, since a
 * message is complete without it. `over`: as above.
 */
export async function accountAlias(iam: IAMClient, over?: AbortSignal): Promise<string | null> {
  try {
    const { AccountAliases = [] } = await iam.send(new ListAccountAliasesCommand({}), {
      abortSignal: AbortSignal.any([AbortSignal.timeout(ALIAS_MS), ...(over === undefined ? [] : [over])]),
    });
    const [alias] = AccountAliases;
    return alias !== undefined && ALIAS.test(alias) ? alias : null;
  } catch {
    return null;
  }
}

/** An alert does not wait longer for it, however often IAM throttles. */
const ALIAS_MS = 3_000;
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html */
const ALIAS = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/;

/** The largest page of IAM. It may return less and say that there is more. */
const PAGE = 1_000;

/**
 * All roles of the account. Fails as a whole: half of the roles would make providers look unused. `over`: as
 * above.
 */
export async function listRoles(iam: IAMClient, over?: AbortSignal): Promise<Outcome<readonly Role[]>> {
  const roles: Role[] = [];
  try {
    for (let marker: string | undefined, more = true; more; more = marker !== undefined) {
      const question = new ListRolesCommand({ MaxItems: PAGE, Marker: marker });
      const page = await iam.send(question, until(over));
      for (const { Arn = '', RoleName = '', AssumeRolePolicyDocument = '' } of page.Roles ?? []) {
        roles.push({ arn: Arn, name: RoleName, trustPolicy: AssumeRolePolicyDocument });
      }
      marker = page.IsTruncated === true ? page.Marker : undefined;
    }
    return { ok: true, value: roles };
  } catch (error) {
    return { ok: false, failure: awsFailure(error, 'iam:ListRoles', '*') };
  }
}

/**
 * The ARNs of the managed policies of a role. A role has at most 25, a page holds 1,000. `over`: as above.
 */
export async function attachedPolicies(
  iam: IAMClient,
  roleName: string,
  over?: AbortSignal,
): Promise<Outcome<readonly string[]>> {
  try {
    const question = new ListAttachedRolePoliciesCommand({ RoleName: roleName, MaxItems: PAGE });
    const { AttachedPolicies = [] } = await iam.send(question, until(over));
    const value = AttachedPolicies.flatMap(({ PolicyArn }) => (PolicyArn === undefined ? [] : [PolicyArn]));
    return { ok: true, value };
  } catch (error) {
    return { ok: false, failure: awsFailure(error, 'iam:ListAttachedRolePolicies', `role/${roleName}`) };
  }
}
