/** The texts about certificates, lists and networks, exactly: `test/golden/certificates.txt`. */
import { beforeAll, expect, it, jest } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { evaluateList, evaluateUnverified } from '../../lambda/checks/lists';
import type { EvaluatedHost } from '../../lambda/checks/host';
import type { Finding, KeyType, Variant } from '../../lambda/domain/types';
import { evaluateDrift } from '../../lambda/checks/drift';
import { evaluateHost } from '../../lambda/checks/host';
import type { HostOptions } from '../../lambda/checks/host';
import { expectGolden } from '../support/golden';
import { NOW, hierarchy, judged, observed, madeUpTrust } from '../support/observed';
import type { Hierarchy, Serving } from '../support/observed';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

const HOST = 'ci.example.com';
const KEYS = 'keys.example.com';
const ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com';
const STRANGE = '0123456789'.repeat(4);
/** Of the well-known root of this name. */
const AMAZON_ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
const OPTIONS: HostOptions = {
  trustAnchors: {},
  expiryDays: 30,
  get trust() {
    return madeUpTrust();
  },
  now: NOW,
};
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

type Situations = readonly (readonly [string, readonly Finding[]])[];

let minted: Minted;
let served: Identity;
let strays: readonly Identity[];
/** Certificates are new in each run; their names are not. */
const names = new Map<string, string>();

const known = (name: string, chain: Hierarchy): Hierarchy => {
  for (const [part, { thumbprint }] of Object.entries({ ...chain, chain: chain.leaf }))
    names.set(thumbprint, `<${part === 'chain' ? 'leaf' : part} of ${name}>`);
  return chain;
};

beforeAll(async () => {
  const a = known('A', await hierarchy(HOST, 'A'));
  const b = known('B', await hierarchy(HOST, 'B'));
  const keys = known('KEYS', await hierarchy(KEYS, 'KEYS'));
  const soon = known('SOON', await hierarchy(HOST, 'SOON', { notAfter: inDays(20.5) }));
  const sooner = known('SOONER', await hierarchy(HOST, 'SOONER', { notAfter: inDays(7) }));
  const weak = known('WEAK', await hierarchy(HOST, 'WEAK', { keyType: 'rsa', rsaBits: 1024, hash: 'SHA-1' }));
  const bad = known(
    'BAD',
    await hierarchy(HOST, 'BAD', { notAfter: inDays(-1), hosts: ['other.example.com'] }),
  );
  const early = known('EARLY', await hierarchy(HOST, 'EARLY', { notBefore: inDays(1) }));
  const notBefore = new Date('2026-01-01T00:00:00Z');
  const amazon = await mint({ commonName: 'Amazon Root CA 1', ca: true, notBefore });
  served = await mint({ commonName: HOST, hosts: [HOST], signedBy: amazon, notBefore });
  names.set(served.thumbprint, '<leaf below AMAZON>');
  strays = await Promise.all(['X', 'Y'].map((commonName) => mint({ commonName, ca: true })));
  for (const { subject, thumbprint } of strays) names.set(thumbprint, `<${subject}>`);
  minted = { a, b, keys, soon, sooner, weak, bad, early };
});

type Minted = Readonly<Record<'a' | 'b' | 'keys' | 'soon' | 'sooner' | 'weak' | 'bad' | 'early', Hierarchy>>;

const serving = ({ chain }: Hierarchy, more: Partial<Serving> = {}): Serving => ({ chain, ...more });
const drift = (listed: readonly string[], ...hosts: readonly EvaluatedHost[]): readonly Finding[] =>
  evaluateDrift({ provider: { arn: ARN, thumbprints: listed }, hosts }).findings;
const ofHost = (name: string, ...chains: readonly Serving[]): readonly Finding[] =>
  judged(name, chains).findings;
const PRIVATE = { trusted: false };

