import { beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mint } from '../../demo/authority';
import type { Identity, Minting } from '../../demo/authority';
import { isCrossSigned, issues, readCertificate } from '../../lambda/x509/certificate';
import type { Certificate } from '../../lambda/x509/certificate';
import { isKnownRoot } from '../../lambda/x509/known-certificates';
import { namesHost, rootsAbove } from '../../lambda/x509/verify';
import { openAnchors } from '../../lambda/x509/anchor-set';

const AMAZON = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';

/** A name of several parts. Source: https://www.amazontrust.com/repository/ */
const AMAZON_ROOT_CA_3 = `-----BEGIN CERTIFICATE-----
MIIBtjCCAVugAwIBAgITBmyf1XSXNmY/Owua2eiedgPySjAKBggqhkjOPQQDAjA5
MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24g
Um9vdCBDQSAzMB4XDTE1MDUyNjAwMDAwMFoXDTQwMDUyNjAwMDAwMFowOTELMAkG
A1UEBhMCVVMxDzANBgNVBAoTBkFtYXpvbjEZMBcGA1UEAxMQQW1hem9uIFJvb3Qg
Q0EgMzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCmXp8ZBf8ANm+gBG1bG8lKl
ui2yEujSLtf6ycXYqm0fc4E7O5hrOXwzpcVOho6AF2hiRVd9RFgdszflZwjrZt6j
QjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgGGMB0GA1UdDgQWBBSr
ttvXBp43rDCGB5Fwx5zEGbF4wDAKBggqhkjOPQQDAgNJADBGAiEA4IWSoxe3jfkr
BqWTrBqYaGFy+uGh0PsceGCmQ5nFuMQCIQCcAu/xlJyzlvnrxir4tiz+OpAUFteM
YyRIHN8wfdVoOw==
-----END CERTIFICATE-----`;

const read = ({ certificate }: Identity): Certificate => {
  const one = readCertificate(certificate.raw);
  if (one === null) throw new Error('A minted certificate can be read.');
  return one;
};
const minted = async (options: Minting): Promise<Certificate> => read(await mint(options));

let root: Identity;
let impostor: Identity;
let leaf: Identity;

beforeAll(async () => {
  root = await mint({ commonName: 'Root', ca: true });
  impostor = await mint({ commonName: 'Root', ca: true });
  leaf = await mint({ commonName: 'ci.example.com', hosts: ['ci.example.com', '192.0.2.1'], signedBy: root });
});

describe('readCertificate', () => {
  it('parses DER, and nothing else', () => {
    expect(readCertificate(Buffer.from(root.pem))).toBeNull();
    expect(readCertificate(Buffer.concat([root.certificate.raw, Buffer.from('x')]))).toBeNull();
    expect(readCertificate(Buffer.from('x'))).toBeNull();
  });

  it('reads the names of a certificate', () => {
    expect(read(leaf)).toMatchObject({ subject: 'CN=ci.example.com', issuer: 'CN=Root', selfSigned: false });
    expect(read(root)).toMatchObject({ subject: 'CN=Root', issuer: 'CN=Root', selfSigned: true });
    expect(readCertificate(new X509Certificate(AMAZON_ROOT_CA_3).raw)).toMatchObject({
      subject: 'CN=Amazon Root CA 3, O=Amazon, C=US',
    });
  });

  it.each([
    [{ keyType: 'rsa', rsaBits: 1024 }, true],
    [{ keyType: 'rsa', rsaBits: 2047 }, true],
    [{ keyType: 'rsa', rsaBits: 2048 }, false],
    [{ keyType: 'ecdsa' }, false],
  ] as const)('reports a weak key: %j %s', async (key, weakKey) => {
    expect(await minted({ commonName: 'a', ...key })).toMatchObject({ weakKey, weakSignature: false });
  });

  it.each([
    ['rsa', 'SHA-1', true],
    ['rsa', 'SHA-256', false],
    ['ecdsa', 'SHA-1', true],
    ['ecdsa', 'SHA-256', false],
  ] as const)('reports a weak signature: %s with %s: %s', async (keyType, hash, weakSignature) => {
    const authority = await mint({ commonName: 'Authority', ca: true, keyType, rsaBits: 1024 });
    const below = await minted({ commonName: 'a', signedBy: authority, hash });
    expect(below).toMatchObject({ weakSignature });
  });

  it('finds the issuer by name and by signature, not by one of the two alone', async () => {
    const lower = leaf.certificate;
    const renamed = await mint({ commonName: 'Other', ca: true, keyOf: root });
    expect([root, impostor, leaf, renamed].map(({ certificate }) => issues(certificate, lower))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('recognizes a cross-signed copy by name and key', async () => {
    const twin = await minted({ commonName: 'Root', ca: true, keyOf: root });
    const renamed = await minted({ commonName: 'Other', ca: true, keyOf: root });
    expect([twin, read(impostor), renamed].map((other) => isCrossSigned(read(root), other))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the purpose of a certificate', () => {
  it.each([
    ['ci.example.com', true],
    ['ci.example.com.', true],
    ['other.example.com', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
  ])('%s: %s', (host, is) => {
    expect(namesHost(leaf.certificate, host)).toBe(is);
  });

  it('is not derived from its subject', async () => {
    const { certificate } = await mint({ commonName: 'ci.example.com', signedBy: root });
    expect(namesHost(certificate, 'ci.example.com')).toBe(false);
  });
});

describe('rootsAbove', () => {
  it('are anchors that issued one of the ends, and not the ends themselves', async () => {
    const ends = [read(leaf), await minted({ commonName: 'b' })];
    const bundle = [root, impostor, leaf].map(({ pem }) => pem).join('\n');
    expect(rootsAbove(ends, openAnchors([bundle]).all())).toEqual([root.thumbprint]);
    expect(rootsAbove([read(root)], openAnchors([bundle]).all())).toEqual([]);
    expect(rootsAbove(ends, openAnchors(['']).all())).toEqual([]);
  });

  it.each([
    [AMAZON, 'CN=Amazon Root CA 1', true],
    [AMAZON, 'CN=Amazon Root CA 1, O=Amazon, C=US', true],
    [AMAZON, 'CN=Amazon Root CA 11', false],
    [AMAZON, 'CN=Amazon Root CA 3', false],
    ['f'.repeat(40), 'CN=Amazon Root CA 1', false],
    ['f'.repeat(40), 'undefined, C=US', false],
  ])('are known by thumbprint and name: %s %s', (thumbprint, issuer, is) => {
    expect(isKnownRoot(thumbprint, issuer)).toBe(is);
  });
});
