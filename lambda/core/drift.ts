/** The verdict on thumbprints: what is listed, what AWS might meet, and whether AWS looks. */
import type { EnforcedBasis, Finding, Severity, Status } from './domain';
import { hostName } from './host';
import type { JudgedHost } from './host';
import { isKnownRoot } from './known-certificates';
import { correctionRemedy } from './remedy';
import { normaliseThumbprint } from './thumbprint';

/** What a provider lists, and what its hosts serve: the JWKS host first, then the discovery host if it differs. */
export interface DriftQuestion {
  /** Null: the provider is missing, so nothing can drift. */
  readonly provider: { readonly arn: string; readonly thumbprints: readonly string[] } | null;
  readonly hosts: readonly JudgedHost[];
}

/** The answer. `expected` is sorted, lower case. */
export interface DriftVerdict {
  readonly status: Extract<Status, 'in-sync' | 'drifted' | 'provider-missing'>;
  readonly enforced: boolean | null;
  readonly basis: EnforcedBasis;
  readonly expected: readonly string[];
  readonly findings: readonly Finding[];
}

/** Gravest first: what the JWKS or the discovery host shows, the graver counts. */
const BASES: readonly EnforcedBasis[] = ['private-ca', 'tls13-only', 'unknown', 'public-ca'];

/** Judges one provider against the hosts it depends on. */
export function judgeDrift({ provider, hosts }: DriftQuestion): DriftVerdict {
  const expected = [...new Set(hosts.flatMap((host) => host.expected))].sort();
  const basis = BASES.find((one) => hosts.some((host) => host.basis === one)) ?? 'unknown';
  const enforced = enforcedBy(basis);
  const verdict = { enforced, basis, expected };
  if (provider === null) return { ...verdict, status: 'provider-missing', findings: [] };
  const listed = provider.thumbprints.map(normaliseThumbprint);
  const drifted =
    listed.length === 0 ? enforced === true : expected.some((thumbprint) => !listed.includes(thumbprint));
  if (!drifted) return { ...verdict, status: 'in-sync', findings: [] };
  const question = { hosts, listed, enforced };
  const remedy = remedyFor(provider, hosts, expected);
  const findings = hosts.flatMap((host) => {
    const gap = gapOf(host, question);
    return gap === null ? [] : [{ ...gap.finding, message: tell(gap, basis, hosts), remedy }];
  });
  return { ...verdict, status: 'drifted', findings };
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

interface Question {
  readonly hosts: readonly JudgedHost[];
  readonly listed: readonly string[];
  readonly enforced: boolean | null;
}

/** What the list lacks of one host. `certain`: where AWS consults the list, no login passes. */
interface Gap {
  readonly host: JudgedHost;
  readonly finding: Pick<Finding, 'check' | 'severity'>;
  readonly fact: string;
  readonly certain: boolean;
}

function gapOf(host: JudgedHost, { hosts, listed, enforced }: Question): Gap | null {
  const [jwks] = hosts;
  const missing = host.expected.filter((thumbprint) => !listed.includes(thumbprint));
  // What both hosts lack is told of the first one.
  const untold = host === jwks ? missing : missing.filter((one) => !jwks?.expected.includes(one));
  if (untold.length === 0) return null;
  const name = hostName(host.host);
  const partial = (check: Finding['check'], fact: string): Gap => ({
    host,
    finding: { check, severity: enforced === true ? 'high' : 'low' },
    fact,
    certain: false,
  });
  if (missing.length < host.expected.length) {
    return partial(
      'THUMB006',
      `${name} serves chains that end in different certificates, by address or key type, and ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not listed. Which chain AWS meets is not documented.`,
    );
  }
  if (pathOf(host).some((thumbprint) => listed.includes(thumbprint))) {
    return partial(
      'THUMB002',
      `Only a lower certificate of the chain of ${name} is listed: it changes at its next renewal. AWS documents only the top certificate; lists with a lower one have worked until it was renewed.`,
    );
  }
  const finding = { check: host === jwks ? 'THUMB001' : 'THUMB007', severity: severityOf(enforced) } as const;
  const fact =
    host === jwks
      ? `No certificate that ${name} serves is listed.`
      : `The discovery host ${name} uses other certificates than the JWKS host, and they are not listed. AWS asks to list both.`;
  return { host, finding, fact: `${fact}${unservedRoots(host, listed)}`, certain: true };
}

/** The old mistake of tools that take the root from a local trust store. */
function unservedRoots({ rootsAbove, chains }: JudgedHost, listed: readonly string[]): string {
  const issuers = chains.flatMap(({ tops }) => tops.map(({ issuer }) => issuer));
  const roots = listed.filter(
    (one) => rootsAbove.includes(one) || issuers.some((issuer) => isKnownRoot(one, issuer)),
  );
  return roots.length === 0
    ? ''
    : ` The list holds ${roots.join(', ')}, this chain's root, which the server does not send.`;
}

const pathOf = (host: JudgedHost): readonly string[] =>
  host.chains.flatMap(({ certificates }) =>
    certificates.filter(({ onPath }) => onPath).map(({ thumbprint }) => thumbprint),
  );

function severityOf(enforced: boolean | null): Severity {
  if (enforced === null) return 'medium';
  return enforced ? 'critical' : 'low';
}

/** The fact, then what it means for logins. The basis may be another host's than the gap. */
function tell({ host, fact, certain }: Gap, basis: EnforcedBasis, hosts: readonly JudgedHost[]): string {
  const decisive = host.basis === basis ? host : hosts.find((one) => one.basis === basis);
  return `${fact} ${consequenceFor(basis, hostName((decisive ?? host).host), certain)}`;
}

/** What happens to logins today, in words. `certain`: AWS meets what is not listed whichever way it comes. */
export function consequenceFor(basis: EnforcedBasis, host: string, certain = true): string {
  const source = 'By AWS documentation, and as far as we can see from here,';
  const logins = certain ? 'Logins fail.' : 'Logins may fail.';
  switch (basis) {
    case 'public-ca':
      return `No login is affected today. ${source} AWS trusts the certificate authority of ${host} by itself and does not consult the list.`;
    case 'private-ca':
      return `${logins} ${source} AWS does not trust the certificate of ${host} by itself and accepts only what is listed.`;
    case 'tls13-only':
      return `${logins} ${source} AWS accepts only what is listed where a server such as ${host} requires TLS 1.3.`;
    case 'unknown':
      return `Whether logins are affected is not known. ${source} it depends on whether AWS consults the list for ${host}, and that could not be seen.`;
  }
}

/** What cannot be verified from here may be a stranger's: nobody should list it unseen. */
function remedyFor(
  provider: NonNullable<DriftQuestion['provider']>,
  hosts: readonly JudgedHost[],
  expected: readonly string[],
): string {
  const doubtful = hosts.filter(({ chains }) =>
    chains.some(({ reported, anchored }) => !reported.publiclyTrusted && !anchored),
  );
  const correction = correctionRemedy(provider, expected);
  if (doubtful.length === 0) return correction;
  const names = doubtful.map(({ host }) => hostName(host)).join(' and ');
  return `The chain of ${names} could not be verified from here: first ask whoever runs it whether these are its certificates. ${correction}`;
}
