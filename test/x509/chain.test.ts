import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { readChain } from '../../lambda/x509/chain';
import type { EvaluatedChain } from '../../lambda/x509/chain';
import { taking } from '../support/cases';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

/** `isAnchored`: whether a certificate has a trust anchor above it. */
const chainOf = (
  served: readonly Identity[],
  isAnchored: (identity: Identity) => boolean = () => true,
): EvaluatedChain => {
  const judged = readChain(
    served.map(({ certificate }) => certificate.raw),
    served.map(isAnchored),
  );
  if (!judged.ok) throw new TypeError(judged.failure.message);
  return judged.value;
};
const expectedOf = (served: readonly Identity[]): readonly string[] => [...chainOf(served).expected].sort();
const rolesOf = (served: readonly Identity[]): readonly string[] =>
  chainOf(served).certificates.map(({ role }) => role);

/** Upward: the leaf, CAs above each other, the root. Cross-signed copies of level n are in `twins[n]`. */
interface Tower {
  readonly levels: readonly Identity[];
  readonly twins: readonly (Identity | undefined)[];
}

const DEPTHS = [1, 2, 3, 5];
let towers: readonly Tower[];
let strays: readonly Identity[];
let crossRoot: Identity;

/** Built downward. Key types alternate; every CA has a cross-signed copy by another root. */
async function build(depth: number): Promise<Tower> {
  const downward: Identity[] = [];
  const twins: (Identity | undefined)[] = [];
  for (let level = 0; level <= depth; level += 1) {
    const isLeaf = level === depth;
    const options = {
      commonName: isLeaf ? 'leaf.example.com' : `Tower ${depth} CA ${level}`,
      ca: !isLeaf,
      hosts: isLeaf ? ['leaf.example.com'] : [],
      keyType: (depth + level) % 4 === 1 ? ('rsa' as const) : ('ecdsa' as const),
      // A path does not depend on the length of keys, and long ones take long to make.
      rsaBits: 1024,
    };
    const upper = downward.at(-1);
    const identity = await mint(upper === undefined ? options : { ...options, signedBy: upper });
    downward.push(identity);
    twins.push(isLeaf ? undefined : await mint({ ...options, keyOf: identity, signedBy: crossRoot }));
  }
  return { levels: downward.reverse(), twins: twins.reverse() };
}

beforeAll(async () => {
  crossRoot = await mint({ commonName: 'Cross Root', ca: true });
  towers = await Promise.all(DEPTHS.map(build));
  const [, second] = towers;
  const [leaf, ca] = second?.levels ?? [];
  strays = [
    await mint({ commonName: 'Stranger', ca: true }),
    await mint({ commonName: 'Stranger', keyType: 'rsa', rsaBits: 1024 }),
    // Impostors: a name of the tower, but not its key; without key identifiers only the signature distinguishes them.
    await mint({ commonName: 'Tower 2 CA 1', ca: true, anonymousKeys: true }),
    await mint({ commonName: 'Tower 2 CA 1', ca: true, anonymousKeys: true, keyType: 'rsa', rsaBits: 1024 }),
    await mint({ commonName: 'Tower 3 CA 2', ca: true, anonymousKeys: true }),
    // The leaf's own name, from the same authority: the certificate before its last renewal.
    await mint({ commonName: 'leaf.example.com', ...(ca === undefined ? {} : { signedBy: ca }) }),
    await mint({
      commonName: 'leaf.example.com',
      ...(leaf === undefined ? {} : { keyOf: leaf }),
      signedBy: crossRoot,
    }),
  ];
}, 60_000);

const aTower = (): fc.Arbitrary<Tower> => fc.constantFrom(...towers);
/** How many levels are served: the root may be left out, and all above the leaf, too. */
const served = ({ levels }: Tower): fc.Arbitrary<readonly Identity[]> =>
  fc.integer({ min: 1, max: levels.length }).map((count) => levels.slice(0, count));
const aChain = (): fc.Arbitrary<readonly Identity[]> => aTower().chain(served);
/** The leaf stays first: what is served first is the leaf. */
const permuted = (chain: readonly Identity[]): fc.Arbitrary<readonly Identity[]> => {
  const [leaf, ...rest] = chain;
  return fc
    .shuffledSubarray(rest, { minLength: rest.length })
    .map((above) => [...(leaf === undefined ? [] : [leaf]), ...above]);
};
const RUNS = taking(40);

