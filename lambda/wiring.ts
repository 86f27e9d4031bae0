/** The network as ports: the same for the function and the command line. */
import type { MonitorConfig } from './core/config';
import { addressBook } from './io/addresses';
import { documentReader } from './io/http';
import { prober } from './io/tls';
import type { Ports } from './ports';

/** The ports that ask issuers and their hosts. `close` ends every connection. */
export type Network = Pick<Ports, 'fetchDocument' | 'probeHost'> & { readonly close: () => Promise<void> };

/** Opens the network for one run: each name is resolved once, for documents and probes alike. */
export function openNetwork(config: Pick<MonitorConfig, 'allowPrivateNetworks' | 'trustAnchors'>): Network {
  const resolve = addressBook(config);
  const { fetchDocument, close } = documentReader({ resolve, trustAnchors: config.trustAnchors });
  return { fetchDocument, probeHost: prober({ resolve, trustAnchors: config.trustAnchors }), close };
}
