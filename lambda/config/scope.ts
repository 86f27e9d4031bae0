/** Which issuers a configuration reads, and whose thumbprint lists it permits to update. */
import { circleCiIssuer, isCircleCi } from '../oidc/issuer';
import type { MonitorConfig, UpdateMode } from './config';

/** The configured issuers: orgs first, as their CircleCI issuers. */
export const configuredIssuers = ({
  orgs,
  issuers,
}: Pick<MonitorConfig, 'orgs' | 'issuers'>): readonly string[] => [
  ...new Set([...orgs.map(circleCiIssuer), ...issuers]),
];

/** Whether the providers of an issuer are read if the account has one, although no target requires it. */
export function isDiscovered(
  issuer: string,
  { discover = 'all', issuers, updateIssuers }: Pick<MonitorConfig, 'discover' | 'issuers' | 'updateIssuers'>,
): boolean {
  // A list that may be updated must be read.
  if (updateIssuers.includes(issuer)) return true;
  switch (discover) {
    case 'all':
      return true;
    case 'circleci':
      return isCircleCi(issuer, issuers);
    case 'none':
      return false;
  }
}

/** What decides about updates. */
export type UpdateScope = Pick<MonitorConfig, 'update' | 'discover' | 'orgs' | 'issuers' | 'updateIssuers'>;

/** Whose lists may be updated. */
export interface UpdatableIssuers {
  /** Exactly these. */
  readonly named: readonly string[];
  /** And all whose URL begins with this; null: no others. */
  readonly prefix: string | null;
}

/** The issuers of all CircleCI orgs on circleci.com begin with this. */
const CIRCLECI_ORGS = circleCiIssuer('');

/**
 * The issuers whose lists may be updated: the configured ones, those of `updateIssuers`, and the CircleCI orgs
 * of the account if `discover` is not set or `circleci`. The policy of the function and the guards follow from
 * this. Reading more by default must not permit more updates, so `discover` is not only about reading here.
 */
export function updatableIssuers(config: UpdateScope): UpdatableIssuers {
  const { update, discover = 'circleci', updateIssuers } = config;
  if (update === 'off') return { named: [], prefix: null };
  const prefix = discover === 'circleci' ? CIRCLECI_ORGS : null;
  const named = [...new Set([...configuredIssuers(config), ...updateIssuers])];
  return { named: named.filter((issuer) => prefix === null || !issuer.startsWith(prefix)), prefix };
}

/** Whether the list of an issuer's provider may be updated. */
export function isUpdatable(issuer: string, config: UpdateScope): boolean {
  const { named, prefix } = updatableIssuers(config);
  return named.includes(issuer) || (prefix !== null && issuer.startsWith(prefix));
}

/** The update mode for one issuer. */
export const updateModeOf = (issuer: string, config: UpdateScope): UpdateMode =>
  isUpdatable(issuer, config) ? config.update : 'off';
