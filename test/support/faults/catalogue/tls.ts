/** Servers that serve something else than an orderly chain. */
import { mint } from '../../../../demo/authority';
import type { Identity } from '../../../../demo/authority';
import { namesExtension } from '../../der';
import { alert, keyTypeAskedBy, serverFlight } from '../../tls-records';
import { serveChains } from '../../tls-servers';
import type { Fault } from '../fault';
import { pass } from '../front';
import { chainOf, replace, show } from '../hosts';
import type { Stage } from '../stage';
import { alike } from '../unmet-words';

const DAY_MS = 86_400_000;

/** A leaf of another kind, under the usual authorities: the thumbprint stays the same. */
const withLeaf =
  (leaf: (stage: Stage) => Parameters<typeof mint>[0]): Fault['inject'] =>
  async (stage) => {
    const { victim } = stage;
    const { middle, top } = victim.usual;
    show(victim, [await mint({ signedBy: middle, ...leaf(stage) }), middle, top]);
  };

/** The usual certificates, arranged anew. */
const arranged =
  (arrange: (usual: readonly Identity[], stage: Stage) => readonly Identity[]): Fault['inject'] =>
  (stage) =>
    show(stage.victim, arrange(chainOf(stage.victim.usual), stage));

const named = (name: string): Pick<Parameters<typeof mint>[0], 'commonName' | 'hosts'> => ({
  commonName: name,
  hosts: [name],
});

/** Raw bytes instead of certificates. */
const flight =
  (certificates: (stage: Stage) => readonly Uint8Array[]): Fault['inject'] =>
  (stage) =>
    stage.victim.front.behave((socket) =>
      socket.once('data', (hello: Buffer) =>
        socket.write(serverFlight(certificates(stage), keyTypeAskedBy(hello))),
      ),
    );

const hostile = (what: string, commonName: string): Fault => ({
  row: 13,
  name: `${what} in a name`,
  inject: withLeaf(() => ({ commonName, hosts: [`x${commonName}`.slice(0, 1), 'elsewhere'] })),
  expected: { checks: ['CERT005'] },
});

/** Another server replaces the host for as long as the fault lasts. */
const replaced =
  (options: (stage: Stage) => Parameters<typeof serveChains>): Fault['inject'] =>
  async (stage) => {
    const server = await serveChains(...options(stage));
    stage.later(server.close);
    replace(stage.victim, server.port);
  };

const ORDER: readonly Fault[] = [
  {
    row: 9,
    name: 'a leaf alone',
    inject: ({ victim }) => show(victim, [victim.usual.leaf], [victim.usual.leaf.thumbprint]),
    expected: { status: 'drifted', checks: ['CERT003'] },
  },
  {
    row: 10,
    name: 'a chain in the wrong order',
    inject: arranged(([leaf, middle, top]) => [leaf, top, middle].flatMap((one) => one ?? [])),
    expected: { checks: ['CERT002'] },
  },
  {
    row: 10,
    name: 'a certificate twice',
    inject: arranged(([leaf, middle, top]) => [leaf, middle, middle, top].flatMap((one) => one ?? [])),
    expected: { checks: ['CERT002'] },
  },
  {
    row: 10,
    name: 'an unrelated certificate at the end',
    inject: arranged((usual, { world }) => [...usual, world.two.usual.top]),
    expected: { checks: ['CERT002'], says: /Unrelated: / },
  },
  {
    row: 11,
    name: 'the root served, too',
    inject: ({ victim, world }) =>
      show(victim, [...chainOf(victim.usual), world.root], [world.root.thumbprint]),
    expected: { status: 'drifted' },
  },
  {
    row: 11,
    name: 'a cross-certificate before the one that is listed',
    inject: async ({ victim, world }) => {
      const { leaf, middle, top } = victim.usual;
      const other = await mint({ commonName: 'Other Root', ca: true });
      const commonName = top.subject.replace('CN=', '');
      const crossSigned = await mint({ commonName, ca: true, keyOf: top, signedBy: other });
      show(victim, [leaf, middle, crossSigned, top]);
      world.names.set(victim.name, ['127.0.0.1']);
    },
    expected: {},
  },
];

const EXTENSION = '1.3.6.1.4.1.99999.1';

