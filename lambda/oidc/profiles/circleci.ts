/** CircleCI's issuers: whose tokens they sign. */
import type { TokenSource } from '../../iam-policy/tokens';
import { circleCiOrgOf, isCircleCi } from '../issuer';

/** What tokens an issuer signs; null where it is not CircleCI's. A slash at the end or capitals change nothing here. */
export function tokenSource(
  issuer: string,
  configuredIssuers: readonly string[],
  audiences: readonly string[] | null,
): TokenSource | null {
  if (!isCircleCi(issuer, configuredIssuers)) return null;
  const written = issuer.replace(/\/+$/, '').toLowerCase();
  const org = circleCiOrgOf(written);
  const prefix = issuer.replace(/^https:\/\//i, '').toLowerCase();
  // IAM refuses every token where no audience is listed: then nothing is known of those that are meant to pass.
  const listed = audiences === null || audiences.length === 0 ? null : audiences;
  const kind = isCircleCi(issuer, []) ? 'cloud' : 'server';
  if (org !== null) return { kind, org, prefix, audiences: listed };
  return new URL(written).pathname === '/' ? { kind: 'root', org: null, prefix, audiences: listed } : null;
}
