/**
 * Hosts without a fault. They are probed by real handshakes once a world, and later runs receive the results of
 * then: probes take most of a run. FAULT_HOSTS=real probes each of them in every run.
 */
import type { Fetched, HostObservation, Outcome } from '../../../lambda/domain/types';
import type { Network } from '../../../lambda/wiring';
import type { WatchedHost } from './hosts';
import type { Names } from './names';
import { hostKey } from '../../../lambda/domain/host';

const IS_ASKED_FOR = process.env['FAULT_HOSTS'] === 'real';

/** The network of a run, as far as earlier results answer. */
type Looks = Pick<Network, 'fetchDocument' | 'probeHost'>;

/** The hosts of one world. */
export class Bystanders {
  private readonly documents = new Map<string, Outcome<Fetched>>();
  private readonly observations = new Map<string, HostObservation>();

  constructor(
    private readonly hosts: readonly WatchedHost[],
    private readonly names: Names,
  ) {}

  /** A network that probes the hosts which must be probed, and knows the others. */
  before<N extends Looks>(network: N): N {
    return {
      ...network,
      fetchDocument: (url, step, mayBePrivate) =>
        recall(
          this.documents,
          // All hosts are at loopback addresses: a request that may not go there must be made.
          mayBePrivate ? this.keyOf(url.host, url.href) : null,
          () => network.fetchDocument(url, step, mayBePrivate),
          isThere,
        ),
      probeHost: (host, mayBePrivate) =>
        recall(
          this.observations,
          mayBePrivate ? this.keyOf(hostKey(host)) : null,
          () => network.probeHost(host, mayBePrivate),
          isAnswered,
        ),
    };
  }

  /** The known result of a host that is as it was then; null: it must be probed. */
  private keyOf(name: string, path = ''): string | null {
    const host = this.hosts.find((one) => `${one.name}:${one.front.port}` === name);
    if (IS_ASKED_FOR || host === undefined) return null;
    const face = this.names.isUsual(host.name) ? host.face() : null;
    return face === null ? null : `${name} ${face} ${path}`;
  }
}

/** The known result, or else a new one. Only complete results are stored. */
async function recall<T>(
  known: Map<string, T>,
  key: string | null,
  look: () => Promise<T>,
  isWhole: (seen: T) => boolean,
): Promise<T> {
  if (key === null) return look();
  const before = known.get(key);
  if (before !== undefined) return before;
  const seen = await look();
  if (isWhole(seen)) known.set(key, seen);
  return seen;
}

const isThere = ({ ok }: Outcome<Fetched>): boolean => ok;

/** A run that ends early, or a busy machine, leaves handshakes without an answer. */
const isAnswered = ({ failure, variants, tls12 }: HostObservation): boolean =>
  failure === null &&
  variants.every(({ answer }) => answer.kind !== 'unanswered') &&
  tls12.every(({ offered }) => offered !== null);
