/** One served certificate, with the properties that the product needs. */
import { X509Certificate, createHash } from 'node:crypto';
import { isWeakKey, issues } from './issuance';
import { abridge } from '../text/quote';

export { issues };

/** A parsed certificate. `thumbprint` is SHA-1 of the DER in lower-case hex, as IAM lists it. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly parsed: X509Certificate;
  readonly thumbprint: string;
  /** One line, foreign characters escaped, cut after 300 characters; never empty. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly selfSigned: boolean;
  /** RSA below 2048 bits. */
  readonly weakKey: boolean;
  /** Signed with MD5 or SHA-1. The signature algorithm of a self-signed certificate does not matter. */
  readonly weakSignature: boolean;
}

/** Parses DER. Null if OpenSSL cannot read it, or if a date is invalid. */
export function readCertificate(der: Uint8Array): Certificate | null {
  try {
    const parsed = new X509Certificate(der);
    // OpenSSL also accepts PEM, and ignores bytes after a certificate: their hash would differ.
    if (!parsed.raw.equals(der)) return null;
    const selfSigned = issues(parsed, parsed);
    const [notBefore, notAfter] = [new Date(parsed.validFrom), new Date(parsed.validTo)];
    // OpenSSL reads any digits as a date, month 13 included, and fails only when it prints the date.
    if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return null;
    return {
      der,
      parsed,
      thumbprint: createHash('sha1').update(der).digest('hex'),
      subject: oneLine(parsed.subject),
      issuer: oneLine(parsed.issuer),
      notBefore,
      notAfter,
      selfSigned,
      weakKey: isWeakKey(parsed),
      weakSignature: !selfSigned && hasWeakSignature(der),
    };
  } catch {
    return null;
  }
}

/**
 * Whether two certificates have one subject and one key. That proves nothing: anybody can make such a
 * certificate.
 */
export const isCrossSigned = (one: Certificate, other: Certificate): boolean =>
  one.parsed.subject === other.parsed.subject && one.parsed.publicKey.equals(other.parsed.publicKey);

/** Node writes one attribute a line, most general first. Names may be empty: RFC 5280 section 4.1.2.6. */
const oneLine = (name: string | undefined): string =>
  abridge((name ?? '').split('\n').reverse().join(', ')) || '(no name)';

/**
 * Object identifiers of signature algorithms that use MD5 or SHA-1, DER encoded: RFC 8017 appendix A.2.4 and
 * RFC 5758 section 3.2. Node 20 does not expose a certificate's signature algorithm.
 */
const WEAK_SIGNATURES = ['2a864886f70d010104', '2a864886f70d010105', '2a8648ce3d0401'];

/**
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, … }, signature }: RFC 5280
 * section 4.1.
 */
function hasWeakSignature(der: Uint8Array): boolean {
  const bytes = Buffer.from(der);
  const certificate = firstElement(bytes, 0);
  const signed = firstElement(bytes, certificate.start);
  const algorithm = firstElement(bytes, signed.end);
  const identifier = firstElement(bytes, algorithm.start);
  return WEAK_SIGNATURES.includes(bytes.subarray(identifier.start, identifier.end).toString('hex'));
}

/** Start and end of the content of the DER element at `offset`: X.690 section 8.1.3. */
function firstElement(bytes: Buffer, offset: number): { start: number; end: number } {
  const length = bytes.readUInt8(offset + 1);
  if (length < 0x80) return { start: offset + 2, end: offset + 2 + length };
  const octets = length & 0x7f;
  const start = offset + 2 + octets;
  return { start, end: start + bytes.readUIntBE(offset + 2, octets) };
}
