/** Which issuers a run collects: those that the configuration names and those of the accounts' providers. */
import type { Assignment } from '../config/assignment';
import type { MonitorConfig } from '../config/config';
import { narrow } from '../config/event';
import type { AccountFacts, IssuerFacts, TargetFacts } from '../domain/facts';
import type { Outcome, Target } from '../domain/types';
import { configuredIssuers, isDiscovered } from '../config/scope';
import { issuerOfProviderArn } from '../oidc/issuer';
import { notRead } from './issuers';

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

/**
 * The targets of each account that a run audits, in the order of the accounts. Throws EventError if the event
 * names an issuer that is permitted in none of them, and AccessError if that is not known.
 */
export function selectTargets(
  accounts: readonly Pick<AccountFacts, 'providerArns'>[],
  { event, config }: Pick<Assignment, 'event' | 'config'>,
): readonly (readonly Target[])[] {
  const permitted = accounts.map(({ providerArns }) =>
    findTargets(config, providerArns.ok ? providerArns.value : []),
  );
  const [unlisted = null] = accounts.flatMap(({ providerArns }) =>
    providerArns.ok ? [] : [providerArns.failure],
  );
  const chosen = new Set(
    narrow(
      event,
      permitted.flat().map(({ issuer }) => issuer),
      unlisted,
    ),
  );
  return permitted.map((targets) => targets.filter(({ issuer }) => chosen.has(issuer)));
}

/** What is known of one target: what its issuer served, and its provider. */
export function targetFacts(
  target: Target,
  account: Pick<AccountFacts, 'providerArns' | 'providers'>,
  issuers: ReadonlyMap<string, IssuerFacts>,
): TargetFacts {
  const issuer = issuers.get(target.issuer) ?? notRead(target.issuer);
  const provider = providerOf(target, account);
  // A half of a target proves nothing: neither that the list fits, nor that it does not.
  if (!isLate(issuer.discovery) && !isLate(provider)) return { target, ...issuer, provider };
  const nothing = notRead(target.issuer);
  return { target, ...nothing, provider: nothing.discovery };
}

/** An account whose providers could not be listed may have this one or not. */
function providerOf(
  { providerArn }: Target,
  { providerArns, providers }: Pick<AccountFacts, 'providerArns' | 'providers'>,
): TargetFacts['provider'] {
  if (providerArn === null) return providerArns.ok ? null : providerArns;
  return providers.find(({ arn }) => arn === providerArn)?.provider ?? null;
}

const isLate = (outcome: Outcome<unknown> | null): boolean =>
  outcome?.ok === false && outcome.failure.step === 'deadline';