describe('readChain: the thumbprint that AWS would take', () => {
  it('is of the last certificate, if the chain is in order', () => {
    fc.assert(
      fc.property(aChain(), (chain) => {
        expect(expectedOf(chain)).toEqual([chain.at(-1)?.thumbprint]);
        expect(chainOf(chain)).toMatchObject({ faults: [] });
        expect(chainOf(chain).certificates.every(({ onPath }) => onPath)).toBe(true);
      }),
      RUNS,
    );
  });

  it('does not depend on the order above the leaf', () => {
    const cases = aChain().chain((chain) => fc.tuple(fc.constant(chain), permuted(chain)));
    fc.assert(
      fc.property(cases, ([chain, shuffled]) => {
        expect(expectedOf(shuffled)).toEqual(expectedOf(chain));
        const moved = chain.some((one, index) => one !== shuffled[index]);
        expect(chainOf(shuffled).faults).toEqual(moved ? ['misordered'] : []);
      }),
      RUNS,
    );
  });

  it('does not depend on copies, in any order', () => {
    const cases = aChain().chain((chain) =>
      fc.tuple(
        fc.constant(chain),
        fc
          .array(fc.constantFrom(...chain), { minLength: 1, maxLength: 4 })
          .chain((copies) => permuted([...chain, ...copies])),
      ),
    );
    fc.assert(
      fc.property(cases, ([chain, copied]) => {
        expect(expectedOf(copied)).toEqual(expectedOf(chain));
        expect(chainOf(copied).faults).toContain('duplicated');
      }),
      RUNS,
    );
  });

  it('does not depend on unrelated, forged and older certificates, in any order', () => {
    const cases = aChain().chain((chain) =>
      fc.tuple(
        fc.constant(chain),
        fc.subarray([...strays], { minLength: 1 }).chain((some) => permuted([...chain, ...some])),
      ),
    );
    fc.assert(
      fc.property(cases, ([chain, mixed]) => {
        expect(expectedOf(mixed)).toEqual(expectedOf(chain));
        expect(chainOf(mixed).faults).toContain('additional');
        const onPath = chainOf(mixed).certificates.filter((one) => one.onPath);
        expect(onPath.map(({ thumbprint }) => thumbprint).sort()).toEqual(
          chain.map(({ thumbprint }) => thumbprint).sort(),
        );
      }),
      RUNS,
    );
  });

  it('is of the last cross-certificate if the chain ends in several, and no order of the rest changes that (fault 11)', () => {
    const cases = aTower().chain((tower) =>
      served(tower)
        .filter((chain) => chain.length > 1)
        .chain((chain) => {
          const twin = tower.twins[chain.length - 1];
          return fc.tuple(fc.constant(chain), permuted([...chain, ...(twin === undefined ? [] : [twin])]));
        }),
    );
    fc.assert(
      fc.property(cases, ([chain, twinned]) => {
        const top = chain.at(-1);
        const last = twinned
          .filter(({ certificate }) => certificate.subject === top?.certificate.subject)
          .at(-1);
        expect(expectedOf(twinned)).toEqual([last?.thumbprint]);
        expect(chainOf(twinned).faults).not.toContain('additional');
      }),
      RUNS,
    );
  });

  it('is of the last of three cross-certificates', async () => {
    const [tower] = towers;
    const [leaf, ca] = tower?.levels ?? [];
    if (leaf === undefined || ca === undefined) throw new TypeError('A tower has a leaf and a CA.');
    const options = { commonName: 'Tower 1 CA 0', ca: true, keyOf: ca, signedBy: crossRoot };
    const twins = [ca, await mint(options), await mint(options)];
    for (const order of [twins, [...twins].reverse()])
      expect(expectedOf([leaf, ...order])).toEqual([order.at(-1)?.thumbprint]);
  });

  it('names every certificate of a chain with cross-certificates below its end', () => {
    const cases = aTower().chain((tower) =>
      fc
        .subarray(tower.twins.slice(1, -1).filter((twin) => twin !== undefined))
        .chain((twins) =>
          fc.tuple(fc.constant(tower.levels), fc.constant(twins), permuted([...tower.levels, ...twins])),
        ),
    );
    fc.assert(
      fc.property(cases, ([levels, twins, mixed]) => {
        expect(expectedOf(mixed)).toEqual([levels.at(-1)?.thumbprint]);
        const roles = chainOf(mixed).certificates.map(({ thumbprint, role }) => [thumbprint, role]);
        const [leaf, root] = [levels[0]?.thumbprint, levels.at(-1)?.thumbprint];
        expect(Object.fromEntries(roles)).toEqual(
          Object.fromEntries(
            [...levels, ...twins].map(({ thumbprint }) => [
              thumbprint,
              thumbprint === leaf ? 'leaf' : thumbprint === root ? 'root' : 'intermediate',
            ]),
          ),
        );
      }),
      RUNS,
    );
  });
});

