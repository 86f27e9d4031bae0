/** Trust anchors, found by the name of what they issued so that only a few of many are parsed. */
import { X509Certificate, createHash } from 'node:crypto';
import { readCertificateFacts, readSubject } from './certificate-facts';
import type { CertificateFacts } from './certificate-facts';
import { isWeakKey, issues } from './issuance';
import { groupBy } from '../domain/group';

/** A self-signed CA certificate. Whether it is valid now is checked when it is used. */
export interface Anchor {
  readonly der: Buffer;
  readonly parsed: X509Certificate;
  readonly facts: CertificateFacts;
  readonly weakKey: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A set of anchors. A certificate that is not a self-signed CA certificate in strict DER is no anchor, and is
 * never found.
 */
export interface AnchorSet {
  /** As they were given, for a TLS context. */
  readonly pems: readonly string[];
  /** SHA-256 of their texts. */
  readonly id: string;
  /** The anchors of this subject (an encoded name as in CertificateFacts). */
  readonly named: (subject: string) => readonly Anchor[];
  /** All of them. Parsing all public roots costs as much as several handshakes. */
  readonly all: () => readonly Anchor[];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/**
 * Opens a set. `pems`: texts of one or more certificates each. Each is parsed only when it is requested:
 * Node.js includes some 150 roots, of which a run needs two or three.
 */
export function openAnchors(pems: readonly string[]): AnchorSet {
  const index = cached(() => indexOf(pems));
  const id = cached(() => createHash('sha256').update(JSON.stringify(pems)).digest('hex'));
  const opened = (waiting: readonly (() => Anchor | null)[]): readonly Anchor[] =>
    waiting.map((open) => open()).filter((anchor) => anchor !== null);
  return {
    pems,
    get id() {
      return id();
    },
    named: (subject) => opened(index().get(subject) ?? []),
    all: () => opened([...index().values()].flat()),
  };
}

/** By encoded subject. Of each certificate only the part before its key is read. */
function indexOf(pems: readonly string[]): ReadonlyMap<string, readonly (() => Anchor | null)[]> {
  const found = pems.flatMap((pem) =>
    [...pem.matchAll(CERTIFICATE)].flatMap(([, base64 = '']) => {
      const der = Buffer.from(base64, 'base64');
      const subject = readSubject(der);
      return subject === null ? [] : [{ subject, open: cached(() => parseAnchor(der)) }];
    }),
  );
  return new Map(
    [...groupBy(found, ({ subject }) => subject)].map(([subject, same]) => [
      subject,
      same.map(({ open }) => open),
    ]),
  );
}

function cached<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function parseAnchor(der: Buffer): Anchor | null {
  const facts = readCertificateFacts(der);
  if (facts === null) return null;
  try {
    const parsed = new X509Certificate(der);
    if (!parsed.raw.equals(der) || !isSelfSignedCa(parsed)) return null;
    const [notBefore, notAfter] = [new Date(parsed.validFrom), new Date(parsed.validTo)];
    return { der, parsed, facts, weakKey: isWeakKey(parsed), notBefore, notAfter };
  } catch {
    return null;
  }
}

/**
 * Whether a certificate can be an anchor, dates aside. OpenSSL does not accept an intermediate as one either.
 */
export const isSelfSignedCa = (certificate: X509Certificate): boolean =>
  certificate.ca && issues(certificate, certificate);
