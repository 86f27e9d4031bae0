/** The network as ports: the same for the function and the command line. */
import type { MonitorConfig } from './config/config';
import { addressBook } from './adapters/dns';
import type { AddressOptions } from './adapters/dns';
import { HTTP_LIMITS, documentReader } from './adapters/http/http';
import type { HttpLimits } from './adapters/http/http';
import { withProxyHint } from './adapters/proxy';
import { PROBE_LIMITS, prober } from './adapters/tls/tls';
import type { ProbeLimits } from './adapters/tls/tls';
import type { Ports } from './ports';
import type { TrustStore } from './x509/trust-store';

/**
 * The ports for issuers and their hosts. `close` ends every connection, and aborts `over` at the end of the
 * run.
 */
export type Network = Pick<Ports, 'fetchDocument' | 'probeHost' | 'trust'> & {
  readonly over: AbortSignal;
  readonly close: () => Promise<void>;
};

/** Limits for the requests of a run. Absent: the limits of the deployed function. */
export interface NetworkLimits {
  readonly addresses?: Omit<AddressOptions, 'over'>;
  readonly documents?: HttpLimits;
  readonly probes?: ProbeLimits;
}

/**
 * Opens the network for one run: each name is resolved once, for documents and probes alike. `trust`: the
 * public roots.
 */
export function openNetwork(
  { trustAnchors }: Pick<MonitorConfig, 'trustAnchors'>,
  trust: TrustStore,
  { addresses = {}, documents = HTTP_LIMITS, probes = PROBE_LIMITS }: NetworkLimits = {},
): Network {
  // Near the deadline a run ends before its requests do.
  const over = new AbortController();
  const resolve = addressBook({ over: over.signal, ...addresses });
  const { fetchDocument, close } = documentReader({ resolve, trustAnchors, trust, limits: documents });
  return {
    fetchDocument: async (...request) => withProxyHint(await fetchDocument(...request)),
    trust,
    probeHost: prober({ resolve, trustAnchors, trust, limits: probes, over: over.signal }),
    over: over.signal,
    close: () => {
      over.abort();
      return close();
    },
  };
}
