import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { mint } from '../../demo/authority';
import type { Identity, Minting } from '../../demo/authority';
import { ANCHORING_LIMITS, anchorChain } from '../../lambda/x509/anchoring';
import type { Anchoring } from '../../lambda/x509/anchoring';
import { openAnchors } from '../../lambda/x509/anchor-set';
import { FLAWS } from '../support/anchoring-worlds';
import { taking } from '../support/cases';
import { KEY_AT_INFINITY, withPublicKey } from '../support/der';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

const answersOf = (
  served: readonly Identity[],
  anchors: readonly Identity[],
  more: { readonly verified?: boolean; readonly now?: Date } = {},
): readonly Anchoring[] =>
  anchorChain({
    served: served.map(({ certificate }) => certificate.raw),
    anchors: openAnchors(anchors.map(({ pem }) => pem)),
    now: new Date(),
    verified: true,
    ...more,
  });

/** What is anchored, by common name; for the others, why not. */
const words = (...asked: Parameters<typeof answersOf>): readonly string[] =>
  answersOf(...asked).map((answer) => (answer.anchored ? 'anchored' : answer.reason));

const leafOf = (signedBy: Identity): Promise<Identity> =>
  mint({ commonName: 'localhost', hosts: ['localhost'], signedBy });
const ca = (commonName: string, more: Partial<Minting> = {}): Promise<Identity> =>
  mint({ commonName, ca: true, ...more });

let root: Identity;
let foreign: Identity;
let middle: Identity;
let leaf: Identity;

beforeAll(async () => {
  root = await ca('Root');
  foreign = await ca('Foreign Root');
  middle = await ca('Intermediate', { signedBy: root });
  leaf = await leafOf(middle);
});

describe('anchorChain: the table of results', () => {
  it.each(['rsa', 'ecdsa'] as const)(
    'anchors a cross-certificate of a root that is below another root (%s)',
    async (keyType) => {
      // As Amazon serves it: leaf, an intermediate, and Amazon Root CA signed by Starfield; both roots are public.
      const starfield = await ca('Starfield', { keyType: 'rsa' });
      const amazon = await ca('Amazon Root', { keyType });
      const cross = await ca('Amazon Root', { keyOf: amazon, signedBy: starfield });
      const issuing = await ca('Amazon Issuing', { signedBy: amazon, keyType });
      const chain = [await leafOf(issuing), issuing, cross];
      expect(words(chain, [amazon, starfield])).toEqual(['anchored', 'anchored', 'anchored']);
      expect(words(chain, [amazon])).toEqual(['anchored', 'anchored', 'no-path']);
      expect(words(chain, [starfield])).toEqual(['anchored', 'anchored', 'anchored']);
    },
  );

  it('anchors the certificates below a root, served or not', () => {
    expect(words([leaf, middle], [root])).toEqual(['anchored', 'anchored']);
    expect(words([leaf, middle, root], [root])).toEqual(['anchored', 'anchored', 'anchored']);
    expect(answersOf([leaf, middle, root], [root])[2]).toMatchObject({ path: [0, 1, 2] });
    expect(words([leaf, root, middle], [root])).toEqual(['anchored', 'anchored', 'anchored']);
    expect(words([leaf], [middle])).toEqual(['no-path']);
  });

  it('does not anchor a cross-certificate and a root of an attacker (fault 49)', async () => {
    const cross = await ca('Intermediate', { keyOf: middle, signedBy: foreign });
    expect(words([leaf, middle, cross], [root])).toEqual(['anchored', 'anchored', 'no-path']);
    expect(words([leaf, middle, cross, foreign], [root])).toEqual([
      'anchored',
      'anchored',
      'no-path',
      'no-path',
    ]);
    const below = await leafOf(root);
    const crossRoot = await ca('Root', { keyOf: root, signedBy: foreign });
    expect(words([below, crossRoot, foreign], [root])).toEqual(['anchored', 'no-path', 'no-path']);
  });

  it.each([
    ['pathLength0', 'path-length'],
    ['nameConstraints', 'constrained'],
    ['policyConstraints', 'constrained'],
    ['inhibitAnyPolicy', 'constrained'],
    ['unknownCritical', 'constrained'],
    ['clientAuthOnly', 'usage'],
    ['anyUsage', 'usage'],
    ['expired', 'not-valid-now'],
    ['early', 'not-valid-now'],
    ['notACa', 'not-a-ca'],
    ['sha1', 'weak'],
  ] as const)('does not anchor what a CA with %s has cross-signed', async (flaw, reason) => {
    const dev = await ca('Dev', { signedBy: root, ...FLAWS[flaw] });
    const cross = await ca('Intermediate', { keyOf: middle, signedBy: dev });
    expect(words([leaf, middle, cross, dev], [root])).toEqual(['anchored', 'anchored', reason, reason]);
  });

  it.each(['none', 'pathLength1', 'serverAuth', 'unknown', 'withoutKeyIdentifiers', 'longLived'] as const)(
    'anchors what a CA with %s has cross-signed',
    async (flaw) => {
      const dev = await ca('Dev', { signedBy: root, ...FLAWS[flaw] });
      const cross = await ca('Intermediate', { keyOf: middle, signedBy: dev });
      expect(words([leaf, middle, cross, dev], [root])).toEqual(Array<string>(4).fill('anchored'));
    },
  );

  it('does not anchor a root that is cross-signed by a former anchor', async () => {
    const old = await ca('Old Root', { keyType: 'rsa' });
    const cross = await ca('Root', { keyOf: root, signedBy: old });
    expect(words([leaf, middle, cross], [root])).toEqual(['anchored', 'anchored', 'no-path']);
    expect(words([leaf, middle, cross], [root, old])).toEqual(['anchored', 'anchored', 'anchored']);
    const expired = await ca('Root', { keyOf: root, signedBy: old, ...FLAWS['expired'] });
    expect(words([leaf, middle, expired], [root, old])).toEqual(['anchored', 'anchored', 'not-valid-now']);
  });
});

