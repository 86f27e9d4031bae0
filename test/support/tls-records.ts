/** TLS 1.2 written by hand, for what no TLS library would send: RFC 5246 sections 6.2.1 and 7.4. */

const u16 = (value: number): readonly number[] => [value >> 8, value & 0xff];
const u24 = (value: number): readonly number[] => [value >> 16, (value >> 8) & 0xff, value & 0xff];

/** ECDHE with an ECDSA and with an RSA certificate: each client takes one of them. */
const SUITES = { ecdsa: [0xc0, 0x2b], rsa: [0xc0, 0x2f] } as const;
/** RFC 5746: an empty renegotiation_info, without which OpenSSL 3 hangs up. */
const RENEGOTIATION = [0xff, 0x01, 0x00, 0x01, 0x00];

const message = (type: number, body: readonly number[]): Buffer =>
  Buffer.from([type, ...u24(body.length), ...body]);

/** Records of at most 2^14 bytes. */
function records(type: number, content: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < content.length; start += 16_384) {
    const part = content.subarray(start, start + 16_384);
    parts.push(Buffer.from([type, 3, 3, ...u16(part.length)]), part);
  }
  return Buffer.concat(parts);
}

/** ServerHello, Certificate and ServerHelloDone with any bytes instead of the certificates. */
export function serverFlight(certificates: readonly Uint8Array[], keyType: 'rsa' | 'ecdsa'): Buffer {
  const hello = [
    ...[3, 3, ...Array<number>(32).fill(7), 0, ...SUITES[keyType], 0],
    ...[...u16(RENEGOTIATION.length), ...RENEGOTIATION],
  ];
  const list = certificates.flatMap((der) => [...u24(der.length), ...der]);
  const content = [message(2, hello), message(11, [...u24(list.length), ...list]), message(14, [])];
  return records(22, Buffer.concat(content));
}

/** A fatal alert: RFC 5246 section 7.2. */
export const alert = (description: number): Buffer => records(21, Buffer.from([2, description]));

/** What a ClientHello of ours offers: it names the ECDSA schemes in a row, or none. */
export const keyTypeAskedBy = (hello: Buffer): 'rsa' | 'ecdsa' =>
  hello.toString('hex').includes('040305030603') ? 'ecdsa' : 'rsa';
