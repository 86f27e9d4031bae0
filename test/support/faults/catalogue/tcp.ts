/** Connections that fail, or break. */
import { BLACK_HOLE, startBlackHole } from '../black-hole';
import type { Fault } from '../fault';

export const TCP: readonly Fault[] = [
  {
    row: 5,
    name: 'a refused connection',
    inject: ({ world, victim }) => world.names.set(victim.name, ['127.0.0.9']),
    expected: { codes: ['TCP_REFUSED', 'TCP_UNREACHABLE'], checks: ['DISC001'] },
  },
  {
    row: 5,
    name: 'a reset as soon as the connection stands',
    inject: ({ victim }) => victim.front.behave((socket) => socket.resetAndDestroy()),
    expected: { codes: ['TCP_RESET', 'TLS_RESET'], checks: ['DISC001'] },
  },
  {
    row: 5,
    name: 'a black hole',
    silent: 'connections',
    inject: async (stage) => {
      stage.world.names.set(stage.victim.name, [BLACK_HOLE]);
      stage.later(await startBlackHole(stage.victim.front.port));
    },
    expected: { codes: ['TCP_TIMEOUT'], checks: ['DISC001'] },
  },
  {
    row: 6,
    name: 'a reset after ClientHello',
    inject: ({ victim }) =>
      victim.front.behave((socket) => socket.once('data', () => socket.resetAndDestroy())),
    expected: { codes: ['TLS_RESET'], checks: ['DISC001'] },
  },
  {
    row: 6,
    name: 'a connection that is accepted, and silence',
    silent: 'connections',
    inject: ({ victim }) => victim.front.behave((socket) => socket.resume()),
    expected: { codes: ['TLS_TIMEOUT'], checks: ['DISC001'] },
  },
];
