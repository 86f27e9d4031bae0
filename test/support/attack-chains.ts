/** Certificates that an attacker, or a careless authority, adds to an honest chain. Every bad certificate has a name. */
import { X509Certificate, sign } from 'node:crypto';
import { mint } from '../../demo/authority';
import type { Identity, Minting } from '../../demo/authority';
import { readDer, writeDer } from './der';
import type { Element } from './der';

const DAY_MS = 86_400_000;

/** An extension as DER: the content of its object identifier, and its value. RFC 5280 section 4.1.2.9. */
interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: string;
}

const BASIC_CONSTRAINTS = '551d13';
const KEY_USAGE = '551d0f';

/** What a certificate authority may be limited by: RFC 5280 sections 4.2.1.9 to 4.2.1.14. All but the last are limits that OpenSSL applies. */
const LIMITS = {
  'a path length of 0': { oid: BASIC_CONSTRAINTS, critical: true, value: '30060101ff020100' },
  // Permits the DNS name "example.com", which the hosts of the tests belong to.
  'name constraints': { oid: '551d1e', critical: true, value: '3011a00f300d820b6578616d706c652e636f6d' },
  'client authentication only': { oid: '551d25', critical: false, value: '300a06082b06010505070302' },
  'policy constraints': { oid: '551d24', critical: true, value: '3003800100' },
  'inhibit any policy': { oid: '551d36', critical: true, value: '020100' },
  'an unknown critical extension': { oid: '2a0304', critical: true, value: '0500' },
} as const satisfies Record<string, Extension>;

/** The name of a limit. */
type Limit = keyof typeof LIMITS;

const partsOf = ({ content }: Element): readonly Element[] => (Buffer.isBuffer(content) ? [] : content);

/** The elements of a certificate: what is signed, the algorithm, the signature. RFC 5280 section 4.1. */
function elementsOf({ certificate }: Identity): {
  readonly signed: readonly Element[];
  readonly algorithm: Element;
  readonly signature: Element;
} {
  const [whole] = readDer(certificate.raw) ?? [];
  const [signed, algorithm, signature] = whole === undefined ? [] : partsOf(whole);
  if (signed === undefined || algorithm === undefined || signature === undefined)
    throw new TypeError('This is no certificate.');
  return { signed: partsOf(signed), algorithm, signature };
}

function identityOf(elements: readonly Element[], keyPem: string): Identity {
  const certificate = new X509Certificate(writeDer({ tag: 0x30, content: elements }));
  const thumbprint = certificate.fingerprint.replaceAll(':', '').toLowerCase();
  return { subject: certificate.subject, certificate, pem: certificate.toString(), keyPem, thumbprint };
}

/** Signs other content with the key of an issuer, by SHA-256. */
function signAgain(identity: Identity, issuer: Identity, content: readonly Element[]): Identity {
  const signed: Element = { tag: 0x30, content };
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', writeDer(signed), issuer.keyPem)]);
  return identityOf(
    [signed, elementsOf(identity).algorithm, { tag: 0x03, content: signature }],
    identity.keyPem,
  );
}

/** The same certificate with a limit, signed by its issuer again. */
function limited(identity: Identity, issuer: Identity, limit: Limit): Identity {
  const { oid, critical, value } = LIMITS[limit];
  return withExtensions(identity, issuer, oid, [
    {
      tag: 0x30,
      content: [
        { tag: 0x06, content: Buffer.from(oid, 'hex') },
        ...(critical ? [{ tag: 0x01, content: Buffer.from([0xff]) }] : []),
        { tag: 0x04, content: Buffer.from(value, 'hex') },
      ],
    },
  ]);
}

/** The same certificate without a key usage, so that its key may serve and sign, signed by its issuer again. */
const withAnyUsage = (identity: Identity, issuer: Identity): Identity =>
  withExtensions(identity, issuer, KEY_USAGE, []);

/** Replaces the extension of this identifier. */
function withExtensions(identity: Identity, issuer: Identity, oid: string, by: readonly Element[]): Identity {
  const { signed } = elementsOf(identity);
  const [list] = signed.slice(-1).flatMap(partsOf);
  const others = (list === undefined ? [] : partsOf(list)).filter((extension) => !isOf(extension, oid));
  const extensions: Element = { tag: 0xa3, content: [{ tag: 0x30, content: [...others, ...by] }] };
  return signAgain(identity, issuer, [...signed.slice(0, -1), extensions]);
}

