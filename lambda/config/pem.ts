/** PEM bundles of certificates: RFC 7468. */
import { X509Certificate } from 'node:crypto';
import { isSelfSignedCa } from '../x509/anchor-set';
import { abridge, quote } from '../text/quote';
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
        'contains a private key. Remove it, and replace that key, since it has been copied around.',
      );
    }
    if (label !== 'CERTIFICATE') return refuse(`contains ${quote(label)}. Only certificates may stand here.`);
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
  const name = quote(abridge(certificate.subject.split('\n').reverse().join(', ')));
  if (!isSelfSignedCa(certificate))
    return `(${name}) is no trust anchor: it is not a self-signed CA certificate. Name the root CA above it.`;
  if (now === null) return null;
  if (new Date(certificate.validTo) < now)
    return `(${name}) expired on ${new Date(certificate.validTo).toISOString().slice(0, 10)}. Remove it, or name the root that replaces it.`;
  return new Date(certificate.validFrom) > now
    ? `(${name}) is not valid before ${new Date(certificate.validFrom).toISOString().slice(0, 10)}. Name it from then on.`
    : null;
}

function readPemCertificate(text: string, start: number): X509Certificate | null {
  CERTIFICATE.lastIndex = start;
  const [block] = CERTIFICATE.exec(text) ?? [];
  try {
    return block === undefined ? null : new X509Certificate(block);
  } catch {
    return null;
  }
}
