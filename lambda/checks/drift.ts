/** The verdict on thumbprints: what is listed, what is expected, and whether AWS consults the list. */
import type { EnforcedBasis, Finding, Status } from '../domain/types';
import { evaluateGaps } from './drift-findings';
import type { EvaluatedHost } from './host';
import { normaliseThumbprint } from '../x509/thumbprint';
import type { AnchoredOnce } from '../remedies/remedy';

/**
 * What a provider lists, and what its hosts serve: the JWKS host first, then the discovery host if it
 * differs.
 */
export interface DriftQuestion {
  /** Null: the provider is missing, so nothing can drift. */
  readonly provider: { readonly arn: string; readonly thumbprints: readonly string[] } | null;
  readonly hosts: readonly EvaluatedHost[];
  /** Thumbprints that earlier runs found anchored; null: not known. */
  readonly anchoredOnce?: AnchoredOnce | null;
}

/** The answer. `expected` is sorted, lower case. */
export interface DriftVerdict {
  readonly status: Extract<Status, 'in-sync' | 'drifted' | 'provider-missing'>;
  readonly enforced: boolean | null;
  readonly basis: EnforcedBasis;
  readonly expected: readonly string[];
  /** Those of them that may be listed: sorted. */
  readonly proposed: readonly string[];
  readonly findings: readonly Finding[];
}

/** Most severe first: of the JWKS host and the discovery host the more severe one counts. */
const BASES: readonly EnforcedBasis[] = ['private-ca', 'tls13-only', 'unknown', 'public-ca'];

/** Evaluates one provider against the hosts it depends on. */
export function evaluateDrift({ provider, hosts, anchoredOnce = null }: DriftQuestion): DriftVerdict {
  const expected = [...new Set(hosts.flatMap((host) => host.expected))].sort();
  const proposed = [...new Set(hosts.flatMap((host) => host.proposed))].sort();
  const basis = BASES.find((one) => hosts.some((host) => host.basis === one)) ?? 'unknown';
  const enforced = enforcedBy(basis);
  const verdict = { enforced, basis, expected, proposed };
  if (provider === null) return { ...verdict, status: 'provider-missing', findings: [] };
  const listed = provider.thumbprints.map(normaliseThumbprint);
  const drifted =
    listed.length === 0 ? enforced === true : expected.some((thumbprint) => !listed.includes(thumbprint));
  if (!drifted) return { ...verdict, status: 'in-sync', findings: [] };
  const gaps = evaluateGaps({ provider, hosts, listed, proposed, enforced, basis, anchoredOnce });
  return { ...verdict, status: 'drifted', findings: [...gaps] };
}

function enforcedBy(basis: EnforcedBasis): boolean | null {
  switch (basis) {
    case 'private-ca':
    case 'tls13-only':
      return true;
    case 'public-ca':
      return false;
    case 'unknown':
      return null;
  }
}