const isOf = (extension: Element, oid: string): boolean => {
  const [first] = partsOf(extension);
  return first !== undefined && Buffer.isBuffer(first.content) && first.content.toString('hex') === oid;
};

/** The same certificate as version 1, which has no extensions. */
export function asVersion1(identity: Identity, issuer: Identity): Identity {
  const { signed } = elementsOf(identity);
  return signAgain(identity, issuer, signed.slice(1, -1));
}

/** The same certificate, with a signature that does not verify. */
export function withBadSignature(identity: Identity): Identity {
  const [whole] = readDer(identity.certificate.raw) ?? [];
  const { algorithm, signature } = elementsOf(identity);
  const [signed] = whole === undefined ? [] : partsOf(whole);
  if (signed === undefined || !Buffer.isBuffer(signature.content)) throw new TypeError('No signature.');
  const bits = Buffer.from(signature.content);
  bits.writeUInt8(bits.readUInt8(bits.length - 1) ^ 1, bits.length - 1);
  return identityOf([signed, algorithm, { tag: 0x03, content: bits }], identity.keyPem);
}

const nameOf = ({ subject }: Identity): string => subject.replace(/^CN=/, '');

/** Another certificate for the subject and key of a CA, signed by another authority: only the public key is needed for it. */
export const cross = (of: Identity, signedBy: Identity, more: Partial<Minting> = {}): Promise<Identity> =>
  mint({ commonName: nameOf(of), ca: true, keyOf: of, signedBy, ...more });

/** A certificate authority; a root unless it is signed by another. */
export const authority = (commonName: string, more: Partial<Minting> = {}): Promise<Identity> =>
  mint({ commonName, ca: true, ...more });

/** A certificate for a server. */
export const server = (host: string, signedBy: Identity, more: Partial<Minting> = {}): Promise<Identity> =>
  mint({ commonName: host, hosts: [host], signedBy, ...more });

/** Validity that has ended. */
export const EXPIRED = {
  notBefore: new Date(Date.now() - 90 * DAY_MS),
  notAfter: new Date(Date.now() - 30 * DAY_MS),
} as const satisfies Partial<Minting>;

/** A certificate that no path may use, and what it signs: a CA of the honest root with a limit, or without one that it needs. */
export const CARELESS: Readonly<Record<string, (commonName: string, root: Identity) => Promise<Identity>>> = {
  ...Object.fromEntries(
    Object.keys(LIMITS)
      .filter(isLimit)
      .map((limit) => [
        limit,
        async (commonName: string, root: Identity) =>
          limited(await authority(commonName, { signedBy: root }), root, limit),
      ]),
  ),
  'no CA flag': async (commonName, root) => withAnyUsage(await mint({ commonName, signedBy: root }), root),
  'version 1': async (commonName, root) => asVersion1(await authority(commonName, { signedBy: root }), root),
  'a date in the past': (commonName, root) => authority(commonName, { signedBy: root, ...EXPIRED }),
  'an RSA key of 1024 bits': (commonName, root) =>
    authority(commonName, { signedBy: root, keyType: 'rsa', rsaBits: 1024 }),
  'a SHA-1 signature': (commonName, root) => authority(commonName, { signedBy: root, hash: 'SHA-1' }),
};

function isLimit(name: string): name is Limit {
  return name in LIMITS;
}

/** An honest hierarchy for one host, with a second intermediate for a rotation. */
export interface Family {
  readonly host: string;
  readonly root: Identity;
  readonly intermediate: Identity;
  readonly leaf: Identity;
  /** A leaf that the root itself has signed. */
  readonly directLeaf: Identity;
  readonly next: { readonly intermediate: Identity; readonly leaf: Identity };
}

/** Mints one; `label` distinguishes its authorities from those of other families. */
export async function family(label: string, host: string): Promise<Family> {
  const root = await authority(`${label} Root`);
  const below = async (
    name: string,
  ): Promise<{ readonly intermediate: Identity; readonly leaf: Identity }> => {
    const intermediate = await authority(`${label} ${name}`, { signedBy: root });
    return { intermediate, leaf: await server(host, intermediate) };
  };
  return {
    host,
    root,
    ...(await below('Intermediate')),
    directLeaf: await server(host, root),
    next: await below('Next Intermediate'),
  };
}
