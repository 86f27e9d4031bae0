/** Alike chains, seen at several addresses, told once. */
import { readChain } from '../chain';
import type { JudgedChain } from '../chain';
import type { Failure, ReportedChain, ServedChain } from '../domain';

/** Alike chains of one host and key type, folded, with what is to be said of them. */
export interface FoldedChain extends JudgedChain {
  readonly reported: ReportedChain;
  readonly distrust: string | null;
  /** It rests on a private CA that the configuration trusts. */
  readonly anchored: boolean;
}

/** Folds chains that are alike to the byte; those that cannot be read become failures. `name`: the host for people. */
export function foldChains(
  served: readonly ServedChain[],
  name: string,
): { readonly chains: readonly FoldedChain[]; readonly failures: readonly Failure[] } {
  const chains: FoldedChain[] = [];
  const failures: Failure[] = [];
  for (const group of groupAlike(served)) {
    const judged = readChain(group[0].certificates);
    if (judged.ok) chains.push(fold(group, judged.value, name));
    else failures.push({ ...judged.failure, message: `${name}: ${judged.failure.message}` });
  }
  return { chains, failures };
}

type Group = readonly [ServedChain, ...ServedChain[]];

function groupAlike(served: readonly ServedChain[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const chain of served) {
    const bytes = chain.certificates.map((der) => Buffer.from(der).toString('base64'));
    const key = JSON.stringify([chain.keyType, chain.publiclyTrusted, chain.anchored, bytes]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? [chain] : [...group, chain]);
  }
  return [...groups.values()];
}

function fold(group: Group, judged: JudgedChain, name: string): FoldedChain {
  const [first] = group;
  return {
    ...judged,
    distrust: first.distrust,
    anchored: first.anchored,
    reported: {
      host: name,
      addresses: [...new Set(group.map(({ address }) => address))].sort(),
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
