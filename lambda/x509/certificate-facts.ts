/**
 * What Node does not expose of a certificate: encoded names, signature algorithm and constraints, read from
 * its DER. Structures and object identifiers: RFC 5280 section 4, RFC 4055 (RSASSA-PSS), RFC 5758, RFC 8410.
 */
import { TAG, booleanOf, childrenOf, contentOf, elementAt, hexOf, smallIntegerOf } from './der';
import type { DerElement } from './der';

/** Facts about one certificate. Names are the encoded `Name` as hex: equal text means equal encoding. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Signed with an algorithm that uses SHA-2, or with EdDSA. MD5, SHA-1 and unknown algorithms are weak. */
  readonly strongSignature: boolean;
  /** `pathLenConstraint`; null: none. */
  readonly pathLength: number | null;
  /**
   * Extended key usage is absent, or names serverAuth. OpenSSL also rejects a CA with anyExtendedKeyUsage
   * alone.
   */
  readonly servesTls: boolean;
  /** Name constraints, policy constraints, inhibitAnyPolicy, or an unknown critical extension. */
  readonly constrained: boolean;
}

const EXTENSION = {
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  crlDistributionPoints: '551d1f',
  certificatePolicies: '551d20',
  policyMappings: '551d21',
  policyConstraints: '551d24',
  extendedKeyUsage: '551d25',
  inhibitAnyPolicy: '551d36',
  /** 2.16.840.1.113730.1.1, which OpenSSL still respects. */
  netscapeCertType: '6086480186f8420101',
} as const;

const CONSTRAINTS: readonly string[] = [
  EXTENSION.nameConstraints,
  EXTENSION.policyConstraints,
  EXTENSION.inhibitAnyPolicy,
];

/** Critical extensions that OpenSSL and this module process, or that say nothing about a path for TLS. */
const KNOWN_CRITICAL: readonly string[] = [
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.crlDistributionPoints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.extendedKeyUsage,
];

const SERVER_AUTH = '2b06010505070301';
/** Bit 5 of the bit string: may issue certificates for TLS. */
const NETSCAPE_SSL_CA = 0x04;

const STRONG_SIGNATURES: readonly string[] = [
  // sha224, sha256, sha384 and sha512 WithRSAEncryption
  '2a864886f70d01010e',
  '2a864886f70d01010b',
  '2a864886f70d01010c',
  '2a864886f70d01010d',
  // ecdsa-with-SHA224, 256, 384 and 512
  '2a8648ce3d040301',
  '2a8648ce3d040302',
  '2a8648ce3d040303',
  '2a8648ce3d040304',
  // Ed25519 and Ed448
  '2b6570',
  '2b6571',
];
const RSASSA_PSS = '2a864886f70d01010a';
/** SHA-256, SHA-384, SHA-512 and SHA-224. */
const STRONG_HASHES: readonly string[] = [
  '608648016503040201',
  '608648016503040202',
  '608648016503040203',
  '608648016503040204',
];

/** Reads a certificate, or null if it is not strict DER of the expected structure. Never throws. */
export function readCertificateFacts(der: Uint8Array): CertificateFacts | null {
  const certificate = elementAt(der, 0, der.length);
  if (certificate?.tag !== TAG.sequence || certificate.end !== der.length) return null;
  const [signed, outer, signature, ...others] = childrenOf(der, certificate) ?? [];
  if (signed === undefined || outer === undefined || signature === undefined || others.length > 0)
    return null;
  const parts = childrenOf(der, signed);
  if (parts === null) return null;
  const [version] = parts;
  const [, inner, issuer, , subject] = version?.tag === TAG.context0 ? parts.slice(1) : parts;
  if (inner === undefined || issuer === undefined || subject === undefined) return null;
  // RFC 5280 section 4.1.1.2: both must name the same algorithm.
  if (outer.tag !== TAG.sequence || hexOf(der, inner) !== hexOf(der, outer)) return null;
  if (issuer.tag !== TAG.sequence || subject.tag !== TAG.sequence) return null;
  const extensions = readExtensions(
    der,
    parts.find(({ tag }) => tag === TAG.context3),
  );
  const rules = extensions === null ? null : readRules(extensions);
  if (rules === null) return null;
  return {
    subject: hexOf(der, subject),
    issuer: hexOf(der, issuer),
    strongSignature: isStrong(der, outer),
    ...rules,
  };
}

/** The encoded subject, or null if the part before it is not DER. Reads as little as possible. */
export function readSubject(der: Uint8Array): string | null {
  const certificate = elementAt(der, 0, der.length);
  const signed = certificate && elementAt(der, certificate.start, certificate.end);
  let part = signed && elementAt(der, signed.start, signed.end);
  // After an optional version: serial number, signature, issuer, validity, subject.
  const before = part?.tag === TAG.context0 ? 5 : 4;
  for (let passed = 0; passed < before; passed += 1)
    part = part && signed && elementAt(der, part.end, signed.end);
  return part?.tag === TAG.sequence ? hexOf(der, part) : null;
}

