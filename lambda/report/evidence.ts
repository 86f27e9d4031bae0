/** The evidence of targets, for a reader who wants to check: listed, expected, served, each value named. */
import type { Finding, ReportedCertificate, TargetReport } from '../domain/types';
import { escapeForeign } from '../text/escape';
import type { TargetGroup } from './group';
import { MAX_NAMED } from './group';
import { isKnownRoot } from '../x509/known-certificates';
import { wrap } from '../text/layout';
import { identifyThumbprint } from './thumbprint';

/** The evidence of a group, given for its first target. Lines of names and thumbprints are not wrapped. */
export const evidence = (group: TargetGroup): string => [...evidenceLines(group)].join('\n');

function* evidenceLines(group: TargetGroup): Generator<string> {
  const [first] = group;
  for (const { issuer, status } of group.slice(0, MAX_NAMED)) yield `${status}: ${issuer}`;
  if (group.length > MAX_NAMED) yield `and ${group.length - MAX_NAMED} more`;
  yield* new Set(first.findings.map(checkLine));
  if (first.failure !== undefined) yield `  ${first.failure.code} at step ${first.failure.step}`;
  if (first.providerArn !== null) {
    yield* values('listed', first.listed, (one) => thumbprintLineOf(one, first));
  }
  if (first.failure !== undefined && first.expected.length === 0) yield '  expected  not known';
  else yield* values('expected', first.expected, (one) => identifyThumbprint(one, first).known);
  yield* first.chains.flatMap(served);
  for (const { message } of first.unanswered ?? []) yield wrap(`no answer: ${message}`, '  ');
}

const checkLine = ({ check, severity, accepted }: Finding): string =>
  accepted === undefined
    ? `  ${check} (${severity})`
    : `  ${check} (${severity}), accepted until ${accepted.until}: ${escapeForeign(accepted.reason)}`;

type Naming = (thumbprint: string) => string | null;

function values(title: string, thumbprints: readonly string[], naming: Naming): readonly string[] {
  if (thumbprints.length === 0) return [`  ${title.padEnd(10)}none`];
  return thumbprints.flatMap((thumbprint, index) => {
    const name = naming(thumbprint);
    const line = `  ${(index === 0 ? title : '').padEnd(10)}${escapeForeign(thumbprint)}`;
    return name === null ? [line] : [line, wrap(name, ' '.repeat(14))];
  });
}

/** What a listed value is, as far as it is known: a served certificate, a well-known one, a placeholder. */
function thumbprintLineOf(listed: string, { expected, chains }: TargetReport): string | null {
  const { thumbprint, served, known, isPlaceholder } = identifyThumbprint(listed, { chains });
  if (expected.includes(thumbprint)) return 'served, as expected';
  if (served !== null) return `${positionOf(served, chains)}: ${served.subject}`;
  if (isPlaceholder) return 'a placeholder';
  const isRoot = chains.some(({ certificates }) =>
    certificates.some(({ onPath, issuer }) => onPath && isKnownRoot(thumbprint, issuer)),
  );
  if (known !== null && isRoot) return `the root of this chain, which is not served: ${known}`;
  return known ?? (chains.length === 0 ? null : 'not served, and not known');
}

function positionOf({ onPath, thumbprint }: ReportedCertificate, chains: TargetReport['chains']): string {
  if (!onPath) return 'served, but not on the path';
  const isLeaf = chains.some(({ certificates: [leaf] }) => leaf?.thumbprint === thumbprint);
  return isLeaf ? 'the leaf of this chain' : 'an intermediate of this chain, below its end';
}

function served({
  host,
  addresses,
  keyType,
  tls,
  publiclyTrusted,
  certificates,
}: TargetReport['chains'][number]): readonly string[] {
  const trust = publiclyTrusted ? 'publicly trusted' : 'not publicly trusted';
  return [
    `  served by ${host}, ${keyType.toUpperCase()}, ${tls}, ${trust}`,
    ...addresses.map((address) => `    at ${address}`),
    ...certificates.flatMap(({ thumbprint, subject, issuer, notAfter, onPath }) => [
      `    ${thumbprint} until ${notAfter.slice(0, 10)}${onPath ? '' : ', not on the path'}`,
      `      ${subject}, issued by ${issuer}`,
    ]),
  ];
}
