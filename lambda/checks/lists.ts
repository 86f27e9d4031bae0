/** Findings about a provider's list by itself, whatever is served. */
import type { Finding } from '../domain/types';
import type { EvaluatedHost } from './host';
import { lacksAnchor, lacksAuthority } from './host';
import { compareFingerprints } from '../remedies/remedy';
import { quote } from '../text/quote';
import { MAX_THUMBPRINTS, isThumbprint, normaliseThumbprint } from '../x509/thumbprint';
import { hostName } from '../domain/host';

/** THUMB004 and THUMB005 of one list. */
export const evaluateList = (listed: readonly string[]): readonly Finding[] => [
  ...malformed(listed),
  ...full(listed),
];

function malformed(listed: readonly string[]): readonly Finding[] {
  const odd = listed.filter((entry) => !isThumbprint(entry) || entry !== entry.toLowerCase());
  const normal = listed.map(normaliseThumbprint);
  const repeated = listed.filter((entry, index) => normal.indexOf(normaliseThumbprint(entry)) !== index);
  const problems = [
    ...(odd.length === 0
      ? []
      : [`not 40 lower-case hex digits: ${odd.map((entry) => quote(entry)).join(', ')}`]),
    ...(repeated.length === 0 ? [] : [`listed twice: ${repeated.map((entry) => quote(entry)).join(', ')}`]),
  ];
  return problems.length === 0
    ? []
    : [
        {
          check: 'THUMB004',
          severity: 'info',
          message: `The list has entries that are ${problems.join('; ')}.`,
          remedy: 'Write each thumbprint once, as 40 lower-case hex digits without colons.',
        },
      ];
}

const full = (listed: readonly string[]): readonly Finding[] =>
  listed.length < MAX_THUMBPRINTS
    ? []
    : [
        {
          check: 'THUMB005',
          severity: 'medium',
          message: `The list is full (${MAX_THUMBPRINTS} thumbprints): the next rotation cannot be added.`,
          remedy:
            'Remove an entry that no server shows any more; first one that was never seen on a verified path.',
        },
      ];

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
  const names = unverified.map(({ host }) => hostName(host));
  const open = unverified.filter(lacksAnchor);
  return names.length === 0
    ? []
    : [
        {
          check: 'CERT006',
          severity: 'medium',
          message: `The chain of ${names.join(' and ')} is not publicly trusted, and no configured trust anchor verifies it. It cannot be verified from here; AWS verifies it by the listed thumbprint.`,
          remedy:
            open.length === 0
              ? 'Name the private CA that issues these certificates now in trustAnchors.'
              : compareFingerprints(open.flatMap(({ chains }) => chains)),
        },
      ];
}