const all = ({ a, b, keys, soon, sooner, weak, bad, early }: Minted): Situations => [
  ['nothing is listed: public', drift([STRANGE], judged(HOST, [serving(a)]))],
  ['nothing is listed: private', drift([STRANGE], judged(HOST, [serving(a, PRIVATE)]))],
  ['nothing is listed: TLS 1.3 only', drift([STRANGE], judged(HOST, [serving(a)], { tls12: false }))],
  ['nothing is listed: not known', drift([STRANGE], judged(HOST, [serving(a)], { tls12: null }))],
  [
    'two hosts, neither listed nor verified',
    drift([STRANGE], judged(KEYS, [serving(keys, PRIVATE)]), judged(HOST, [serving(a, PRIVATE)])),
  ],
  [
    'only one of two chains could not be verified',
    drift([STRANGE], judged(HOST, [serving(a), serving(b, PRIVATE)])),
  ],
  [
    'another host decides than the one that drifted',
    drift([a.middle.thumbprint], judged(KEYS, [serving(keys)]), judged(HOST, [serving(a, PRIVATE)])),
  ],
  ['only the leaf is listed', drift([a.leaf.thumbprint], judged(HOST, [serving(a)]))],
  [
    'one of two ends is listed',
    drift([a.middle.thumbprint], judged(HOST, [serving(a), serving(b, { address: '192.0.2.2' })])),
  ],
  [
    'one of three ends is listed',
    drift([a.middle.thumbprint], judged(HOST, [serving(a), serving(b), serving(soon)])),
  ],
  [
    'roots are listed that are not served',
    drift(
      [a.root.thumbprint, AMAZON_ROOT, STRANGE],
      judged(HOST, [serving(a, { anchored: true }), { chain: [served] }], {
        trustAnchors: { [`${HOST}:443`]: a.root.pem },
      }),
    ),
  ],
  ['a certificate ends soon', ofHost(HOST, serving(soon))],
  ['two certificates end soon', ofHost(HOST, serving(soon), serving(sooner))],
  [
    'certificates that no client takes',
    ofHost(HOST, ...[bad, early].map((one) => serving(one, { ...PRIVATE, distrust: 'CERT_HAS_EXPIRED' }))),
  ],
  ['a chain in disorder', ofHost(HOST, { chain: [a.leaf, a.root, a.middle, a.middle, ...strays] })],
  ['a chain in the wrong order', ofHost(HOST, { chain: [a.leaf, a.root, a.middle] })],
  [
    'two chains that are cut short',
    ofHost(
      HOST,
      ...[a, b].map(({ leaf }) => ({
        chain: [leaf],
        trusted: false,
        distrust: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      })),
    ),
  ],
  ['a weak certificate, twice', ofHost(HOST, serving(weak), serving(weak, PRIVATE))],
  ['a server that is too old', evaluateHost(refusing('version', 'version'), OPTIONS).findings],
  [
    'two chains where a public host is intercepted',
    ofHost('oidc.circleci.com', serving(a, PRIVATE), serving(b, PRIVATE)),
  ],
  [
    'private addresses only',
    ofHost(HOST, serving(a, { address: '10.0.0.1' }), serving(a, { address: 'fd00::1' })),
  ],
  [
    'a list that is odd in every way',
    evaluateList(['ab:cd', STRANGE.toUpperCase(), STRANGE, 'A'.repeat(40), 'x', 'x']),
  ],
  ['a list with a repetition', evaluateList([STRANGE, STRANGE])],
  ['a full list', evaluateList(['0', '1', '2', '3', '4'].map((digit) => digit.repeat(40)))],
  [
    'two hosts that the list alone verifies',
    evaluateUnverified(
      [a.middle.thumbprint, keys.middle.thumbprint],
      [judged(KEYS, [serving(keys, PRIVATE)]), judged(HOST, [serving(a, PRIVATE), serving(b)])],
    ),
  ],
];

/** A host that reports for each of two addresses why it has no certificate. */
const refusing = (...reasons: readonly ('version' | 'key-type')[]) => ({
  ...observed(HOST, []),
  variants: reasons.map((reason, index): Variant => ({
    address: `192.0.2.${index + 1}`,
    keyType: (['rsa', 'ecdsa'] satisfies KeyType[])[index] ?? 'rsa',
    answer: { kind: 'not-offered', reason },
  })),
});

it('each certificate finding contains the problem, its consequence, and the remedy', () => {
  const situations = all(minted);
  const text = situations
    .map(([title, findings]) =>
      [
        `# ${title}`,
        ...findings.map(
          ({ check, severity, message, remedy }) => `${check} ${severity}\n${message}\n${remedy}`,
        ),
      ].join('\n\n'),
    )
    .join('\n\n\n');
  expect(situations.filter(([, findings]) => findings.length === 0)).toEqual([]);
  // Lists are sorted by values that are new in each run.
  const named = text
    .replaceAll(/[0-9A-F]{2}(?::[0-9A-F]{2}){31}/g, '<SHA-256>')
    .replaceAll(/[0-9a-f]{40}/g, (thumbprint) => names.get(thumbprint) ?? thumbprint)
    .replaceAll(/<[^<>]*>(?:,? <[^<>]*>)+/g, (list) =>
      (list.match(/<[^<>]*>/g) ?? []).sort().join(list.includes(',') ? ', ' : ' '),
    );
  expectGolden('certificates.txt', `${named}\n`);
});

it('a host that could not be probed has a reason', () => {
  expect(evaluateHost(refusing('version', 'version'), OPTIONS)).toMatchObject({
    failure: {
      step: 'tls',
      code: 'TLS_HANDSHAKE',
      message: `${HOST} offers neither TLS 1.2 nor TLS 1.3.`,
    },
  });
  for (const seen of [refusing('version', 'key-type'), refusing('key-type', 'key-type'), refusing()])
    expect(evaluateHost(seen, OPTIONS)).toMatchObject({
      findings: [],
      failure: {
        step: 'tls',
        code: 'TLS_NO_CERTIFICATE',
        message: `${HOST} refuses handshakes with RSA and with ECDSA certificates, in TLS 1.2 and 1.3. It may demand a client certificate.`,
      },
    });
});
