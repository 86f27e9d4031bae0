/** PEM bundles of certificates: RFC 7468. */
import { X509Certificate } from 'node:crypto';
import { isSelfSignedCa } from '../x509/anchor-set';
import { quote } from '../text/quote';
import type { Parsed } from '../domain/result';

/** Certificates as PEM, one after another without text between them, or what is wrong. */
export type Bundle = Parsed<string>;

const BEGIN = /-----BEGIN ([^-]*)-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/y;

/**
 * Validates a PEM bundle of at least one certificate and nothing else. Text between the certificates is
 * dropped, since the environment of a function is limited to 4 KB. Each must be a trust anchor: self-signed,
 * a CA and valid `now`.
 */
export function readBundle(text: string, now: Date | null = null): Bundle {
  const refuse = (problem: string): Bundle => ({ ok: false, problem });
  const blocks = [...text.matchAll(BEGIN)];
  const certificates: string[] = [];
  for (const { 1: label = '', index } of blocks) {
    if (label.endsWith('PRIVATE KEY')) {
      return refuse(
        'contains a private key. Remove it, and replace that key, because copies of it may exist.',
      );
    }
    if (label !== 'CERTIFICATE')
      return refuse(`contains a PEM block ${quote(label)}. Only certificates are allowed.`);
    const certificate = readPemCertificate(text, index);
    if (certificate === null) {
      return refuse(`certificate ${certificates.length + 1} cannot be read. Export it as PEM again.`);
    }
    const problem = anchorProblem(certificate, now);
    if (problem !== null) return refuse(`certificate ${certificates.length + 1} ${problem}`);
    certificates.push(certificate.toString());
  }
  return certificates.length > 0
    ? { ok: true, value: certificates.join('') }
    : refuse('contains no certificate. It must be PEM, beginning with -----BEGIN CERTIFICATE-----.');
}

/** Why OpenSSL does not accept a certificate as a trust anchor either. `now` null: dates are not compared. */
function anchorProblem(certificate: X509Certificate, now: Date | null): string | null {
  const [name, issuer] = [nameIn(certificate.subject), nameIn(certificate.issuer)];
  if (!isSelfSignedCa(certificate))
    return `(${name}) is not a trust anchor: it is not a self-signed CA certificate. Use the root CA certificate of its chain instead. This certificate was issued by ${issuer}.`;
  if (now === null) return null;
  if (new Date(certificate.validTo) < now)
    return `(${name}) expired on ${new Date(certificate.validTo).toISOString().slice(0, 10)}. Remove it, or replace it with the new root certificate.`;
  return new Date(certificate.validFrom) > now
    ? `(${name}) is not valid before ${new Date(certificate.validFrom).toISOString().slice(0, 10)}. Add it on that day or later.`
    : null;
}

const nameIn = (distinguishedName: string): string =>
  quote(distinguishedName.split('\n').reverse().join(', '));

function readPemCertificate(text: string, start: number): X509Certificate | null {
  CERTIFICATE.lastIndex = start;
  const [block] = CERTIFICATE.exec(text) ?? [];
  try {
    return block === undefined ? null : new X509Certificate(block);
  } catch {
    return null;
  }
}
