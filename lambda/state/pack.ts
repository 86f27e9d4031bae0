/**
 * Packs a JSON value into few bytes. The values of each property of all objects are stored together (a
 * column), and each distinct text once, so that compression finds what is alike. Hashes, which no compression
 * makes smaller, are stored as bytes. The state of 700 targets that share no host has 338 KB in this form, and 506
 * KB as JSON that is compressed with Brotli: DynamoDB accepts 400 KB. Knows nothing of the state: whoever unpacks a
 * value must validate it.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import * as v from 'valibot';
import { isInstant, natural } from './identifiers';

/** The first byte. Another layout gets another number. */
export const PACK_FORMAT = 1;
/** Of the compressed part when it is decompressed: a small forged item must not fill the memory. */
export const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;
/** Numbers, texts, arrays and objects together, for the same reason. */
const MAX_VALUES = 1_000_000;
/** Of one text: it is stored once, however often it is referenced, and examined each time. */
const MAX_CHARACTERS = 8_192;
/** The range of Date, in milliseconds. */
const MAX_TIME = 8.64e15;
/** The format byte, and the length of the compressed part as a 32-bit number. */
const HEAD_BYTES = 5;
/** Higher levels take twice the time and save 1 %. */
const QUALITY = 4;

/** Any JSON value. Properties with the value `undefined` are left out, as JSON.stringify does. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Texts of fixed length that are stored as bytes, without their prefix. */
const HASHES = [
  /** SHA-1 of a certificate. */
  { kind: 'h', pattern: /^[0-9a-f]{40}$/, prefix: '', characters: 40, encoding: 'hex' },
  /** SHA-256 of a signing key. */
  { kind: 'k', pattern: /^[\w-]{43}$/, prefix: '', characters: 43, encoding: 'base64url' },
  /** Evidence of a finding. */
  { kind: 'e', pattern: /^#[\w-]{14}$/, prefix: '#', characters: 14, encoding: 'base64url' },
] as const;
type HashKind = (typeof HASHES)[number]['kind'];

/** What a column says of each of its values, one letter each. `i`: a time as Date writes it in ISO 8601. */
type Kind = 'n' | 't' | 'f' | 'd' | 's' | 'i' | 'a' | 'o' | HashKind;

/** Array elements are in the column of this name. */
const ELEMENTS = '[]';

/** Packs a value. */
export function pack(value: Json): Uint8Array {
  const packer = new Packer();
  const root = new Column();
  packer.add(root, value);
  const compressed = brotliCompressSync(
    JSON.stringify({
      shapes: packer.shapes.entries,
      texts: packer.texts.entries,
      times: packer.times.entries.map((time) => Date.parse(time)),
      hashes: HASHES.map(({ kind }) => packer.hashes[kind].entries.length),
      root,
    }),
    { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } },
  );
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(PACK_FORMAT, 0);
  head.writeUInt32BE(compressed.length, 1);
  const hashes = HASHES.map(({ kind, prefix, encoding }) => {
    const texts = packer.hashes[kind].entries.map((text) => text.slice(prefix.length)).join('');
    return Buffer.from(texts + PADDING.slice(0, -texts.length & 3), encoding);
  });
  return Buffer.concat([head, compressed, ...hashes]);
}

/** Base64 decodes groups of four characters; the rest of a group would be lost. */
const PADDING = 'AAA';

/** The values at one place of all objects of a kind, in the order in which they are met. */
class Column {
  private readonly kinds: Kind[] = [];
  private readonly values: number[] = [];
  private readonly children = new Map<string, Column>();
  private keys: readonly string[] = [];
  private shape = '[]';

  push(kind: Kind, value?: number): void {
    this.kinds.push(kind);
    if (value !== undefined) this.values.push(value);
  }

  child(key: string): Column {
    const known = this.children.get(key) ?? new Column();
    this.children.set(key, known);
    return known;
  }

