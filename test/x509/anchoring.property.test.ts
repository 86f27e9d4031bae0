/** Every certificate that is called anchored, OpenSSL accepts when only the path that justifies it is served. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { anchorChain } from '../../lambda/x509/anchoring';
import { openAnchors } from '../../lambda/x509/anchor-set';
import { mintWorld, openOracle } from '../support/anchoring-worlds';
import type { HandshakeOracle, World } from '../support/anchoring-worlds';

jest.setTimeout(600_000);

const SEED = Number(process.env['ANCHORING_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const WORLDS = Number(process.env['ANCHORING_WORLDS'] ?? 3);
const CASES = Number(process.env['ANCHORING_CASES'] ?? 40);

let worlds: readonly World[];
let oracle: HandshakeOracle;

beforeAll(async () => {
  process.stderr.write(`anchoring: ANCHORING_SEED=${SEED}\n`);
  let state = SEED;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const minted: World[] = [];
  for (let world = 0; world < WORLDS; world += 1) minted.push(await mintWorld(pick));
  worlds = minted;
  oracle = await openOracle();
});

afterAll(() => oracle.close());

/** By numbers, so that a failure can be read. The first of the chain is a leaf, the others are CA certificates. */
interface Case {
  readonly world: number;
  readonly leaf: number;
  readonly above: readonly number[];
  readonly anchors: readonly number[];
}

const numbersBelow = (below: number): readonly number[] => Array.from({ length: below }, (_, index) => index);

const aCase = (): fc.Arbitrary<Case> =>
  fc.constantFrom(...worlds.entries()).chain(([world, { authorities, selfSigned, leaves }]) =>
    fc.record({
      world: fc.constant(world),
      leaf: fc.nat(leaves.length - 1),
      above: fc.shuffledSubarray([...numbersBelow(authorities.length)], { maxLength: 8 }),
      anchors: fc.shuffledSubarray([...numbersBelow(selfSigned.length)], { minLength: 1, maxLength: 4 }),
    }),
  );

const pickFrom = <T>(list: readonly T[], places: readonly number[]): readonly T[] =>
  places.flatMap((place) => list.slice(place, place + 1));

describe('an anchored certificate', () => {
  it('is accepted by OpenSSL below the anchors, with nothing else served than the path that justifies it', async () => {
    const counts = { verified: 0, anchored: 0, above: 0 };
    const property = fc.asyncProperty(aCase(), async ({ world, leaf, above, anchors }) => {
      const { authorities, selfSigned, leaves } = worlds[world] ?? {
        authorities: [],
        selfSigned: [],
        leaves: [],
      };
      const chain = [...pickFrom(leaves, [leaf]), ...pickFrom(authorities, above)];
      const pems = pickFrom(selfSigned, anchors).map(({ pem }) => pem);
      if (!(await oracle.accepts(chain, pems))) return;
      counts.verified += 1;
      const answers = anchorChain({
        served: chain.map(({ certificate }) => certificate.raw),
        anchors: openAnchors(pems),
        now: new Date(),
        verified: true,
      });
      const paths = new Map(
        answers.flatMap((answer) => (answer.anchored ? [[answer.path.join(), answer.path] as const] : [])),
      );
      counts.anchored += answers.filter(({ anchored }) => anchored).length;
      for (const path of paths.values()) {
        if (path.length > 2) counts.above += 1;
        const cut = pickFrom(chain, path);
        expect(cut).toHaveLength(path.length);
        expect(await oracle.accepts(cut, pems)).toBe(true);
      }
    });
    await fc.assert(property, { numRuns: CASES, seed: SEED, endOnFailure: true });
    process.stderr.write(`anchoring: ${JSON.stringify(counts)}\n`);
  });
});
