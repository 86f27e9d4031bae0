/** Mints certificates: for the demo's issuer, the tests and the benchmarks. Never for the real world. */
import 'reflect-metadata';
import { X509Certificate, createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** A certificate with its key. `thumbprint` is SHA-1 in lower-case hex. */
export interface Identity {
  readonly subject: string;
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly keyPem: string;
  readonly thumbprint: string;
  /** Whose key signed it; absent: its own. */
  readonly signedBy?: Identity;
}

/** What to mint. */
export interface Minting {
  readonly commonName: string;
  /** @default ecdsa (P-256) */
  readonly keyType?: 'rsa' | 'ecdsa';
  /** @default 2048 */
  readonly rsaBits?: number;
  /** @default the certificate signs itself */
  readonly signedBy?: Identity;
  readonly ca?: boolean;
  /** Subject alternative names: DNS names and IP addresses. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** @default SHA-256 */
  readonly hash?: 'SHA-256' | 'SHA-1';
  /** Takes another identity's key: cross-certificates have one key and two certificates. */
  readonly keyOf?: Identity;
  /** Leave the key identifiers out, which distinguish issuers without a look at signatures. @default false */
  readonly anonymousKeys?: boolean;
  /** @default none */
  readonly pathLength?: number;
  /** Leave the key usage out, so that a certificate that is no CA can sign certificates. @default false */
  readonly anyUsage?: boolean;
  /** Further extensions, as DER. */
  readonly extensions?: readonly {
    readonly oid: string;
    readonly critical?: boolean;
    readonly value: Uint8Array;
  }[];
}

const DAY_MS = 86_400_000;

/** Mints one certificate. */
export async function mint(options: Minting): Promise<Identity> {
  const { commonName, signedBy, hash = 'SHA-256' } = options;
  const keys = options.keyOf === undefined ? await generateKeys(options) : await keysOf(options.keyOf, hash);
  const signer = signedBy === undefined ? keys : await keysOf(signedBy, hash);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    subject: nameOf(commonName),
    issuer: signedBy === undefined ? nameOf(commonName) : subjectOf(signedBy),
    notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: options.notAfter ?? new Date(Date.now() + 365 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: algorithmOf(signer.privateKey, hash),
    extensions: await extensionsOf(options, keys.publicKey, signer.publicKey),
  });
  const identity = {
    ...identify(certificate.toString('pem'), await pemOf(keys.privateKey)),
    ...(signedBy === undefined ? {} : { signedBy }),
  };
  known.set(identity, { subject: certificate.subjectName, keys, hash });
  return identity;
}

/** What was minted before need not be read again when it signs. */
const known = new WeakMap<
  Identity,
  { readonly subject: x509.Name; readonly keys: Keys; readonly hash: string }
>();

const subjectOf = (identity: Identity): x509.Name =>
  known.get(identity)?.subject ?? new x509.X509Certificate(identity.pem).subjectName;

/** RSA keys are bound to a hash. */
async function keysOf(identity: Identity, hash: string): Promise<Keys> {
  const before = known.get(identity);
  return before?.hash === hash ? before.keys : importKeys(identity.keyPem, hash);
}

/** As a structure, not as text: hostile names hold what text would have to escape. */
const nameOf = (commonName: string): x509.JsonName => [{ CN: [commonName] }];

function identify(pem: string, keyPem: string): Identity {
  const certificate = new X509Certificate(pem);
  const thumbprint = certificate.fingerprint.replaceAll(':', '').toLowerCase();
  return { subject: certificate.subject, certificate, pem, keyPem, thumbprint };
}

type Keys = webcrypto.CryptoKeyPair;

const EC = { name: 'ECDSA', namedCurve: 'P-256' };
const rsa = (hash: string): { name: string; hash: string } => ({ name: 'RSASSA-PKCS1-v1_5', hash });

const generateKeys = ({ keyType = 'ecdsa', rsaBits = 2048, hash = 'SHA-256' }: Minting): Promise<Keys> =>
  keyType === 'ecdsa'
    ? webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
    : webcrypto.subtle.generateKey(
        { ...rsa(hash), modulusLength: rsaBits, publicExponent: new Uint8Array([1, 0, 1]) },
        true,
        ['sign', 'verify'],
      );

async function importKeys(keyPem: string, hash: string): Promise<Keys> {
  const key = createPrivateKey(keyPem);
  const algorithm = key.asymmetricKeyType === 'rsa' ? rsa(hash) : EC;
  const secret = key.export({ type: 'pkcs8', format: 'der' });
  const open = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', secret, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', open, algorithm, true, ['verify']),
  };
}

const algorithmOf = (key: webcrypto.CryptoKey, hash: string): { name: string; hash: string } =>
  key.algorithm.name === 'ECDSA' ? { name: 'ECDSA', hash } : rsa(hash);

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/** What OpenSSL requires before it calls a chain valid: RFC 5280 sections 4.2.1.1 to 4.2.1.12. */
async function extensionsOf(
  { ca = false, hosts = [], anonymousKeys = false, pathLength, anyUsage = false, extensions = [] }: Minting,
  own: webcrypto.CryptoKey,
  signer: webcrypto.CryptoKey,
): Promise<x509.Extension[]> {
  const usage = ca ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature;
  const names = hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const);
  return [
    new x509.BasicConstraintsExtension(ca, pathLength, true),
    ...(anyUsage ? [] : [new x509.KeyUsagesExtension(usage, true)]),
    ...(ca ? [] : [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ...(anonymousKeys
      ? []
      : [
          await x509.SubjectKeyIdentifierExtension.create(own),
          await x509.AuthorityKeyIdentifierExtension.create(signer),
        ]),
    ...extensions.map(({ oid, critical = false, value }) => new x509.Extension(oid, critical, value)),
  ];
}
