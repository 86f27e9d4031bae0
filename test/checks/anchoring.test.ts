/** CERT007: what AWS compares, and what may be proposed of it. `x509/anchoring.test.ts` has the rules of paths. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../demo/authority';
import { evaluateUnanchored } from '../../lambda/checks/anchoring';
import type { UnanchoredContext } from '../../lambda/checks/anchoring';
import type { EvaluatedHost, HostOptions } from '../../lambda/checks/host';
import { failure } from '../../lambda/domain/errors';
import type { Finding } from '../../lambda/domain/types';
import { CARELESS, EXPIRED, authority, cross, family } from '../support/attack-chains';
import type { Family } from '../support/attack-chains';
import { judged } from '../support/observed';

const HOST = 'ci.example.com';
const UNLISTED: UnanchoredContext = { listed: [], enforced: true, update: 'off' };

let honest: Family;
let other: Identity;

beforeAll(async () => {
  honest = await family('Honest', HOST);
  other = await authority('Other Root');
});

/** A host whose chain OpenSSL verifies below these anchors, configured ones or public ones. */
function serving(
  chain: readonly Identity[],
  anchors: readonly Identity[] = [honest.root],
  more: Partial<HostOptions> & { readonly isPublic?: boolean } = {},
): EvaluatedHost {
  const { isPublic = false, ...options } = more;
  if (isPublic) return judged(HOST, [{ chain, below: anchors }], { now: new Date(), ...options });
  const trustAnchors = { [`${HOST}:443`]: anchors.map(({ pem }) => pem).join('') };
  const served = { chain, trusted: false, anchored: true };
  return judged(HOST, [served], { now: new Date(), trustAnchors, ...options });
}

const found = (host: EvaluatedHost, context: Partial<UnanchoredContext> = {}): readonly Finding[] => [
  ...evaluateUnanchored([host], { ...UNLISTED, ...context }),
];
const thumbprints = (...identities: readonly Identity[]): readonly string[] =>
  identities.map(({ thumbprint }) => thumbprint);

describe('a chain whose end has a trust anchor above it', () => {
  it.each(['rsa', 'ecdsa'] as const)(
    'is proposed: a root that an older root has signed (%s)',
    async (keyType) => {
      const older = await authority('Services Root', { keyType: 'rsa' });
      const root = await authority('Newer Root', { keyType });
      const issuing = await authority('Issuing CA', { keyType, signedBy: root });
      const leaf = await authority(HOST, { ca: false, hosts: [HOST], keyType, signedBy: issuing });
      const crossed = await cross(root, older);
      for (const isPublic of [true, false]) {
        const host = serving([leaf, issuing, crossed], [older, root], { isPublic });
        expect(host).toMatchObject({ expected: thumbprints(crossed), proposed: thumbprints(crossed) });
        expect(found(host)).toEqual([]);
      }
    },
  );

  it('is proposed with or without its root, and if another trusted root has signed a CA for it', async () => {
    const { leaf, intermediate, root } = honest;
    const development = await authority('Development', { signedBy: other });
    const above = await cross(root, development);
    for (const [end, chain] of [
      [intermediate, [leaf, intermediate]],
      [root, [leaf, intermediate, root]],
      [development, [leaf, intermediate, above, development]],
    ] as const) {
      const host = serving(chain, [root, other]);
      expect(host).toMatchObject({ expected: thumbprints(end), proposed: thumbprints(end) });
      expect(found(host)).toEqual([]);
    }
  });
});

