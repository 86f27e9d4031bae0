import { brotliCompressSync } from 'node:zlib';
import { isNativeError } from 'node:util/types';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_UNPACKED_BYTES, PACK_FORMAT, pack, unpack } from '../../lambda/state/pack';
import type { Json } from '../../lambda/state/pack';
import { expectCleanPrototypes, expectJsonSafe, fuzzing } from '../support/fuzz';

const hex = (characters: string, length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), minLength: length, maxLength: length });
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Texts of each form that is stored in its own way, and texts that nearly have it. */
const text = fc.oneof(
  fc.string(),
  hex('0123456789abcdef', 40),
  hex('0123456789abcdefA', 40),
  hex(BASE64URL, 43),
  hex(BASE64URL, 14).map((each) => `#${each}`),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2026-02-31T00:00:00.000Z', '2026-11-29T24:00:00.000Z', '__proto__', '[]', '#'),
);
const value = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (Object.is(each, -0) ? 0 : each)),
    fc.array(tie('any'), { maxLength: 6 }),
    fc.dictionary(text, tie('any'), { maxKeys: 6 }),
  ),
})).any;

describe('pack', () => {
  it('restores any JSON value', () => {
    fc.assert(
      fc.property(value, (each) => {
        expect(unpack(pack(each))).toEqual(each);
        expect(JSON.stringify(unpack(pack(each)))).toBe(JSON.stringify(each));
      }),
      fuzzing(),
    );
  });

  it('leaves out properties without a value, as JSON.stringify does', () => {
    expect(unpack(pack({ a: undefined, b: [{ c: undefined, d: 1 }] }))).toEqual({ b: [{ d: 1 }] });
  });

  it('stores a text once, and a hash in as many bytes as it has', () => {
    const thumbprint = (index: number): string => index.toString(16).padStart(40, '0');
    const sizeOf = (amount: number, distinct: number): number =>
      pack(Array.from({ length: amount }, (_, index) => thumbprint(index % distinct))).byteLength;
    expect(sizeOf(2_000, 1)).toBeLessThan(200);
    expect(sizeOf(2_000, 2_000) - sizeOf(1_000, 1_000)).toBeLessThan(1_000 * 20 + 100);
  });
});

describe('unpack', () => {
  const good = pack({ list: ['a'.repeat(40), '2026-11-29T00:00:00.000Z', 'text', 1, null, true] });

  it('returns a value or throws an error, for any bytes, and changes no prototype', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(good.byteLength),
        (changes, end) => {
          const bytes = Uint8Array.from(good);
          for (const [index, byte] of changes) bytes[index] = byte;
          for (const each of [bytes, good.slice(0, end)]) {
            try {
              expectJsonSafe(unpack(each));
            } catch (error) {
              expect(isNativeError(error)).toBe(true);
            }
            expectCleanPrototypes();
          }
        },
      ),
      fuzzing(),
    );
  });

  const packed = (parts: unknown): Uint8Array => {
    const compressed = brotliCompressSync(typeof parts === 'string' ? parts : JSON.stringify(parts));
    const head = Buffer.alloc(5);
    head.writeUInt8(PACK_FORMAT, 0);
    head.writeUInt32BE(compressed.length, 1);
    return Buffer.concat([head, compressed]);
  };
  const part = { shapes: ['["a"]'], texts: ['x'], times: [0], hashes: [0, 0, 0] };
  const column = (kinds: string, values: readonly number[] = [], children: readonly unknown[] = []) => [
    kinds,
    values,
    children,
  ];

  it('reads what other code packs in this format', () => {
    const root = column('o', [0], [['a', column('s', [0])]]);
    expect(unpack(packed({ ...part, root }))).toEqual({ a: 'x' });
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['another format', Uint8Array.from([PACK_FORMAT + 1, ...good.slice(1)])],
    ['text', Buffer.from('{"memoryVersion":2}')],
    ['a cut item', good.slice(0, -1)],
    ['more bytes than 8 MiB', packed(' '.repeat(MAX_UNPACKED_BYTES + 1))],
    ['no JSON', packed('{')],
    ['four million numbers instead of texts', packed(`{"texts":[${'1,'.repeat(4_000_000)}1]}`)],
    [
      'a text of seven million characters',
      packed({ ...part, texts: ['('.repeat(7_000_000)], root: column('s', [0]) }),
    ],
    ['parts that are missing', packed({})],
    ['an array of a thousand million elements', packed({ ...part, root: column('a', [1e9]) })],
    ['a column without values', packed({ ...part, root: column('d') })],
    ['a column without a kind', packed({ ...part, root: column('') })],
    ['an unknown kind', packed({ ...part, root: column('z', [0]) })],
    ['a reference to nothing', packed({ ...part, root: column('s', [7]) })],
    ['a negative reference', packed({ ...part, root: column('s', [-1]) })],
    ['a broken reference', packed({ ...part, root: column('s', [0.5]) })],
    ['an object without its column', packed({ ...part, root: column('o', [0]) })],
    ['hashes that are not there', packed({ ...part, hashes: [1, 0, 0], root: column('h', [0]) })],
    ['thousands of millions of hashes', packed({ ...part, hashes: [1e12, 0, 0], root: column('n') })],
    ['a time out of range', packed({ ...part, times: [1e300], root: column('i', [0]) })],
    [
      'columns in columns, a million times',
      packed(`{"root":${'["",[],[["a",'.repeat(300_000)}${']]]'.repeat(300_000)}}`),
    ],
    [
      'more than a million values',
      packed({ ...part, root: column('a', [2_100_000], [['[]', column('n'.repeat(2_100_000))]]) }),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => unpack(bytes)).toThrow();
  });
});
