/** Expected thumbprints that a list lacks, and the consequences: THUMB001, 002, 006 and 007. */
import type { EnforcedBasis, Finding, Severity } from '../domain/types';
import { lacksAnchor, lacksAuthority } from './host';
import type { EvaluatedHost } from './host';
import { isKnownRoot } from '../x509/known-certificates';
import { compareFingerprints, correctionRemedy, unverifiedRemedy } from '../remedies/remedy';
import type { AnchoredOnce } from '../remedies/remedy';
import { LOGINS_FAIL, LOGINS_UNKNOWN, NO_LOGIN_AFFECTED } from '../domain/logins';
import { missingFrom } from '../x509/thumbprint';
import { hostName } from '../domain/host';

/** A list that lacks something. Thumbprints are lower case; the JWKS host comes first. */
export interface LackingList {
  readonly provider: { readonly arn: string; readonly thumbprints: readonly string[] };
  readonly hosts: readonly EvaluatedHost[];
  readonly listed: readonly string[];
  readonly proposed: readonly string[];
  readonly enforced: boolean | null;
  readonly basis: EnforcedBasis;
  /** Thumbprints that earlier runs found anchored; null: not known. */
  readonly anchoredOnce: AnchoredOnce | null;
}

/** One finding for each host that the list does not cover completely. */
export function* evaluateGaps(list: LackingList): Generator<Finding> {
  const remedy = remedyForDrift(list);
  for (const host of list.hosts) {
    const gap = gapOf(host, list);
    if (gap === null) continue;
    yield {
      check: gap.check,
      severity: gap.severity,
      subject: missingOf(host, list.listed).join(' '),
      message: `${gap.fact} ${describeGap(host, gap, list)}`,
      remedy,
    };
  }
}

const missingOf = ({ expected }: EvaluatedHost, listed: readonly string[]): readonly string[] =>
  expected.filter((thumbprint) => !listed.includes(thumbprint));

/** `certain`: if AWS consults the list, no login passes. */
interface Gap extends Pick<Finding, 'check' | 'severity'> {
  readonly fact: string;
  readonly certain: boolean;
}

function gapOf(host: EvaluatedHost, { hosts: [jwks], listed, enforced }: LackingList): Gap | null {
  const missing = missingOf(host, listed);
  // What the list lacks for both hosts is reported for the first one.
  const untold = host === jwks ? missing : missing.filter((one) => !jwks?.expected.includes(one));
  if (untold.length === 0) return null;
  if (missing.length < host.expected.length) return severalEnds(host, missing, enforced);
  if (pathOf(host).some((thumbprint) => listed.includes(thumbprint))) return onlyLower(host, enforced);
  const fact =
    host === jwks
      ? `The thumbprint list contains none of the certificates that ${hostName(host.host)} sends.`
      : `The discovery host ${hostName(host.host)} serves other certificates than the host of the signing keys, and none of them is listed. The AWS documentation asks for the thumbprints of both hosts.`;
  return {
    check: host === jwks ? 'THUMB001' : 'THUMB007',
    severity: severityOfDrift(enforced),
    fact: `${fact}${unservedRoots(host, listed)}`,
    certain: true,
  };
}

const severalEnds = ({ host }: EvaluatedHost, missing: readonly string[], enforced: boolean | null): Gap => ({
  check: 'THUMB006',
  severity: enforced === true ? 'high' : 'low',
  fact: `${hostName(host)} serves different certificate chains, depending on address or key type. Not listed: ${missing.join(', ')}. AWS does not document which chain it uses.`,
  certain: false,
});

const onlyLower = ({ host }: EvaluatedHost, enforced: boolean | null): Gap => ({
  check: 'THUMB002',
  severity: enforced === true ? 'high' : 'low',
  fact: `The list contains only a lower certificate of the chain of ${hostName(host)}, not the last one. When the lower certificate is renewed, its thumbprint changes. The AWS documentation names only the last certificate of the chain. Lists with a lower certificate have worked until it was renewed.`,
  certain: false,
});

/** The common mistake of tools that take the root from a local trust store. */
function unservedRoots({ rootsAbove, chains }: EvaluatedHost, listed: readonly string[]): string {
  const issuers = chains.flatMap(({ ends }) => ends.map(({ issuer }) => issuer));
  const roots = listed.filter(
    (one) => rootsAbove.includes(one) || issuers.some((issuer) => isKnownRoot(one, issuer)),
  );
  return roots.length === 0
    ? ''
    : ` The list contains ${roots.join(', ')}, the root certificate of this chain, but the server does not send it.`;
}

const pathOf = (host: EvaluatedHost): readonly string[] =>
  host.chains.flatMap(({ certificates }) =>
    certificates.filter(({ onPath }) => onPath).map(({ thumbprint }) => thumbprint),
  );

function severityOfDrift(enforced: boolean | null): Severity {
  if (enforced === null) return 'medium';
  return enforced ? 'critical' : 'low';
}

/** What the gap means for logins. The basis may belong to another host than the gap. */
function describeGap(host: EvaluatedHost, { certain }: Gap, { basis, hosts }: LackingList): string {
  const decisive = host.basis === basis ? host : hosts.find((one) => one.basis === basis);
  return consequenceFor(basis, hostName((decisive ?? host).host), certain);
}

/**
 * What happens to logins today, in words. `certain`: every chain that AWS may receive ends at a certificate
 * that is not listed.
 */
function consequenceFor(basis: EnforcedBasis, host: string, certain: boolean): string {
  const logins = certain ? LOGINS_FAIL : LOGINS_UNKNOWN;
  switch (basis) {
    case 'public-ca':
      return `${NO_LOGIN_AFFECTED} ${host} has a certificate of a public CA. According to the AWS documentation, AWS trusts it and does not use the list.`;
    case 'private-ca':
      return `${logins} ${host} has a certificate that no public CA issued. According to the AWS documentation, AWS accepts it only if its thumbprint is listed.`;
    case 'tls13-only':
      return `${logins} ${host} supports TLS 1.3 only. According to the AWS documentation, AWS accepts such a server only if its thumbprint is listed.`;
    case 'unknown':
      return `${LOGINS_UNKNOWN} The monitor could not find out whether AWS uses the list for ${host}.`;
  }
}

/** Only what is anchored is proposed. For a host without any anchor people compare fingerprints first. */
function remedyForDrift({ provider, hosts, listed, proposed, anchoredOnce }: LackingList): string {
  const open = hosts.filter((host) => lacksAnchor(host) && missingFrom(listed, host.expected).length > 0);
  if (open.length > 0) return unverifiedRemedy(provider, open, proposed);
  const doubtful = hosts.filter(
    ({ hasAnchors, failure, chains }) => hasAnchors && failure === null && chains.every(lacksAuthority),
  );
  if (missingFrom(listed, proposed).length > 0) return correctionRemedy(provider, proposed, anchoredOnce);
  if (doubtful.length > 0) return compareFingerprints(doubtful.flatMap(({ chains }) => chains));
  return 'There is no command, because no trust anchor verifies the missing certificates. The findings CERT005, CERT006 or CERT007 of this host explain why.';
}