describe('readChain: chains without a single end', () => {
  it('return both ends if both roots of a cross-signed CA are served', async () => {
    const one = await mint({ commonName: 'One', ca: true });
    const other = await mint({ commonName: 'Other', ca: true });
    const middle = await mint({ commonName: 'Middle', ca: true, signedBy: one });
    const twin = await mint({ commonName: 'Middle', ca: true, keyOf: middle, signedBy: other });
    const leaf = await mint({ commonName: 'leaf', signedBy: middle });
    const both = [one.thumbprint, other.thumbprint].sort();
    expect(expectedOf([leaf, middle, twin, one, other])).toEqual(both);
    expect(expectedOf([leaf, other, one, twin, middle])).toEqual(both);
    // Cross-signed copies beside each other are no disorder, for any signer.
    expect(chainOf([leaf, middle, twin])).toMatchObject({ faults: [], expected: [twin.thumbprint] });
    expect(chainOf([leaf, twin, middle, one])).toMatchObject({ faults: [], expected: [one.thumbprint] });
  });

  it('return the farther of two authorities that certify each other', async () => {
    const one = await mint({ commonName: 'One', ca: true });
    const other = await mint({ commonName: 'Other', ca: true });
    const oneByOther = await mint({ commonName: 'One', ca: true, keyOf: one, signedBy: other });
    const otherByOne = await mint({ commonName: 'Other', ca: true, keyOf: other, signedBy: one });
    const leaf = await mint({ commonName: 'leaf', signedBy: one });
    expect(expectedOf([leaf, oneByOther, otherByOne])).toEqual([otherByOne.thumbprint]);
    expect(expectedOf([leaf, otherByOne, oneByOther])).toEqual([otherByOne.thumbprint]);
    expect(rolesOf([leaf, ...strays.slice(0, 1), oneByOther])).toEqual(['leaf', 'unrelated', 'intermediate']);
    expect(rolesOf([leaf, oneByOther, otherByOne])).toEqual(['leaf', 'intermediate', 'intermediate']);
  });
});

describe('readChain: cross-certificates without a trust anchor', () => {
  it('are expected beside the honest certificate, and never instead of it (fault 50)', async () => {
    const honest = await mint({ commonName: 'Honest', ca: true });
    const attacker = await mint({ commonName: 'Attacker', ca: true });
    const copies = [
      await mint({ commonName: 'Honest', ca: true, keyOf: honest, signedBy: attacker }),
      await mint({ commonName: 'Honest', ca: true, keyOf: honest, signedBy: attacker }),
    ];
    const leaf = await mint({ commonName: 'leaf', signedBy: honest });
    const isAnchored = (identity: Identity): boolean => identity === leaf || identity === honest;
    const expected = (order: readonly Identity[], behind = isAnchored): readonly string[] =>
      [...chainOf([leaf, ...order], behind).expected].sort();
    const sorted = (...some: readonly (Identity | undefined)[]): readonly string[] =>
      some.map((one) => one?.thumbprint ?? '').sort();
    expect(expected([honest, ...copies])).toEqual(sorted(honest, copies[1]));
    expect(expected([...copies, honest])).toEqual(sorted(honest));
    expect(expected([honest, ...copies], () => false)).toEqual(sorted(honest, ...copies));
  });

  it('do not count as copies if their signature is damaged', async () => {
    const honest = await mint({ commonName: 'Honest', ca: true });
    const leaf = await mint({ commonName: 'leaf', signedBy: honest });
    const damaged = Buffer.from(honest.certificate.raw);
    damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1);
    const judged = readChain([leaf.certificate.raw, honest.certificate.raw, damaged], [true, true, false]);
    expect(judged.ok && judged.value.expected).toContain(honest.thumbprint);
  });
});

describe('readChain: certificates that cannot be parsed', () => {
  const refused = { ok: false, failure: { step: 'tls', code: 'TLS_MALFORMED' } };

  it('are refused at any position', () => {
    const [leaf] = towers[0]?.levels ?? [];
    const raw = leaf?.certificate.raw ?? Buffer.alloc(0);
    expect(readChain([])).toMatchObject(refused);
    expect(readChain([raw, Buffer.from('nothing')])).toMatchObject(refused);
    expect(readChain([raw.subarray(0, -1)])).toMatchObject(refused);
  });

  it('include those with invalid dates, which OpenSSL reads all the same', () => {
    const [leaf] = towers[0]?.levels ?? [];
    const raw = Buffer.from(leaf?.certificate.raw ?? []);
    // UTCTime of 13 bytes, YYMMDDHHMMSSZ: RFC 5280 section 4.1.2.5.1.
    const month = raw.indexOf(Buffer.from([0x17, 0x0d])) + 4;
    raw.write('13', month);
    expect(readChain([raw])).toMatchObject(refused);
  });

  it('never throw on changed bytes', () => {
    const [, tower] = towers;
    const raws = (tower?.levels ?? []).map(({ certificate }) => certificate.raw);
    const cases = fc.tuple(fc.nat(raws.length - 1), fc.nat(2_000), fc.nat(255));
    fc.assert(
      fc.property(cases, ([which, where, value]) => {
        const changed = raws.map((raw, index) => {
          const copy = Buffer.from(raw);
          if (index === which) copy[where % copy.length] = value;
          return copy;
        });
        const judged = readChain(changed);
        if (judged.ok) expect(judged.value.expected.length).toBeGreaterThan(0);
        else expect(judged).toMatchObject(refused);
      }),
      taking(250),
    );
  });
});
