/**
 * Hosts that a story leaves alone. They are looked at by real handshakes once a world, and later runs are given what was
 * seen then: looking at hosts takes most of a run. FAULT_HOSTS=real looks at each of them in every run.
 */
import type { Fetched, HostObservation, Outcome } from '../../../lambda/core/domain';
import { hostKey } from '../../../lambda/core/certificates/host';
import type { Network } from '../../../lambda/wiring';
import type { WatchedHost } from './hosts';
import type { Names } from './names';

const IS_ASKED_FOR = process.env['FAULT_HOSTS'] === 'real';

/** The network of a run, as far as it may be answered from what was seen. */
type Looks = Pick<Network, 'fetchDocument' | 'probeHost'>;

/** The hosts of one world. */
export class Bystanders {
  private readonly documents = new Map<string, Outcome<Fetched>>();
  private readonly observations = new Map<string, HostObservation>();
  /** Whom something was done to since the story began: they are looked at to its end. */
  private readonly touched = new Set<WatchedHost>();

  constructor(
    private readonly hosts: readonly WatchedHost[],
    private readonly names: Names,
  ) {}

  /** A story begins. */
  reset(): void {
    this.touched.clear();
  }

  /** A network that asks the hosts which must be looked at, and knows the others. */
  before<N extends Looks>(network: N): N {
    return {
      ...network,
      fetchDocument: async (url, step) => {
        const key = this.keyOf(url.host, url.href);
        const known = this.documents.get(key);
        if (known !== undefined) return known;
        const seen = await network.fetchDocument(url, step);
        if (key !== '' && seen.ok) this.documents.set(key, seen);
        return seen;
      },
      probeHost: async (host) => {
        const key = this.keyOf(hostKey(host));
        const known = this.observations.get(key);
        if (known !== undefined) return known;
        const seen = await network.probeHost(host);
        if (key !== '' && seen.failure === null) this.observations.set(key, seen);
        return seen;
      },
    };
  }

  /** What is known of a host that is as it was then; '': it must be looked at. */
  private keyOf(name: string, path = ''): string {
    const host = this.hosts.find((one) => `${one.name}:${one.front.port}` === name);
    if (IS_ASKED_FOR || host === undefined) return '';
    const face = this.names.isUsual(host.name) ? host.face() : null;
    if (face === null) this.touched.add(host);
    return face === null || this.touched.has(host) ? '' : `${name} ${face} ${path}`;
  }
}