  /** The keys of an object as JSON. Most objects of a column have the same. */
  shapeOf(keys: readonly string[]): string {
    const isSame = keys.length === this.keys.length && keys.every((key, index) => key === this.keys[index]);
    if (!isSame) {
      this.keys = keys;
      this.shape = JSON.stringify(keys);
    }
    return this.shape;
  }

  toJSON(): object {
    return [this.kinds.join(''), this.values, [...this.children]];
  }
}

/** Distinct values. A reference is 0 for the next one that no reference has named yet, else its position + 1. */
class Table<T> {
  readonly entries: T[] = [];
  private readonly positions = new Map<T, number>();

  refer(value: T): number {
    const position = this.positions.get(value);
    if (position !== undefined) return position + 1;
    this.positions.set(value, this.entries.length);
    this.entries.push(value);
    return 0;
  }
}

class Packer {
  readonly shapes = new Table<string>();
  readonly texts = new Table<string>();
  readonly times = new Table<string>();
  private readonly kinds = new Map<string, 's' | 'i' | HashKind>();
  readonly hashes = { h: new Table<string>(), k: new Table<string>(), e: new Table<string>() };

  add(column: Column, value: Json): void {
    if (value === null) column.push('n');
    else if (typeof value === 'boolean') column.push(value ? 't' : 'f');
    else if (typeof value === 'number') column.push('d', value);
    else if (typeof value === 'string') this.addText(column, value);
    else if (isArray(value)) {
      column.push('a', value.length);
      const elements = column.child(ELEMENTS);
      for (const each of value) this.add(elements, each);
    } else {
      const keys = Object.keys(value).filter((key) => value[key] !== undefined);
      column.push('o', this.shapes.refer(column.shapeOf(keys)));
      for (const key of keys) this.add(column.child(key), value[key] ?? null);
    }
  }

  private addText(column: Column, text: string): void {
    // Most texts occur many times, so their kind is determined once.
    const kind = this.kinds.get(text) ?? kindOf(text);
    this.kinds.set(text, kind);
    if (kind === 's') column.push(kind, this.texts.refer(text));
    else if (kind === 'i') column.push(kind, this.times.refer(text));
    else column.push(kind, this.hashes[kind].refer(text));
  }
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

function kindOf(text: string): 's' | 'i' | HashKind {
  const hash = HASHES.find(({ pattern }) => pattern.test(text));
  if (hash !== undefined) return hash.kind;
  return isInstant(text) ? 'i' : 's';
}

/** Why bytes could not be unpacked. */
class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** A column as it is stored. */
type StoredColumn = readonly [kinds: string, values: readonly number[], children: readonly StoredChild[]];
type StoredChild = readonly [key: string, column: StoredColumn];

const isChild = (value: unknown): value is StoredChild =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isColumn(value[1]);
const isColumn = (value: unknown): value is StoredColumn =>
  Array.isArray(value) &&
  value.length === 3 &&
  typeof value[0] === 'string' &&
  Array.isArray(value[1]) &&
  value[1].every((each) => typeof each === 'number') &&
  Array.isArray(value[2]) &&
  value[2].every(isChild);

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && each.length <= MAX_CHARACTERS);
const areTimes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'number' && Math.abs(each) <= MAX_TIME);

/** One test for a whole array: a list of problems, one for each element, would fill the memory. */
const stored = v.object({
  shapes: v.custom<readonly string[]>(areTexts),
  texts: v.custom<readonly string[]>(areTexts),
  times: v.custom<readonly number[]>(areTimes),
  hashes: v.tuple([natural, natural, natural]),
  root: v.custom<StoredColumn>(isColumn),
});
const shape = v.pipe(v.string(), v.parseJson(), v.custom<readonly string[]>(areTexts));

/**
 * Restores a value. Throws if the bytes have another format, are cut or are too large. The value has not been
 * validated.
 */
