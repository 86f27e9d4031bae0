/**
 * A small strict reader of DER (X.690) for bytes of third parties: it never throws, and reads each byte at
 * most once per level.
 */

/** Start and end of the content of one element. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** Universal tags that certificates use, and their context-specific ones: RFC 5280 section 4.1. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  context0: 0xa0,
  context3: 0xa3,
} as const;

/** The most elements that are read of one parent. */
const MAX_CHILDREN = 1_000;
const MAX_LENGTH_OCTETS = 3;

/** The element at `at`, or null if it is not DER or does not end at or before `limit`. */
export function elementAt(bytes: Uint8Array, at: number, limit: number): DerElement | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  // Tag numbers above 30 have a longer form that no certificate uses.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  if (first < 0x80) return within({ tag, start: at + 2, end: at + 2 + first }, limit);
  const octets = first & 0x7f;
  // 0x80 is the indefinite form of BER.
  if (octets === 0 || octets > MAX_LENGTH_OCTETS) return null;
  let length = 0;
  for (let index = 0; index < octets; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  // DER writes a length in the fewest octets: X.690 section 10.1.
  if (length < 0x80 || length < 256 ** (octets - 1)) return null;
  const start = at + 2 + octets;
  return within({ tag, start, end: start + length }, limit);
}

const within = (element: DerElement, limit: number): DerElement | null =>
  element.end <= limit ? element : null;

/** The elements inside of one, or null if its content is not a row of DER elements. */
export function childrenOf(bytes: Uint8Array, parent: DerElement): readonly DerElement[] | null {
  const children: DerElement[] = [];
  for (let at = parent.start; at < parent.end;) {
    const child = elementAt(bytes, at, parent.end);
    if (child === null || children.length === MAX_CHILDREN) return null;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** The content of an element. */
export const contentOf = (bytes: Uint8Array, { start, end }: DerElement): Uint8Array =>
  bytes.subarray(start, end);

/** The content as hex, as object identifiers and names are compared here. */
export const hexOf = (bytes: Uint8Array, element: DerElement): string =>
  Buffer.from(contentOf(bytes, element)).toString('hex');

/** BOOLEAN of one octet, 0x00 or 0xff: X.690 section 11.1. */
export function booleanOf(bytes: Uint8Array, { tag, start, end }: DerElement): boolean | null {
  const value = bytes[start];
  if (tag !== TAG.boolean || end - start !== 1 || (value !== 0 && value !== 0xff)) return null;
  return value === 0xff;
}

/** INTEGER from 0 to 2^31 - 1, in the fewest octets. */
export function smallIntegerOf(bytes: Uint8Array, { tag, start, end }: DerElement): number | null {
  const octets = contentOf(bytes, { tag, start, end });
  const [first = 0, second = 0] = octets;
  if (tag !== TAG.integer || octets.length === 0 || octets.length > 4 || first >= 0x80) return null;
  if (octets.length > 1 && first === 0 && second < 0x80) return null;
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}
