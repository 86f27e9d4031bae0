/**
 * The deployed bundle in processes whose trust store holds more than the roots of Node: a private CA stays private there, and
 * a host that is always publicly trusted is intercepted.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startFunction } from '../../demo/function';
import { discoveryDocument, startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { buildFunction } from '../../infra/build/build';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { settings } from '../support/emulator';
import { letIn } from '../support/let-in';
import { commonSigningKey } from '../support/signing-key';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** Always publicly trusted, the first by its name and the second by a pattern. */
const PUBLIC = ['oidc.circleci.com', 'acme.okta.com'];
/** Nobody's, or of another owner who registered a name that ends alike. */
const PRIVATE = ['ci.example.com', 'evilokta.com'];
const HOSTS = [...PUBLIC, ...PRIVATE];
const THUMBPRINT = 'c'.repeat(40);

/** Answers every name that is not its own with one address, and sends connections to port 443 to a port of this machine. */
const LOCAL_NAMES = pathToFileURL(join(__dirname, '..', 'support', 'readme', 'one-internet.mjs')).href;

const TARGET = v.looseObject({
  issuer: v.string(),
  enforced: v.nullable(v.boolean()),
  enforcedBasis: v.string(),
  expected: v.array(v.string()),
  chains: v.array(v.looseObject({ publiclyTrusted: v.boolean() })),
  findings: v.array(v.looseObject({ check: v.string(), message: v.string(), remedy: v.string() })),
  update: v.optional(v.looseObject({ decision: v.string() })),
});
const REPORT = v.looseObject({ targets: v.array(TARGET) });
type Target = v.InferOutput<typeof TARGET>;

/** How a process gets its additional authorities. `file`: their path. */
interface Store {
  readonly name: string;
  readonly options: readonly string[];
  readonly environment: (file: string) => Readonly<Record<string, string>>;
}

const has = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

const STORES: readonly Store[] = [
  { name: 'NODE_EXTRA_CA_CERTS', options: [], environment: (file) => ({ NODE_EXTRA_CA_CERTS: file }) },
  {
    name: '--use-openssl-ca',
    options: ['--use-openssl-ca'],
    environment: (file) => ({ SSL_CERT_FILE: file }),
  },
  // Since Node 22.15, and for OpenSSL the system's authorities are those of SSL_CERT_FILE, if it is set.
  ...(has('--use-system-ca')
    ? [
        {
          name: '--use-system-ca',
          options: ['--use-system-ca'],
          environment: (file: string) => ({ SSL_CERT_FILE: file }),
        },
        {
          name: 'NODE_USE_SYSTEM_CA',
          options: [],
          environment: (file: string) => ({ NODE_USE_SYSTEM_CA: '1', SSL_CERT_FILE: file }),
        },
      ]
    : []),
];

let folder: string;
let bundle: string;
let aws: EmbeddedAws;
let issuer: Issuer;
let intermediate: Identity;
const targets = new Map<string, readonly Target[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-store-'));
  bundle = buildFunction({ outdir: join(folder, 'function') }).entry;
  const root = await mint({ commonName: 'Private Root', ca: true });
  intermediate = await mint({ commonName: 'Private Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'Private Server', hosts: HOSTS, signedBy: intermediate });
  issuer = await startIssuer({
    chain: [leaf, intermediate],
    name: 'ci.example.com',
    publicPort: 443,
    signingKey: commonSigningKey(),
  });
  issuer.onRequest(({ authority, url }, response) => {
    const [, org] = /^(\/org\/[^/]+)\/\.well-known\/openid-configuration$/.exec(url) ?? [];
    if (org === undefined) return false;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(discoveryDocument(`https://${authority}${org}`)));
    return true;
  });
  aws = await startAws();
  const iam = new IAMClient(settings(aws.url));
  for (const [index, host] of HOSTS.entries()) {
    const org = ORG.replace('b9d4', `b9d${index}`);
    await letIn(iam, { issuer: `https://${host}/org/${org}`, audiences: [org], thumbprints: [THUMBPRINT] });
  }
  iam.destroy();
  const file = join(folder, 'private.pem');
  writeFileSync(file, root.pem);
  for (const store of STORES) targets.set(store.name, await audit(store, file));
}, 300_000);

afterAll(async () => {
  await Promise.all([issuer.close(), aws.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function audit({ options, environment }: Store, file: string): Promise<readonly Target[]> {
  const started = await startFunction({
    bundle,
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      NODE_OPTIONS: [...options, '--import', LOCAL_NAMES].join(' '),
      LOCAL_PORTS: JSON.stringify({ 443: issuer.port }),
      MONITOR_CONFIG: JSON.stringify({
        issuers: HOSTS.map((host, index) => `https://${host}/org/${ORG.replace('b9d4', `b9d${index}`)}`),
        update: 'guarded',
      }),
      ...environment(file),
    },
  });
  try {
    const invocation = await started.invoke({ action: 'audit' });
    return v.parse(REPORT, invocation.ok ? invocation.payload : invocation).targets;
  } finally {
    await started.stop();
  }
}

function targetOf(store: string, host: string): Target {
  const found = targets.get(store)?.find((target) => target.issuer.startsWith(`https://${host}/`));
  if (found === undefined) throw new TypeError(`${host} is not in the report.`);
  return found;
}

const rowsOf = (hosts: readonly string[]): readonly { readonly store: string; readonly host: string }[] =>
  STORES.flatMap(({ name }) => hosts.map((host) => ({ store: name, host })));

describe('a private CA in the trust store of the process', () => {
  it.each(rowsOf(PRIVATE))('is reported as private, by $store: $host', ({ store, host }) => {
    const target = targetOf(store, host);
    expect(target).toMatchObject({ enforced: true, enforcedBasis: 'private-ca' });
    expect(target.chains.map(({ publiclyTrusted }) => publiclyTrusted)).toEqual([false]);
    expect(target.expected).toEqual([intermediate.thumbprint]);
    expect(target.findings.map(({ check }) => check)).toContain('THUMB001');
    expect(target.findings.map(({ message }) => message).join(' ')).not.toContain('No login is affected');
    expect(target.update?.decision).not.toBe('would-write');
  });

  it.each(rowsOf(PUBLIC))(
    'is reported as an interception of a host that is always public, by $store: $host',
    ({ store, host }) => {
      const target = targetOf(store, host);
      expect(target).toMatchObject({ enforced: null, enforcedBasis: 'unknown', expected: [] });
      expect(target.findings.map(({ check }) => check)).toContain('NET001');
      expect(target.findings.map(({ check }) => check)).not.toContain('THUMB001');
      const remedies = target.findings.map(({ remedy }) => remedy).join(' ');
      expect(remedies).not.toContain(intermediate.thumbprint);
      expect(remedies).not.toContain('--thumbprint-list');
      expect(target.update?.decision).not.toBe('would-write');
    },
  );
});