export function unpack(bytes: Uint8Array): unknown {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEAD_BYTES || all.readUInt8(0) !== PACK_FORMAT)
    throw new UnpackError('The data has another format.');
  const end = HEAD_BYTES + all.readUInt32BE(1);
  const json = brotliDecompressSync(all.subarray(HEAD_BYTES, end), { maxOutputLength: MAX_UNPACKED_BYTES });
  const parts = v.parse(stored, JSON.parse(json.toString('utf8')), { abortEarly: true });
  return new Unpacker(parts, all.subarray(end)).take(new StoredValues(parts.root));
}

/** The entries of a table, in the order in which references name them. */
class Entries<T> {
  private next = 0;

  constructor(private readonly entries: readonly T[]) {}

  at(reference: number): T {
    const entry = this.entries[reference === 0 ? this.next++ : reference - 1];
    if (entry === undefined) throw new UnpackError('A reference names no entry.');
    return entry;
  }
}

/** The values of a stored column, which are taken in order. */
class StoredValues {
  private nextKind = 0;
  private nextValue = 0;
  private readonly children: ReadonlyMap<string, StoredValues>;

  constructor(private readonly column: StoredColumn) {
    this.children = new Map(column[2].map(([key, child]) => [key, new StoredValues(child)]));
  }

  kind(): string | undefined {
    return this.column[0][this.nextKind++];
  }

  number(): number {
    const value = this.column[1][this.nextValue++];
    if (value === undefined) throw new UnpackError('A column is too short.');
    return value;
  }

  child(key: string): StoredValues {
    const child = this.children.get(key);
    if (child === undefined) throw new UnpackError('A column is missing.');
    return child;
  }
}

class Unpacker {
  private readonly shapes: Entries<readonly string[]>;
  private readonly texts: Entries<string>;
  private readonly times: Entries<string>;
  private readonly hashes: ReadonlyMap<string, Entries<string>>;
  private left = MAX_VALUES;

  constructor({ shapes, texts, times, hashes }: v.InferOutput<typeof stored>, bytes: Buffer) {
    this.shapes = new Entries(shapes.map((keys) => v.parse(shape, keys)));
    this.texts = new Entries(texts);
    this.times = new Entries(times.map((time) => new Date(time).toISOString()));
    let begin = 0;
    this.hashes = new Map(
      HASHES.map(({ kind, prefix, characters, encoding }, index) => {
        const length = (hashes[index] ?? 0) * characters;
        const end = begin + (encoding === 'hex' ? length / 2 : Math.ceil(length / 4) * 3);
        const all = bytes.toString(encoding, begin, end);
        begin = end;
        if (all.length < length) throw new UnpackError('The data is cut.');
        const entries = Array.from(
          { length: length / characters },
          (_, position) => prefix + all.slice(position * characters, (position + 1) * characters),
        );
        return [kind, new Entries(entries)];
      }),
    );
  }

  /** The next value of a column. */
  take(column: StoredValues): unknown {
    this.left -= 1;
    if (this.left < 0) throw new UnpackError('The data has too many values.');
    const kind = column.kind() ?? '';
    switch (kind) {
      case 'n':
        return null;
      case 't':
        return true;
      case 'f':
        return false;
      case 'd':
        return column.number();
      case 's':
        return this.texts.at(column.number());
      case 'i':
        return this.times.at(column.number());
      case 'a':
        return this.takeArray(column);
      case 'o': {
        const keys = this.shapes.at(column.number());
        // Own properties, whatever their names.
        return Object.fromEntries(keys.map((key) => [key, this.take(column.child(key))]));
      }
      default:
        return this.takeHash(kind, column);
    }
  }

  private takeArray(column: StoredValues): readonly unknown[] {
    const length = column.number();
    const elements: unknown[] = [];
    // Each element takes a letter of its column, so a length that is not true ends with an error.
    while (elements.length < length) elements.push(this.take(column.child(ELEMENTS)));
    return elements;
  }

  private takeHash(kind: string, column: StoredValues): string {
    const table = this.hashes.get(kind);
    if (table === undefined) throw new UnpackError('A column has an unknown kind, or is too short.');
    return table.at(column.number());
  }
}
