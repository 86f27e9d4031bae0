import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IAMClient } from '@aws-sdk/client-iam';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { LOGINS_UNKNOWN } from '../../lambda/domain/logins';
import { letIn } from '../support/let-in';
import { embedded, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

const CERTIFICATE = v.looseObject({ thumbprint: v.string(), anchored: v.boolean() });
const CHAIN = v.looseObject({ publiclyTrusted: v.boolean(), certificates: v.array(CERTIFICATE) });
const TARGET = v.looseObject({
  status: v.string(),
  enforced: v.nullable(v.boolean()),
  enforcedBasis: v.string(),
  listed: v.array(v.string()),
  expected: v.array(v.string()),
  chains: v.array(CHAIN),
  findings: v.array(v.looseObject({ check: v.string(), severity: v.string(), message: v.string() })),
});
const REPORT = v.looseObject({ targets: v.tuple([TARGET]) });
type Target = v.InferOutput<typeof TARGET>;

let builder: Build;
let emulator: Emulator;
let issuer: Issuer;
let root: Identity;
let stranger: Identity;
let middle: Identity;
let rsaMiddle: Identity;

beforeAll(async () => {
  builder = build();
  emulator = await embedded();
  const hosts = ['localhost'];
  root = await mint({ commonName: 'Root', ca: true });
  stranger = await mint({ commonName: 'Stranger', ca: true });
  middle = await mint({ commonName: 'Intermediate', ca: true, signedBy: root });
  rsaMiddle = await mint({ commonName: 'RSA Intermediate', ca: true, signedBy: root, keyType: 'rsa' });
  const leaf = await mint({ commonName: 'localhost', hosts, signedBy: middle });
  const rsaLeaf = await mint({ commonName: 'localhost', hosts, signedBy: rsaMiddle, keyType: 'rsa' });
  issuer = await startIssuer({
    chains: [
      [rsaLeaf, rsaMiddle],
      [leaf, middle],
    ],
  });
  await letIn(new IAMClient(settings(emulator.url)), {
    issuer: issuer.issuerOf(ORG),
    thumbprints: [middle.thumbprint],
    audiences: [ORG],
  });
}, 90_000);

afterAll(async () => {
  await issuer.close();
  await emulator.stop();
  builder.remove();
});

async function audit(publicRoots: readonly Identity[], more: object = {}): Promise<Target> {
  const config = { issuers: [issuer.issuerOf(ORG)], allowPrivateNetworks: true, ...more };
  const monitor = await builder.deploy({ endpoint: emulator.url, config, publicRoots });
  try {
    const invocation = await monitor.invoke({ action: 'audit' });
    return v.parse(REPORT, invocation.ok ? invocation.payload : invocation).targets[0];
  } finally {
    await monitor.stop();
  }
}

/** All that a trust store must not change. */
const storeless = ({ listed, expected, chains, status }: Target): unknown => ({
  listed,
  expected,
  status,
  chains: chains.map(({ publiclyTrusted, certificates, ...rest }) => ({
    ...rest,
    certificates: certificates.map(({ anchored, ...certificate }) => certificate),
  })),
});

describe('the deployed bundle and the trust store of its process', () => {
  it('collects both key types of a dual server, and drift of the one that is not listed', async () => {
    const target = await audit([root]);
    expect(target).toMatchObject({
      status: 'drifted',
      enforced: false,
      enforcedBasis: 'public-ca',
      listed: [middle.thumbprint],
      expected: [middle.thumbprint, rsaMiddle.thumbprint].sort(),
      findings: [{ check: 'THUMB006', severity: 'low' }],
    });
    expect(target).not.toHaveProperty('unanswered');
    expect(target.chains).toMatchObject([
      { keyType: 'rsa', tls: 'TLSv1.3', addresses: ['127.0.0.1'], publiclyTrusted: true },
      { keyType: 'ecdsa', tls: 'TLSv1.3', addresses: ['127.0.0.1'], publiclyTrusted: true },
    ]);
  });

  it('changes only the trust result, for any public roots', async () => {
    const trusted = await audit([root]);
    const untrusted = await audit([stranger]);
    expect(storeless(untrusted)).toEqual(storeless(trusted));
    expect(trusted.chains.map(({ publiclyTrusted }) => publiclyTrusted)).toEqual([true, true]);
    expect(untrusted.chains.map(({ publiclyTrusted }) => publiclyTrusted)).toEqual([false, false]);
    expect(untrusted).toMatchObject({ enforced: true, enforcedBasis: 'private-ca' });
  });

  it('verifies by trustAnchors apart from it, and calls the list enforced all the same', async () => {
    const target = await audit([stranger], { trustAnchors: root.pem });
    expect(target).toMatchObject({ status: 'drifted', enforced: true, enforcedBasis: 'private-ca' });
    expect(target.chains.map(({ publiclyTrusted }) => publiclyTrusted)).toEqual([false, false]);
    expect(target.findings.map(({ check, severity }) => `${check} ${severity}`)).toEqual(['THUMB006 high']);
    expect(target.findings[0]?.message).toContain(LOGINS_UNKNOWN);
  });

  it('names what it could not verify', async () => {
    const target = await audit([stranger], { trustAnchors: stranger.pem });
    expect(target.findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['THUMB006', 'CERT003', 'CERT006']),
    );
  });
});
