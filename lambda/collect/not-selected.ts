/** The providers of an account that a run leaves out, so that a report without targets can name them. */
import type { Assignment } from '../config/assignment';
import { issuerOfProviderArn } from '../oidc/issuer';
import { firstAndMore } from '../text/list';
import { count } from '../text/layout';
import { abridge } from '../text/quote';
import { findTargets } from './targets';

const MAX_NAMED = 5;
const SCHEME = 'https://';

const BY_CONFIGURATION = 'set "discover" to "all", or add issuer URLs to "issuers"';

/**
 * The note of a run that watches nothing although the account has providers; null if it watches something, if
 * the event narrows it, or if the account has none.
 */
export function notSelectedNote(
  { event, config, selectBy }: Pick<Assignment, 'event' | 'config' | 'selectBy'>,
  providerArns: readonly string[],
): string | null {
  if (event.selection !== null || findTargets(config, providerArns).length > 0) return null;
  const issuers = providerArns.map(issuerOfProviderArn).filter((issuer) => issuer !== null);
  return issuers.length === 0 ? null : describeNotSelected(issuers, selectBy);
}

/** The note itself. `selectBy`: how to select providers, as a clause; by default with keys of the configuration. */
export function describeNotSelected(issuers: readonly string[], selectBy = BY_CONFIGURATION): string {
  const named = firstAndMore(issuers, MAX_NAMED, { show: (issuer) => abridge(issuer.slice(SCHEME.length)) });
  const [were, them] = issuers.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${count(issuers.length, 'OIDC provider')} of the account ${were} not selected: ${named}. To monitor ${them}, ${selectBy}.`;
}