const TOO_MUCH: readonly Fault[] = [
  {
    row: 12,
    name: 'bytes that are no certificate',
    inject: flight(() => [Buffer.from('not a certificate')]),
    expected: { codes: ['TLS_HANDSHAKE'] },
  },
  {
    row: 12,
    name: 'a certificate cut short',
    inject: flight(({ victim }) => [victim.usual.leaf.certificate.raw.subarray(0, -9)]),
    expected: { codes: ['TLS_HANDSHAKE'] },
  },
  {
    row: 12,
    name: '100 certificates',
    inject: arranged((usual, { world }) => [
      ...usual,
      ...Array.from({ length: 97 }, () => world.two.usual.top),
    ]),
    expected: { codes: ['TLS_TOO_LARGE'] },
  },
  {
    row: 12,
    name: '10,000 names in one certificate',
    inject: withLeaf(({ victim: { name } }) => ({
      commonName: name,
      extensions: [
        namesExtension([name, ...Array.from({ length: 10_000 }, (_, index) => `h${index}.example.com`)]),
      ],
    })),
    expected: { codes: ['TLS_TOO_LARGE'] },
  },
  {
    row: 12,
    name: 'an extension of 70 KiB',
    inject: withLeaf(({ victim: { name } }) => ({
      ...named(name),
      extensions: [{ oid: EXTENSION, value: new Uint8Array(70 * 1024) }],
    })),
    expected: { codes: ['TLS_TOO_LARGE'] },
  },
];

const DOUBTFUL: readonly Fault[] = [
  {
    row: 7,
    name: 'plain HTTP on the port of HTTPS',
    inject: ({ victim }) => victim.front.behave((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    expected: { codes: ['TLS_HANDSHAKE'], checks: ['DISC001'] },
  },
  {
    row: 8,
    name: 'an expired certificate',
    inject: withLeaf(({ victim, world }) => ({
      ...named(victim.name),
      notAfter: new Date(world.begin.getTime() - DAY_MS / 2),
    })),
    expected: { checks: ['CERT005', 'CERT006'] },
  },
  {
    row: 8,
    name: 'a certificate that is not valid yet',
    inject: withLeaf(({ victim, world }) => ({
      ...named(victim.name),
      notBefore: new Date(world.begin.getTime() + 100 * DAY_MS),
    })),
    expected: { checks: ['CERT005'] },
  },
  {
    row: 8,
    name: 'a certificate for another host',
    inject: withLeaf(() => named('elsewhere.test')),
    expected: { checks: ['CERT005'] },
  },
  {
    row: 8,
    name: 'a self-signed certificate that is not listed',
    inject: async ({ victim }) => {
      const own = await mint(named(victim.name));
      show(victim, [own], [own.thumbprint]);
    },
    expected: { status: 'drifted', says: /cannot verify the served certificates/ },
  },
  {
    row: 8,
    name: 'a self-signed certificate that is listed',
    inject: async (stage) => {
      const { victim } = stage;
      const own = await mint(named(victim.name));
      show(victim, [own], [own.thumbprint]);
      await stage.setList(victim.arn, [own.thumbprint]);
      stage.later(() => stage.setList(victim.arn, [victim.usual.top.thumbprint]));
    },
    expected: { checks: ['CERT006'] },
    alone: true,
  },
  {
    row: 14,
    name: 'a client certificate demanded',
    inject: replaced(({ victim }) => [
      [chainOf(victim.usual)],
      { requestCert: true, rejectUnauthorized: true },
    ]),
    expected: { codes: ['TLS_HANDSHAKE', 'TLS_RESET', 'TCP_RESET', 'HTTP_BROKEN'], checks: ['DISC001'] },
  },
  {
    row: 14,
    name: 'nothing newer than TLS 1.1',
    inject: ({ victim }) => victim.front.behave((socket) => socket.once('data', () => socket.end(alert(70)))),
    expected: { codes: ['TLS_HANDSHAKE'] },
  },
  {
    row: 14,
    name: 'a server that answers only who names it',
    inject: ({ victim }) =>
      victim.front.behave((socket) =>
        socket.once('data', (hello: Buffer) => {
          if (hello.includes(victim.name)) pass(socket, victim.server.port, hello);
          else socket.resetAndDestroy();
        }),
      ),
    expected: {},
  },
  {
    row: 15,
    name: 'unrelated hosts that change to one authority at once',
    alone: true,
    update: true,
    inject: async ({ world }) => {
      const proxy = await mint({ commonName: 'Inspection CA', ca: true, signedBy: world.root });
      for (const host of [world.one, world.two]) {
        const leaf = await mint({ ...named(host.name), signedBy: proxy });
        show(host, [leaf, proxy], [proxy.thumbprint]);
      }
    },
    expected: {
      status: 'drifted',
      more: ({ world }, [run]) =>
        alike(
          'guards',
          [world.one, world.two].map(
            (host) =>
              run?.report?.targets.find(({ issuer }) => issuer === host.issuer)?.update?.guard ?? 'none',
          ),
          ['unrelated-hosts', 'unrelated-hosts'],
        ),
    },
  },
];

/** All of the group. */
export const TLS: readonly Fault[] = [
  ...DOUBTFUL,
  ...ORDER,
  ...TOO_MUCH,
  hostile('a null byte', 'a\u0000one.test'),
  hostile('a newline', 'a\nO=Amazon'),
  hostile('an escape sequence', 'a\u001b[31mred'),
  hostile('a bidirectional mark', 'a\u202Egnp.exe'),
];
