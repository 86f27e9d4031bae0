/** The verdict on thumbprints: what is listed, what AWS might meet, and whether AWS looks. */
import type { EnforcedBasis, Finding, Severity, Status } from './domain';
import { hostName } from './host';
import type { JudgedHost } from './host';
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
  const remedy = correctionRemedy(provider, expected);
  const findings = hosts.flatMap((host, index) =>
    judgeHostDrift(host, index > 0, listed, { enforced, basis, remedy }),
  );
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

interface Consequence {
  readonly enforced: boolean | null;
  readonly basis: EnforcedBasis;
  readonly remedy: string;
}

function judgeHostDrift(
  host: JudgedHost,
  isSecondHost: boolean,
  listed: readonly string[],
  { enforced, basis, remedy }: Consequence,
): readonly Finding[] {
  const missing = host.expected.filter((thumbprint) => !listed.includes(thumbprint));
  if (missing.length === 0) return [];
  const name = hostName(host.host);
  const consequence = consequenceFor(basis, name);
  const finding = (check: Finding['check'], severity: Severity, fact: string): readonly Finding[] => [
    { check, severity, message: `${fact} ${consequence}`, remedy },
  ];
  if (missing.length < host.expected.length) {
    return finding(
      'THUMB006',
      enforced === true ? 'high' : 'low',
      `${name} serves chains that end in different certificates, by address or key type, and ${missing.join(', ')} is not listed. Which chain AWS meets is not documented.`,
    );
  }
  if (pathOf(host).some((thumbprint) => listed.includes(thumbprint))) {
    return finding(
      'THUMB002',
      enforced === true ? 'high' : 'low',
      `Only a lower certificate of the chain of ${name} is listed: it changes at its next renewal. AWS documents only the top certificate; lists with a lower one have worked until it was renewed.`,
    );
  }
  return isSecondHost
    ? finding(
        'THUMB007',
        severityOf(enforced),
        `The discovery host ${name} uses other certificates than the JWKS host, and they are not listed. AWS asks to list both.`,
      )
    : finding('THUMB001', severityOf(enforced), `No certificate that ${name} serves is listed.`);
}

const pathOf = (host: JudgedHost): readonly string[] =>
  host.chains.flatMap(({ certificates }) =>
    certificates.filter(({ onPath }) => onPath).map(({ thumbprint }) => thumbprint),
  );

function severityOf(enforced: boolean | null): Severity {
  if (enforced === null) return 'medium';
  return enforced ? 'critical' : 'low';
}

/** What happens to logins today, in words. */
export function consequenceFor(basis: EnforcedBasis, host: string): string {
  const source = 'By AWS documentation, and as far as we can see from here,';
  switch (basis) {
    case 'public-ca':
      return `No login is affected today. ${source} AWS trusts the certificate authority of ${host} by itself and does not consult the list.`;
    case 'private-ca':
      return `Logins fail. ${source} AWS does not trust the certificate of ${host} by itself and accepts only what is listed.`;
    case 'tls13-only':
      return `Logins fail. ${source} AWS accepts only what is listed where a server such as ${host} requires TLS 1.3.`;
    case 'unknown':
      return `Whether logins are affected is not known: whether AWS consults the list for ${host} could not be seen from here.`;
  }
}
