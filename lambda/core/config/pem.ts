/** PEM bundles of certificates: RFC 7468. */
import { X509Certificate } from 'node:crypto';
import { quote } from '../text/quote';

/** Certificates as PEM, one after another without text between them, or what is wrong. */
export type Bundle =
  { readonly ok: true; readonly bundle: string } | { readonly ok: false; readonly problem: string };

const BEGIN = /-----BEGIN ([^-]*)-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/y;

/**
 * Judges a PEM bundle of at least one certificate and nothing else. Text between the certificates is dropped, since
 * the environment of a function holds 4 KB.
 */
export function readBundle(text: string): Bundle {
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
    const certificate = readCertificate(text, index);
    if (certificate === null) {
      return refuse(`certificate ${certificates.length + 1} cannot be read. Export it as PEM again.`);
    }
    certificates.push(certificate);
  }
  return certificates.length > 0
    ? { ok: true, bundle: certificates.join('') }
    : refuse('contains no certificate. It must be PEM, beginning with -----BEGIN CERTIFICATE-----.');
}

function readCertificate(text: string, start: number): string | null {
  CERTIFICATE.lastIndex = start;
  const [block] = CERTIFICATE.exec(text) ?? [];
  try {
    return block === undefined ? null : new X509Certificate(block).toString();
  } catch {
    return null;
  }
}
