/** What a run could know of a target, derived from the answers that it received and from nothing else. */
import type { Run } from './run';
import type { Site } from './world';

/** `unseen`: nothing may follow from this run. */
export type Sight =
  | { readonly kind: 'unseen' }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'seen';
      readonly listed: readonly string[];
      readonly expected: readonly string[];
      /** What AWS might take and the list lacks. */
      readonly missing: readonly string[];
      readonly isWhole: boolean;
    };

/** Null: the run had no reason to check, since nothing named the target to it. */
export function sightOf(run: Run, { issuer, arn, host, isConfigured }: Site): Sight | null {
  const isListed = run.listing?.includes(arn) === true;
  if (!isListed && !isConfigured) return null;
  const probe = run.probes.get(host);
  const isBlind = run.documents.get(issuer) !== true || probe === undefined || probe.tops.length === 0;
  if (run.listing === null || isBlind) return { kind: 'unseen' };
  const list = isListed ? run.lists.get(arn) : 'missing';
  if (list === null || list === undefined) return { kind: 'unseen' };
  if (list === 'missing') return { kind: 'missing' };
  const missing = probe.tops.filter((top) => !list.thumbprints.includes(top));
  return { kind: 'seen', listed: list.thumbprints, expected: probe.tops, missing, isWhole: probe.isWhole };
}

const DAY_MS = 86_400_000;

/** CERT001 of a site's host: how near the end of its first certificate is. Null: it could not be probed completely. */
export function expiryOf(run: Run, { host }: Site, days: number): 'far' | 'soon' | 'urgent' | null {
  const probe = run.probes.get(host);
  if (probe?.expires == null) return null;
  const left = (probe.expires - run.startedAt) / DAY_MS;
  if (left < 0 || left > days) return probe.isWhole ? 'far' : null;
  return left <= 7 ? 'urgent' : 'soon';
}
