/** Which issuers a run collects: those that the configuration names and those of the account's providers. */
import type { MonitorConfig } from '../config/config';
import type { Target } from '../domain/types';
import { circleCiIssuer, isCircleCi, issuerOfProviderArn } from '../oidc/issuer';

/** The configured issuers: orgs first, as their CircleCI issuers. */
export const configuredIssuers = (config: MonitorConfig): readonly string[] => [
  ...new Set([...config.orgs.map(circleCiIssuer), ...config.issuers]),
];

/**
 * One target per issuer and provider: each configured issuer, with or without a provider, and each listed
 * provider that is configured or that `discover` includes. Providers whose ARN cannot be parsed are left out.
 */
export function findTargets(config: MonitorConfig, providerArns: readonly string[]): readonly Target[] {
  const configured = configuredIssuers(config);
  const listed = providerArns.flatMap((providerArn) => {
    const issuer = issuerOfProviderArn(providerArn);
    return issuer === null ? [] : [{ issuer, providerArn, configured: configured.includes(issuer) }];
  });
  const missing = configured.filter((issuer) => !listed.some((target) => target.issuer === issuer));
  return [
    ...listed.filter((target) => target.configured || isDiscovered(target.issuer, config)),
    ...missing.map((issuer) => ({ issuer, providerArn: null, configured: true })),
  ];
}

function isDiscovered(issuer: string, config: MonitorConfig): boolean {
  switch (config.discover) {
    case 'all':
      return true;
    case 'circleci':
      return isCircleCi(issuer, config.issuers);
    case 'none':
      return false;
  }
}
