/** Names that do not resolve as they should. */
import type { Fault, More } from '../fault';
import type { NameAnswer } from '../names';
import type { Stage } from '../stage';
import { alike } from '../unmet-words';

const answering =
  (...answers: readonly NameAnswer[]): ((stage: Stage) => void) =>
  ({ world, victim }) =>
    world.names.set(victim.name, ...answers);

/** Of every class that the guard refuses. */
const REFUSED = [
  '10.0.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '::1',
  'fe80::1',
  'fd00::1',
  '::ffff:10.0.0.1',
];

/** The addresses of cloud metadata services, and the whole link-local blocks. */
const NEVER_CONTACTED = [
  '169.254.169.254',
  'fe80::1',
  'fd00:ec2::254',
  '100.100.100.200',
  '::ffff:169.254.170.2',
];

const askedThrice: More = ({ world, victim }) =>
  alike('questions for the name', world.names.count(victim.name), 3);

/** What a resolver of this machine can be made to answer over UDP, too. */
export const SERVED_DNS: readonly Fault[] = [
  {
    row: 1,
    name: 'NXDOMAIN',
    inject: answering('nxdomain'),
    expected: { codes: ['DNS_NOT_FOUND'], checks: ['DISC001'], more: askedThrice },
  },
  {
    row: 1,
    name: 'SERVFAIL',
    inject: answering('servfail'),
    expected: { codes: ['DNS_UNAVAILABLE'], checks: ['DISC001'], more: askedThrice },
  },
  {
    row: 1,
    name: 'a resolver that stays silent',
    silent: 'hosts',
    inject: answering('silence'),
    expected: { codes: ['DNS_UNAVAILABLE'], checks: ['DISC001'], more: askedThrice },
  },
  {
    row: 1,
    name: 'an empty answer',
    inject: answering([]),
    expected: { codes: ['DNS_NOT_FOUND'], checks: ['DISC001'] },
  },
  {
    row: 1,
    name: 'SERVFAIL twice, then an answer',
    inject: answering('servfail', 'servfail', ['127.0.0.1']),
    expected: {},
  },
  {
    row: 3,
    name: 'another address at the second question',
    inject: answering(['127.0.0.1'], ['127.0.0.9']),
    expected: {},
  },
  {
    row: 4,
    name: '20 addresses, of which one answers',
    inject: answering(['127.0.0.1', ...Array.from({ length: 19 }, (_, index) => `127.0.1.${index + 1}`)]),
    expected: {
      more: ({ victim }, [run]) => {
        const target = run?.report?.targets.find(({ issuer }) => issuer === victim.issuer);
        return alike('addresses that did not answer', target?.unanswered?.length, 7);
      },
    },
  },
];

/** All of the group. */
export const DNS: readonly Fault[] = [
  ...SERVED_DNS,
  {
    row: 2,
    name: 'addresses of every class that is refused',
    alone: true,
    inject: (stage) => {
      answering(REFUSED)(stage);
      stage.settings.allowPrivateNetworks = false;
    },
    expected: {
      codes: ['SSRF_ADDRESS_REFUSED'],
      checks: ['DISC001'],
      says: /169\.254\.169\.254 \(linkLocal\)/,
      more: ({ world, victim }) => alike('connections', victim.front.open() + world.one.front.open(), 0),
    },
  },
  {
    row: 2,
    name: 'link-local and metadata addresses, although private networks are permitted',
    alone: true,
    inject: answering(NEVER_CONTACTED),
    expected: {
      codes: ['SSRF_ADDRESS_REFUSED'],
      checks: ['DISC001'],
      says: /169\.254\.169\.254 \(linkLocal\)/,
      more: ({ victim }) => alike('connections', victim.front.open(), 0),
    },
  },
  {
    row: 2,
    name: 'a discovered issuer at a loopback address, although private networks are permitted',
    alone: true,
    inject: (stage) => {
      const { world, victim } = stage;
      const configured = world.hosts.filter((host) => host !== victim).map(({ issuer }) => issuer);
      stage.settings.config = { issuers: configured, discover: undefined };
    },
    expected: {
      codes: ['SSRF_ADDRESS_REFUSED'],
      checks: ['DISC001'],
      says: /127\.0\.0\.1 \(loopback\)/,
      more: ({ victim }) => alike('connections', victim.front.open(), 0),
    },
  },
  {
    row: 4,
    name: 'an IPv6 address without a route',
    inject: (stage) => {
      stage.settings.connectMs = 800;
      // RFC 6666: no packet to the discard prefix arrives.
      answering(['100::1', '127.0.0.1'])(stage);
    },
    expected: {
      more: ({ victim }, [run]) => {
        const target = run?.report?.targets.find(({ issuer }) => issuer === victim.issuer);
        return alike('addresses that did not answer', target?.unanswered?.length ?? 0, 0);
      },
    },
  },
];
