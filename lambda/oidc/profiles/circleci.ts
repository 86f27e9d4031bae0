/** CircleCI's issuers: whose tokens they sign. */
import type { TokenSource } from '../../iam-policy/tokens';
import { circleCiOrgOf, isCircleCi } from '../issuer';

/**
 * The tokens that an issuer signs; null if it is not CircleCI's. A slash at the end or capitals change
 * nothing here.
 */
export function tokenSource(
  issuer: string,
  configuredIssuers: readonly string[],
  audiences: readonly string[] | null,
): TokenSource | null {
  if (!isCircleCi(issuer, configuredIssuers)) return null;
  const written = issuer.replace(/\/+$/, '').toLowerCase();
  const org = circleCiOrgOf(written);
  const prefix = issuer.replace(/^https:\/\//i, '').toLowerCase();
  // IAM rejects every token if no audience is listed: then it is not known which are meant to pass.
  const listed = audiences === null || audiences.length === 0 ? null : audiences;
  const kind = isCircleCi(issuer, []) ? 'cloud' : 'server';
  if (org !== null) return { kind, org, prefix, audiences: listed };
  return new URL(written).pathname === '/' ? { kind: 'root', org: null, prefix, audiences: listed } : null;
}
