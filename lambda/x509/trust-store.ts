/** The anchors of a process: the public roots that its entry point names, and those of the configuration. */
import { openAnchors } from './anchor-set';
import type { AnchorSet } from './anchor-set';

/** Public roots, and anchors in PEM bundles, each opened once. */
export interface TrustStore {
  /** What counts as publicly trusted. Additional trust stores of the process are not part of it. */
  readonly publicRoots: AnchorSet;
  /** The anchors in a PEM bundle. */
  readonly anchorsIn: (bundle: string) => AnchorSet;
}

/** Opens the anchors of a process. `roots`: PEM, one certificate each, as `tls.rootCertificates` has them. */
export function openTrustStore(roots: readonly string[]): TrustStore {
  const bundles = new Map<string, AnchorSet>();
  return {
    publicRoots: openAnchors(roots),
    anchorsIn: (bundle) => {
      const anchors = bundles.get(bundle) ?? openAnchors([bundle]);
      bundles.set(bundle, anchors);
      return anchors;
    },
  };
}