describe('CERT007: the end of a chain has no trust anchor above it', () => {
  it.each(['trustAnchors', 'the public roots'])('is expected and not proposed: %s', async (against) => {
    const { leaf, intermediate, root } = honest;
    const above = await cross(root, other);
    const host = serving([leaf, intermediate, above], [root], { isPublic: against !== 'trustAnchors' });
    expect(host).toMatchObject({ expected: thumbprints(above), proposed: [] });
    const fact =
      'serves certificates that AWS may compare, but no valid path leads from its leaf certificate through them to';
    expect(found(host)).toMatchObject([
      {
        check: 'CERT007',
        subject: above.thumbprint,
        message: `${HOST} ${fact} ${against}: ${above.thumbprint} (CN=Honest Root; no path leads through it to a trust anchor). The monitor does not propose them for the list, and no update adds them.`,
      },
    ]);
  });

  it.each([
    ['a path length of 0', 'its path is longer than a path length constraint permits'],
    [
      'name constraints',
      'its path contains a CA with name or policy constraints or an unknown critical extension',
    ],
    ['client authentication only', 'its path contains a CA that may not issue certificates'],
    ['no CA flag', 'its path contains an issuer that is not a CA'],
    ['a date in the past', 'its path contains a certificate that is not valid now'],
    ['a SHA-1 signature', 'its path contains a weak key or signature'],
  ])('says why nothing leads through a CA with %s', async (limit, reason) => {
    const { leaf, intermediate, root } = honest;
    const development = await CARELESS[limit]?.('Development', other);
    if (development === undefined) throw new TypeError(`There is no ${limit}.`);
    const host = serving([leaf, intermediate, await cross(root, development), development], [root, other]);
    expect(host).toMatchObject({ expected: thumbprints(development), proposed: [] });
    expect(found(host)[0]?.message).toContain(`${development.thumbprint} (CN=Development; ${reason}`);
  });

  it.each<[Partial<UnanchoredContext>, Finding['severity']]>([
    [{ enforced: true }, 'high'],
    [{ enforced: null }, 'medium'],
    [{ enforced: false }, 'info'],
    [{ enforced: false, update: 'enforced-only' }, 'info'],
    [{ enforced: false, update: 'guarded' }, 'high'],
    [{ enforced: null, update: 'guarded' }, 'high'],
  ])(
    'with %j is %s; what is listed already counts only as far as AWS checks the list',
    async (context, severity) => {
      const { leaf, intermediate, root } = honest;
      const above = await cross(root, other);
      const host = serving([leaf, intermediate, above]);
      expect(found(host, context)).toMatchObject([{ severity }]);
      const listed = thumbprints(above);
      const [{ severity: known } = { severity: null }] = found(host, { ...context, listed });
      expect(known).toBe(context.enforced === true ? 'high' : context.enforced === null ? 'medium' : 'info');
    },
  );

  it('proposes no command, and says what the operator can do', async () => {
    const { leaf, intermediate, root } = honest;
    const DO_NOT =
      "Ask the issuer's operator whether these certificates are correct. If the operator does not know them, somebody may have replaced the chain: do not list them. Otherwise the operator can remove them from the served chain.";
    const remedyOf = (chain: readonly Identity[], more: { readonly isPublic?: boolean } = {}): string =>
      found(serving(chain, [root], more))
        .map(({ remedy }) => remedy)
        .join();
    const above = [leaf, intermediate, await cross(root, other)];
    expect(remedyOf(above)).toBe(
      `If CN=Other Root is your own CA, for example the previous root, add its certificate to trustAnchors.\n\n${DO_NOT}`,
    );
    expect(remedyOf(above, { isPublic: true })).toBe(DO_NOT);
    expect(remedyOf([...above, other])).toBe(DO_NOT);
    expect(remedyOf([leaf, intermediate, await cross(root, root, EXPIRED)])).toBe(
      `Configure the server to send certificates that are valid now.\n\n${DO_NOT}`,
    );
    const constrained = await CARELESS['name constraints']?.('Development', root);
    if (constrained === undefined) throw new TypeError('There is no such CA.');
    expect(remedyOf([leaf, intermediate, await cross(intermediate, constrained), constrained])).toMatch(
      /^The monitor proposes no CA with constraints/,
    );
  });

  it('names all ends of a host, if one of its chains verifies, and what to do about each', async () => {
    const { leaf, intermediate, root } = honest;
    const constrained = await CARELESS['name constraints']?.('Development', other);
    if (constrained === undefined) throw new TypeError('There is no such CA.');
    const [one, two] = [await cross(root, other), await cross(root, await authority('Third Root'))];
    const late = await cross(root, root, EXPIRED);
    const of = (...ends: readonly (readonly Identity[])[]): readonly Finding[] => {
      const chains = ends.map((above) => ({ chain: [leaf, intermediate, ...above], trusted: false }));
      const trustAnchors = { [`${HOST}:443`]: root.pem };
      const served = chains.map((each, index) => ({ ...each, anchored: index < 2 }));
      return found(judged(HOST, served, { now: new Date(), trustAnchors }));
    };
    const [both] = of([one], [two], []);
    expect(both).toMatchObject({ subject: thumbprints(one, two).slice().sort().join(' ') });
    expect(both?.message).toContain('no path leads through it to a trust anchor), ');
    expect(both?.remedy).toMatch(/^If CN=(Other|Third) Root and CN=(Other|Third) Root is your own CA/);
    const [mixed] = of([one], [late]);
    expect(mixed?.remedy).toMatch(
      /^Configure the server .*\n\nIf CN=.* is your own CA, .*\n\n.* do not list them/,
    );
    const limited = [await cross(root, constrained), constrained];
    expect(of([one], limited)[0]?.remedy).toMatch(/^The monitor proposes no CA with constraints/);
  });

  it('is not reported of a host without any anchor, nor of one that failed', async () => {
    const { leaf, intermediate, root } = honest;
    const chain = [leaf, intermediate, await cross(root, other)];
    const without = judged(HOST, [{ chain, trusted: false }], { now: new Date() });
    expect(without).toMatchObject({ expected: thumbprints(chain[2] ?? leaf), proposed: [] });
    expect(found(without)).toEqual([]);
    expect(found({ ...serving(chain), failure: failure('tls', 'TLS_TIMEOUT', 'silence') })).toEqual([]);
  });
});
