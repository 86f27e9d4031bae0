/** Chains in forms that no careful server sends: which of their certificates are anchored, one by one. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../demo/authority';
import { anchorChain } from '../../lambda/x509/anchoring';
import { openAnchors } from '../../lambda/x509/anchor-set';
import {
  EXPIRED,
  asVersion1,
  authority,
  cross,
  family,
  server,
  withBadSignature,
} from '../support/attack-chains';
import type { Family } from '../support/attack-chains';

let honest: Family;
let evil: Identity;

beforeAll(async () => {
  honest = await family('Honest', 'ci.example.com');
  evil = await authority('Attacker');
});

/** One answer for each certificate: `yes`, or why not. */
const anchored = (
  chain: readonly Identity[],
  anchors: readonly Identity[] = [honest.root],
): readonly string[] =>
  anchorChain({
    served: chain.map(({ certificate }) => certificate.raw),
    anchors: openAnchors(anchors.map(({ pem }) => pem)),
    now: new Date(),
    verified: true,
  }).map((answer) => (answer.anchored ? 'yes' : answer.reason));

const yes = (amount: number): readonly string[] => Array.from({ length: amount }, () => 'yes');
const no = (amount: number, reason: string): readonly string[] =>
  Array.from({ length: amount }, () => reason);

describe('anchorChain: a trust anchor', () => {
  it('ends the path if it is served in the middle', async () => {
    const { leaf, intermediate, root } = honest;
    expect(anchored([leaf, intermediate, root, await cross(root, evil), evil])).toEqual([
      ...yes(3),
      ...no(2, 'no-path'),
    ]);
  });

  it('is another certificate than one of the same name with another key', async () => {
    const { leaf, intermediate, root } = honest;
    const other = await authority('Honest Root');
    const otherIntermediate = await authority('Honest Intermediate', { signedBy: other });
    expect(anchored([leaf, intermediate, otherIntermediate, other])).toEqual([
      ...yes(2),
      ...no(2, 'no-path'),
    ]);
    expect(anchored([leaf, intermediate, root], [other])).toEqual(no(3, 'no-path'));
  });

  it('is another certificate than one of the same name without key identifiers', async () => {
    const { leaf, intermediate, root } = honest;
    const other = await authority('Honest Root', { anonymousKeys: true });
    const above = await cross(root, other, { anonymousKeys: true });
    expect(anchored([leaf, intermediate, above, other])).toEqual([...yes(2), ...no(2, 'no-path')]);
  });

  it('that was issued again for the same key is above the certificate before it', async () => {
    const { leaf, intermediate, root } = honest;
    expect(anchored([leaf, intermediate, root], [await cross(root, root)])).toEqual(yes(3));
  });

  it('that replaces an expired one is not above that', async () => {
    const { leaf, intermediate, root } = honest;
    const expired = await cross(root, root, EXPIRED);
    expect(anchored([leaf, intermediate, expired])).toEqual([...yes(2), 'not-valid-now']);
    expect(anchored([leaf, intermediate, expired], [expired, root])).toEqual([...yes(2), 'not-valid-now']);
    expect(anchored([leaf, intermediate], [expired])).toEqual(no(2, 'not-valid-now'));
  });

  it('may be the leaf, and nothing above it is anchored then', async () => {
    const leaf = await authority('ci.example.com', { hosts: ['ci.example.com'] });
    expect(anchored([leaf, await cross(leaf, evil), evil], [leaf])).toEqual(['yes', ...no(2, 'no-path')]);
  });

  it('is no self-signed leaf without the CA flag', async () => {
    const leaf = await authority('ci.example.com', { ca: false, hosts: ['ci.example.com'] });
    expect(anchored([leaf], [leaf])).toEqual(['no-path']);
  });
});

describe('anchorChain: a chain', () => {
  it('may repeat its certificates', () => {
    const { leaf, intermediate, root } = honest;
    expect(anchored([leaf, intermediate, intermediate, root, root])).toEqual(yes(5));
  });

  it('may be in another order, with an unrelated certificate', () => {
    const { leaf, intermediate, root } = honest;
    expect(anchored([leaf, root, evil, intermediate])).toEqual(['yes', 'yes', 'no-path', 'yes']);
  });

  it('may contain two authorities that have signed each other', async () => {
    const [one, two] = [await authority('One'), await authority('Two')];
    const loop = [await server('ci.example.com', one), await cross(one, two), await cross(two, one)];
    expect(anchored(loop, [one])).toEqual(yes(3));
    expect(anchored(loop)).toEqual(no(3, 'no-path'));
    expect(anchored([...loop, await cross(one, evil), evil], [one])).toEqual([
      ...yes(3),
      ...no(2, 'no-path'),
    ]);
  });

  it('has at most 20 certificates', async () => {
    const chain = [honest.root];
    for (let level = 0; level < 18; level += 1)
      chain.unshift(await authority(`Level ${level}`, { signedBy: chain[0] ?? honest.root }));
    chain.unshift(await server('ci.example.com', chain[0] ?? honest.root));
    expect(anchored(chain)).toEqual(yes(20));
    expect(anchored([...chain, evil])).toEqual(no(21, 'too-many'));
  });

  it('has at most 256 pairs of certificates of which one issued the other', async () => {
    const { leaf, intermediate, root } = honest;
    const copies = await Promise.all(Array.from({ length: 17 }, () => cross(root, root)));
    expect(anchored([leaf, intermediate, ...copies.slice(0, 8), evil])).toEqual([...yes(10), 'no-path']);
    expect(anchored([leaf, intermediate, ...copies])).toEqual(no(19, 'too-many'));
  });

  it('is anchored only as far as its signatures verify', async () => {
    const { leaf, intermediate, root } = honest;
    const copy = withBadSignature(await cross(intermediate, root));
    expect(anchored([leaf, intermediate, copy])).toEqual([...yes(2), 'no-path']);
    expect(anchored([leaf, withBadSignature(intermediate), root])).toEqual(no(3, 'no-path'));
    expect(anchored([withBadSignature(leaf), intermediate, root])).toEqual(no(3, 'no-path'));
  });

  it('of a version 1 intermediate is not anchored', () => {
    const { leaf, intermediate, root } = honest;
    expect(anchored([leaf, asVersion1(intermediate, root), root])[1]).toBe('not-a-ca');
  });

  it('is not anchored at the key of its leaf, for which anybody can make a CA certificate', async () => {
    const { leaf, intermediate } = honest;
    expect(anchored([leaf, intermediate, await cross(leaf, evil), evil])).toEqual([
      ...yes(2),
      ...no(2, 'no-path'),
    ]);
  });
});