describe('an anchored certificate', () => {
  it('requires that OpenSSL verified the handshake', () => {
    expect(words([leaf, middle], [root], { verified: false })).toEqual(['not-verified', 'not-verified']);
  });

  it('requires a path that is valid at the time', () => {
    const later = new Date(Date.now() + 366 * 86_400_000);
    expect(words([leaf, middle], [root], { now: later })).toEqual(['not-valid-now', 'not-valid-now']);
  });

  it('needs an anchor that is a self-signed CA certificate', async () => {
    const selfSigned = await mint({ commonName: 'localhost', hosts: ['localhost'] });
    expect(words([leaf, middle], [middle])).toEqual(['no-path', 'no-path']);
    expect(words([selfSigned], [selfSigned])).toEqual(['no-path']);
    const proud = await ca('localhost', { hosts: ['localhost'] });
    expect(words([proud], [proud])).toEqual(['anchored']);
  });

  it('rests on keys of enough bits, anchors included', async () => {
    const weak = { keyType: 'rsa', rsaBits: 1_024 } as const;
    const weakRoot = await ca('Weak Root', weak);
    expect(words([await leafOf(weakRoot)], [weakRoot])).toEqual(['weak']);
    const weakMiddle = await ca('Weak', { ...weak, signedBy: root });
    expect(words([await leafOf(weakMiddle), weakMiddle], [root])).toEqual(['weak', 'weak']);
  });

  it('may be an anchor that signed itself with SHA-1', async () => {
    const old = await ca('Old', { hash: 'SHA-1' });
    expect(words([await leafOf(old), old], [old])).toEqual(['anchored', 'anchored']);
  });

  it('is not proved by subject and key', async () => {
    const copy = await ca('Root', { keyOf: root, signedBy: foreign });
    expect(words([leaf, middle, root, copy], [root])).toEqual([
      'anchored',
      'anchored',
      'anchored',
      'no-path',
    ]);
    const damaged = Buffer.from(root.certificate.raw);
    damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1);
    const answers = anchorChain({
      served: [leaf.certificate.raw, middle.certificate.raw, damaged],
      anchors: openAnchors([root.pem]),
      now: new Date(),
      verified: true,
    });
    expect(answers.map(({ anchored }) => anchored)).toEqual([true, true, false]);
  });

  it('counts no self-issued certificate against a path length', async () => {
    const narrow = await ca('Narrow', { pathLength: 1 });
    const renewed = await ca('Narrow', { signedBy: narrow });
    const issuing = await ca('Issuing', { signedBy: renewed });
    const chain = [await leafOf(issuing), issuing, renewed];
    expect(words(chain, [narrow])).toEqual(['anchored', 'anchored', 'anchored']);
    const further = await ca('Further', { signedBy: issuing });
    expect(words([await leafOf(further), further, issuing, renewed], [narrow])).toEqual(
      Array<string>(4).fill('path-length'),
    );
  });

  it('is on no path that one of two anchors of a name and key refuses, as OpenSSL may take either', async () => {
    const narrow = await ca('Root', { keyOf: root, pathLength: 0 });
    expect(words([leaf, middle], [root, narrow])).toEqual(['path-length', 'path-length']);
  });

  it('is found if loops are served', async () => {
    const one = await ca('One');
    const other = await ca('Other');
    const oneByOther = await ca('One', { keyOf: one, signedBy: other });
    const otherByOne = await ca('Other', { keyOf: other, signedBy: one });
    const oneByRoot = await ca('One', { keyOf: one, signedBy: root });
    const chain = [await leafOf(one), oneByOther, otherByOne, oneByRoot];
    expect(words(chain, [root])).toEqual(Array<string>(4).fill('anchored'));
    expect(words(chain.slice(0, 3), [root])).toEqual(Array<string>(3).fill('no-path'));
  });
});

