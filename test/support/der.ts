/** DER taken apart and put together again (X.690), so that a certificate can go wrong where its parser looks. */

/** One element: its content, or the elements that it holds. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer | readonly Element[];
}

/** Reads a row of elements. What is not DER stays content. */
export function readDer(bytes: Buffer): readonly Element[] | null {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const read = readOne(bytes, at);
    if (read === null) return null;
    elements.push(read.element);
    at = read.end;
  }
  return elements;
}

function readOne(bytes: Buffer, at: number): { readonly element: Element; readonly end: number } | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return null;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4 || at + 2 + octets > bytes.length) return null;
  const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
  const start = at + 2 + octets;
  const end = start + length;
  if (end > bytes.length || !headerOf(tag, length).equals(bytes.subarray(at, start))) return null;
  const content = bytes.subarray(start, end);
  const isConstructed = (tag & 0x20) !== 0;
  return { element: { tag, content: isConstructed ? (readDer(content) ?? content) : content }, end };
}

const headerOf = (tag: number, length: number): Buffer => Buffer.from([tag, ...lengthOf(length)]);

/** Writes an element with the length that it has. */
export function writeDer({ tag, content }: Element): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.concat(content.map(writeDer));
  return Buffer.concat([headerOf(tag, body.length), body]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets = [length >> 24, length >> 16, length >> 8, length].map((octet) => octet & 0xff);
  const start = octets.findIndex((octet) => octet !== 0);
  return [0x80 | (octets.length - start), ...octets.slice(start)];
}

/** Subject alternative names as an extension: the library that mints takes seconds for thousands. RFC 5280 section 4.2.1.6. */
export const namesExtension = (
  names: readonly string[],
): { readonly oid: string; readonly value: Uint8Array } => ({
  oid: '2.5.29.17',
  // A dNSName is [2].
  value: writeDer({ tag: 0x30, content: names.map((name) => ({ tag: 0x82, content: Buffer.from(name) })) }),
});

/** How many elements there are, inner ones included. */
export const countDer = (elements: readonly Element[]): number =>
  elements.reduce((sum, { content }) => sum + 1 + (Buffer.isBuffer(content) ? 0 : countDer(content)), 0);

/** The same certificate with another key: SubjectPublicKeyInfo is the seventh part of what is signed, RFC 5280 section 4.1. */
export function withPublicKey(certificate: Buffer, key: Buffer): Buffer {
  const elements = readDer(certificate) ?? [];
  const [whole] = elements;
  const [signed] = whole === undefined || Buffer.isBuffer(whole.content) ? [] : whole.content;
  const parts = signed === undefined || Buffer.isBuffer(signed.content) ? [] : signed.content;
  const place = 2 + countDer(parts.slice(0, 6));
  return Buffer.concat(replaceDer(elements, place, () => readDer(key) ?? []).map(writeDer));
}

/**
 * A key on P-256 that is the point at infinity: OpenSSL reads it, and Node aborts if somebody asks for its details
 * (`Assertion failed: (ec) != nullptr`, Node.js 20).
 */
export const KEY_AT_INFINITY = Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex');

/** The same elements, the one at an index (depth first) replaced by none, one or several. */
export function replaceDer(
  elements: readonly Element[],
  place: number,
  by: (element: Element) => readonly Element[],
): readonly Element[] {
  let at = 0;
  return elements.flatMap((element) => {
    const index = place - at;
    const inner = Buffer.isBuffer(element.content) ? [] : element.content;
    at += 1 + countDer(inner);
    if (index === 0) return by(element);
    return Buffer.isBuffer(element.content) || index < 0 || index > countDer(inner)
      ? [element]
      : [{ tag: element.tag, content: replaceDer(inner, index - 1, by) }];
  });
}