interface Extension {
  readonly critical: boolean;
  /** Content of the octet string. */
  readonly value: Uint8Array;
}

/** By object identifier. Null: not readable, or an extension twice, which RFC 5280 section 4.2 forbids. */
function readExtensions(
  der: Uint8Array,
  wrapper: DerElement | undefined,
): ReadonlyMap<string, Extension> | null {
  const extensions = new Map<string, Extension>();
  if (wrapper === undefined) return extensions;
  const [list, ...others] = childrenOf(der, wrapper) ?? [];
  if (list?.tag !== TAG.sequence || others.length > 0) return null;
  for (const element of childrenOf(der, list) ?? []) {
    const parts = childrenOf(der, element);
    const [oid, second] = parts ?? [];
    const value = parts?.at(-1);
    if (parts === null || oid?.tag !== TAG.oid || second === undefined || value?.tag !== TAG.octetString)
      return null;
    const critical = parts.length === 3 ? booleanOf(der, second) : false;
    const name = hexOf(der, oid);
    if (critical === null || parts.length > 3 || extensions.has(name)) return null;
    extensions.set(name, { critical, value: contentOf(der, value) });
  }
  return childrenOf(der, list) === null ? null : extensions;
}

function readRules(
  extensions: ReadonlyMap<string, Extension>,
): Pick<CertificateFacts, 'pathLength' | 'servesTls' | 'constrained'> | null {
  const pathLength = readPathLength(extensions.get(EXTENSION.basicConstraints)?.value);
  const servesTls = readUsage(extensions.get(EXTENSION.extendedKeyUsage)?.value);
  if (pathLength === undefined || servesTls === null) return null;
  return {
    pathLength,
    servesTls: servesTls && servesNetscape(extensions.get(EXTENSION.netscapeCertType)?.value),
    constrained: [...extensions].some(
      ([oid, { critical }]) => CONSTRAINTS.includes(oid) || (critical && !KNOWN_CRITICAL.includes(oid)),
    ),
  };
}

/**
 * BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }. Undefined:
 * not readable.
 */
function readPathLength(value: Uint8Array | undefined): number | null | undefined {
  if (value === undefined) return null;
  const parts = partsOf(value);
  if (parts === null || parts.length > 2) return undefined;
  const [first, second] = parts;
  if (first === undefined) return null;
  const isCa = booleanOf(value, first);
  if (isCa === null) return undefined;
  if (second === undefined) return null;
  return isCa ? (smallIntegerOf(value, second) ?? undefined) : undefined;
}

/** ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER. Null: not readable. */
function readUsage(value: Uint8Array | undefined): boolean | null {
  if (value === undefined) return true;
  const usages = partsOf(value);
  if (usages === null || usages.length === 0 || usages.some(({ tag }) => tag !== TAG.oid)) return null;
  return usages.some((usage) => hexOf(value, usage) === SERVER_AUTH);
}

/** The elements of the one sequence that an extension's value is. */
function partsOf(value: Uint8Array): readonly DerElement[] | null {
  const sequence = elementAt(value, 0, value.length);
  if (sequence?.tag !== TAG.sequence || sequence.end !== value.length) return null;
  return childrenOf(value, sequence);
}

function servesNetscape(value: Uint8Array | undefined): boolean {
  if (value === undefined) return true;
  const bits = elementAt(value, 0, value.length);
  if (bits?.tag !== TAG.bitString) return false;
  // The first octet says how many bits of the last one are unused.
  return ((value[bits.start + 1] ?? 0) & NETSCAPE_SSL_CA) !== 0;
}

function isStrong(der: Uint8Array, algorithm: DerElement): boolean {
  const [oid, parameters] = childrenOf(der, algorithm) ?? [];
  if (oid?.tag !== TAG.oid) return false;
  const name = hexOf(der, oid);
  if (name !== RSASSA_PSS) return STRONG_SIGNATURES.includes(name);
  // RSASSA-PSS-params: [0] is the hash; if it is absent, the hash is SHA-1.
  const [hash] = parameters?.tag === TAG.sequence ? (childrenOf(der, parameters) ?? []) : [];
  if (hash?.tag !== TAG.context0) return false;
  const [identifier] = childrenOf(der, hash) ?? [];
  const [hashOid] = identifier?.tag === TAG.sequence ? (childrenOf(der, identifier) ?? []) : [];
  return hashOid?.tag === TAG.oid && STRONG_HASHES.includes(hexOf(der, hashOid));
}
