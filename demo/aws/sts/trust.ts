/** Whether a role's trust policy lets a token in. */
import { readPolicy } from '../../../lambda/iam-policy/parse';
import { applicableStatements, isAllowed } from '../../../lambda/iam-policy/evaluate';
import { PROJECT_CLAIM } from '../../../lambda/iam-policy/tokens';
import type { TokenSource } from '../../../lambda/iam-policy/tokens';
import type { Claims } from './jwt';

/** A provider, and the audience of the token that came by it. */
export interface Origin {
  readonly providerArn: string;
  /** The provider's URL without `https://`. */
  readonly url: string;
  readonly audience: string;
}

/** What depends on keys that are not evaluated here, source address and time for instance, lets nobody in. */
export function letsIn(trustPolicy: string, { sub, ...claims }: Claims, origin: Origin): boolean {
  const policy = readPolicy(trustPolicy);
  if (!policy.ok) return false;
  const project = claims[PROJECT_CLAIM];
  const bearings = applicableStatements(
    policy.statements,
    sourceOf(origin, project !== undefined),
    origin.providerArn,
  );
  return isAllowed(bearings, { sub, org: '', project: project ?? '', aud: origin.audience });
}

/** STS maps the project claim for orgs of circleci.com only. Here, a port does not make it another host. */
function sourceOf({ url, audience }: Origin, hasProject: boolean): TokenSource {
  const isCloud = /^oidc\.circleci\.com(:\d+)?\/org\//.test(url);
  const kind = isCloud && hasProject ? 'cloud' : 'server';
  return { kind, org: null, prefix: url.toLowerCase(), audiences: [audience] };
}
