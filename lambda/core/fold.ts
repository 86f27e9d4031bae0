/** Alike chains, seen at several addresses, told once. */
import type { X509Certificate } from 'node:crypto';
import { readChain } from './chain';
import type { JudgedChain } from './chain';
import type { Failure, Host, ReportedChain, ServedChain } from './domain';
import { restsOn } from './verify';

/** Alike chains of one host and key type, folded, with what is to be said of them. */
export interface FoldedChain extends JudgedChain {
  readonly reported: ReportedChain;
  readonly distrust: string | null;
  /** It rests on a private CA that the configuration trusts. */
  readonly anchored: boolean;
}

/** What a chain is judged by beside itself. */
export interface FoldContext {
  readonly host: Host;
  /** The host as people read it. */
  readonly name: string;
  readonly anchors: readonly X509Certificate[];
  readonly now: Date;
}

/** Folds chains that are alike to the byte; those that cannot be read become failures. */
export function foldChains(
  served: readonly ServedChain[],
  context: FoldContext,
): { readonly chains: readonly FoldedChain[]; readonly failures: readonly Failure[] } {
  const chains: FoldedChain[] = [];
  const failures: Failure[] = [];
  for (const group of groupAlike(served)) {
    const judged = readChain(group[0].certificates);
    if (judged.ok) chains.push(fold(group, judged.value, context));
    else failures.push(judged.failure);
  }
  return { chains, failures };
}

type Group = readonly [ServedChain, ...ServedChain[]];

function groupAlike(served: readonly ServedChain[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const chain of served) {
    const bytes = chain.certificates.map((der) => Buffer.from(der).toString('base64'));
    const key = JSON.stringify([chain.keyType, chain.publiclyTrusted, bytes]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? [chain] : [...group, chain]);
  }
  return [...groups.values()];
}

function fold(group: Group, judged: JudgedChain, { host, name, anchors, now }: FoldContext): FoldedChain {
  const [first] = group;
  return {
    ...judged,
    distrust: first.distrust,
    anchored: restsOn(anchors, judged, host.name, now),
    reported: {
      host: name,
      addresses: group.map(({ address }) => address).sort(),
      keyType: first.keyType,
      tls: group.map(({ tls }) => tls).reduce((highest, tls) => (tls > highest ? tls : highest)),
      publiclyTrusted: first.publiclyTrusted,
      certificates: judged.certificates.map(({ subject, issuer, thumbprint, notAfter, onPath }) => ({
        subject,
        issuer,
        thumbprint,
        notAfter: notAfter.toISOString(),
        onPath,
      })),
    },
  };
}
