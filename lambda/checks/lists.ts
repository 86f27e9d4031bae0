/** Findings about a provider's list by itself, whatever is served. */
import type { Finding } from '../domain/types';
import type { EvaluatedHost } from './host';
import { lacksAnchor, lacksAuthority } from './host';
import { compareFingerprints } from '../remedies/remedy';
import { quote } from '../text/quote';
import { MAX_THUMBPRINTS, isThumbprint, normaliseThumbprint } from '../x509/thumbprint';
import { hostName } from '../domain/host';

/** THUMB004 and THUMB005 of one list. */
export const evaluateList = (listed: readonly string[]): readonly Finding[] => [...findingsOfList(listed)];

function* findingsOfList(listed: readonly string[]): Generator<Finding> {
  const odd = listed.filter((entry) => !isThumbprint(entry) || entry !== entry.toLowerCase());
  const normal = listed.map(normaliseThumbprint);
  const repeated = listed.filter((entry, index) => normal.indexOf(normaliseThumbprint(entry)) !== index);
  const problems: string[] = [];
  if (odd.length > 0) problems.push(`not 40 lower-case hex digits: ${quoted(odd)}`);
  if (repeated.length > 0) problems.push(`listed twice: ${quoted(repeated)}`);
  if (problems.length > 0) {
    yield {
      check: 'THUMB004',
      severity: 'info',
      message: `The thumbprint list has entries that are ${problems.join('; ')}.`,
      remedy: 'Write each thumbprint once, as 40 lower-case hex digits without colons.',
    };
  }
  if (listed.length >= MAX_THUMBPRINTS) {
    yield {
      check: 'THUMB005',
      severity: 'medium',
      message: `The thumbprint list is full (${MAX_THUMBPRINTS} entries), so the thumbprint of the next certificate cannot be added.`,
      remedy:
        'Remove an entry that no server uses any more. Start with an entry that was never on a verified certificate chain.',
    };
  }
}

const quoted = (entries: readonly string[]): string => entries.map((entry) => quote(entry)).join(', ');

/**
 * CERT006: hosts whose chain neither the public roots nor a trust anchor verify, although the list covers
 * them. If it does not, the drift findings report them.
 */
export function evaluateUnverified(
  listed: readonly string[],
  hosts: readonly EvaluatedHost[],
): readonly Finding[] {
  const normal = listed.map(normaliseThumbprint);
  const unverified = hosts
    .filter(({ failure }) => failure === null)
    .filter(({ chains }) =>
      chains.some(
        (chain) =>
          lacksAuthority(chain) &&
          chain.certificates.some(({ onPath, thumbprint }) => onPath && normal.includes(thumbprint)),
      ),
    );
  if (unverified.length === 0) return [];
  const names = unverified.map(({ host }) => hostName(host));
  const open = unverified.filter(lacksAnchor);
  return [
    {
      check: 'CERT006',
      severity: 'medium',
      message: `${names.join(' and ')}: the certificate chain is not publicly trusted, and no configured trust anchor verifies it, so the monitor cannot verify it. AWS verifies it with the listed thumbprint.`,
      remedy:
        open.length === 0
          ? 'Name the private CA that issued these certificates in trustAnchors.'
          : compareFingerprints(open.flatMap(({ chains }) => chains)),
    },
  ];
}
