/** Zip files: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { crc32, deflateRawSync } from 'node:zlib';

/** An archive with one deflated entry. */
export function zipOf(name: string, content: string): Buffer {
  const path = Buffer.from(name);
  const plain = Buffer.from(content);
  const data = deflateRawSync(plain);
  // Version, flags, method 8 (deflate), time, date, checksum, both sizes, length of the name, no extra field.
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(plain), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(plain.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([signature('PK\u0003\u0004'), common, path, data]);
  // The central directory repeats it, behind the version of the writer; its entry begins at 0.
  const central = Buffer.concat([
    signature('PK\u0001\u0002'),
    Buffer.from([20, 0]),
    common,
    Buffer.alloc(14),
    path,
  ]);
  return Buffer.concat([local, central, ending(1, central.length, local.length)]);
}

/** An archive without entries. */
export const emptyZip = (): Buffer => ending(0, 0, 0);

/** The end of central directory record. */
function ending(entries: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(18);
  record.writeUInt16LE(entries, 4);
  record.writeUInt16LE(entries, 6);
  record.writeUInt32LE(bytes, 8);
  record.writeUInt32LE(offset, 12);
  return Buffer.concat([signature('PK\u0005\u0006'), record]);
}

const signature = (text: string): Buffer => Buffer.from(text, 'latin1');