describe('anchorChain: the limits', () => {
  it('anchor nothing beyond so many certificates', () => {
    const strays = Array<Identity>(ANCHORING_LIMITS.certificates - 2).fill(foreign);
    expect(words([leaf, middle, ...strays], [root]).slice(0, 2)).toEqual(['anchored', 'anchored']);
    expect(new Set(words([leaf, middle, foreign, ...strays], [root]))).toEqual(new Set(['too-many']));
  });

  it('anchor nothing beyond so many paths', async () => {
    // Authorities that all certify each other: each order of them is a path.
    const entities = await Promise.all(['A', 'B', 'C', 'D'].map((name) => ca(name)));
    const copies = await Promise.all(
      entities.flatMap((one) =>
        entities
          .filter((other) => other !== one)
          .map((signedBy) => ca(one.certificate.subject.slice(3), { keyOf: one, signedBy })),
      ),
    );
    const [first = root] = entities;
    const began = performance.now();
    const answers = words([await leafOf(first), ...copies], [root]);
    expect(new Set(answers)).toEqual(new Set(['too-many']));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('anchorChain: any bytes', () => {
  it('cause no exception, and no changed certificate is anchored but an unsigned one', () => {
    const raws = [leaf, middle, root].map(({ certificate }) => certificate.raw);
    const cases = fc.tuple(fc.nat(2), fc.nat(2_000), fc.nat(255), fc.boolean());
    fc.assert(
      fc.property(cases, ([which, where, value, isCut]) => {
        const changed = raws.map((raw, index) => {
          if (index !== which) return raw;
          const copy = Buffer.from(isCut ? raw.subarray(0, where % raw.length) : raw);
          if (!isCut) copy[where % copy.length] = value;
          return copy;
        });
        const answers = anchorChain({
          served: changed,
          anchors: openAnchors([root.pem]),
          now: new Date(),
          verified: true,
        });
        expect(answers).toHaveLength(3);
        // Every changed byte is covered by a signature, or is one.
        if (!changed[which]?.equals(raws[which] ?? Buffer.alloc(0)))
          expect(answers[which]?.anchored).toBe(false);
      }),
      taking(250),
    );
  });

  it('are parsed as far as possible', () => {
    const answers = anchorChain({
      served: [leaf.certificate.raw, middle.certificate.raw, Buffer.from('nothing'), Buffer.alloc(0)],
      anchors: openAnchors([root.pem, 'nothing', '-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----']),
      now: new Date(),
      verified: true,
    });
    expect(answers).toMatchObject([
      { anchored: true },
      { anchored: true },
      { anchored: false, reason: 'not-readable' },
      { anchored: false, reason: 'not-readable' },
    ]);
    expect(anchorChain({ served: [], anchors: openAnchors([]), now: null, verified: true })).toEqual([]);
  });

  it('may contain a key that is no point on its curve', () => {
    const damaged = withPublicKey(middle.certificate.raw, KEY_AT_INFINITY);
    const answers = anchorChain({
      served: [leaf.certificate.raw, damaged],
      anchors: openAnchors([root.pem]),
      now: new Date(),
      verified: true,
    });
    expect(answers.map(({ anchored }) => anchored)).toEqual([false, false]);
  });
});
