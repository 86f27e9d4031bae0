/** The port of a server. */
import type { AddressInfo } from 'node:net';

/** The port that the system gave a server; 0 if it does not listen. */
export function portOf(server: { readonly address: () => AddressInfo | string | null }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
