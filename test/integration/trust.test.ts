import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { embedded, moto, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { motoIsThere } from '../support/moto';
import { PROJECT, allow, keyOf, policyOf } from '../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const GONE =
  'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
/** More than the largest page of IAM. */
const OTHERS = 1_001;

const finding = v.object({ check: v.string(), severity: v.string(), subject: v.optional(v.string()) });
const REPORT = v.object({
  findings: v.array(finding),
  failures: v.array(v.object({ code: v.string(), message: v.string() })),
  notes: v.optional(v.array(v.string())),
  text: v.string(),
  targets: v.array(v.object({ status: v.string(), roles: v.array(v.string()), findings: v.array(finding) })),
});
type Told = v.InferOutput<typeof REPORT>;

let builder: Build;
let issuer: Issuer;
let root: Identity;
let top: Identity;

beforeAll(async () => {
  builder = build();
  root = await mint({ commonName: 'Public Root', ca: true });
  top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  issuer = await startIssuer({
    chain: [await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top }), top],
  });
});

afterAll(async () => {
  await issuer.close();
  builder.remove();
});

const providerArn = (): string =>
  `arn:aws:iam::123456789012:oidc-provider/localhost:${issuer.port}/org/${ORG}`;
const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

/** Runs one audit of the deployed bundle. */
async function audit(endpoint: string, config: object = {}): Promise<Told> {
  const monitor = await builder.deploy({
    endpoint,
    config: { issuers: [issuer.issuerOf(ORG)], allowPrivateNetworks: true, ...config },
    publicRoots: [root],
  });
  try {
    const invocation = await monitor.invoke({ action: 'audit' });
    return v.parse(REPORT, invocation.ok ? invocation.payload : invocation);
  } finally {
    await monitor.stop();
  }
}

const createProvider = (iam: IAMClient): Promise<unknown> =>
  iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: issuer.issuerOf(ORG),
      ThumbprintList: [top.thumbprint],
      ClientIDList: [ORG],
    }),
  );

/** Each role, and the findings that it must have. */
function trustingRoles(): readonly (readonly [string, string, string | null])[] {
  const arn = providerArn();
  const sub = keyOf(arn, 'sub');
  const aud = { StringEquals: { [keyOf(arn, 'aud')]: ORG } };
  const like = (value: string): object => ({ ...aud, StringLike: { [sub]: value } });
  const scoped = `org/${ORG}/project/${PROJECT}/user/*`;
  return [
    ['scoped', policyOf(allow(arn, like(scoped))), null],
    ['deploy', policyOf(allow(arn, like(scoped))), 'TRUST005 medium'],
    ['open', policyOf(allow(arn, aud)), 'TRUST001 high'],
    ['wild', policyOf(allow(arn, like('org/*'))), 'TRUST002 high'],
    ['no-aud', policyOf(allow(arn, { StringLike: { [sub]: scoped } })), 'TRUST004 info'],
    ['literal', policyOf(allow(arn, { StringEquals: { [sub]: scoped } })), 'TRUST007 high'],
    [
      'unknown',
      policyOf(allow(arn, { ...aud, IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })),
      'TRUST001 medium',
    ],
  ];
}

/** Without the SDK, which would take most of the time of all tests here. */
async function createOthers(url: string, policy: string): Promise<void> {
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request' };
  for (let index = 0; index < OTHERS; index += 1) {
    const role = { RoleName: `a-service-${index}`, AssumeRolePolicyDocument: policy };
    const body = new URLSearchParams({ Action: 'CreateRole', Version: '2010-05-08', ...role });
    const response = await fetch(url, { method: 'POST', headers, body });
    await response.text();
    expect(response.status).toBe(200);
  }
}

function suite(start: () => Promise<Emulator>): void {
  let emulator: Emulator;
  let iam: IAMClient;

  beforeAll(async () => {
    emulator = await start();
    iam = new IAMClient(settings(emulator.url));
    await createProvider(iam);
    const create = (RoleName: string, AssumeRolePolicyDocument: string): Promise<unknown> =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const service = policyOf({
      Effect: 'Allow',
      Principal: { Service: 'ec2.amazonaws.com' },
      Action: 'sts:AssumeRole',
    });
    await createOthers(emulator.url, service);
    for (const [name, policy] of trustingRoles()) await create(name, policy);
    await create('lost', policyOf(allow(GONE)));
  }, 240_000);

  afterAll(async () => {
    iam.destroy();
    await emulator.stop();
  });

  it('finds the roles after more than a page of others, and reports the findings of each', async () => {
    const report = await audit(emulator.url);
    expect(report.failures).toEqual([]);
    expect(report.findings).toEqual([{ check: 'TRUST006', severity: 'low', subject: roleArn('lost') }]);
    const [target] = report.targets;
    expect(target?.status).toBe('in-sync');
    expect(target?.roles).toEqual(
      trustingRoles()
        .map(([name]) => roleArn(name))
        .sort(),
    );
    const told = (target?.findings ?? []).map(
      ({ check, severity, subject }) => `${subject ?? ''} ${check} ${severity}`,
    );
    const expected = trustingRoles().flatMap(([name, , words]) =>
      words === null ? [] : [`${roleArn(name)} ${words}`],
    );
    expect(told.sort()).toEqual([...expected].sort());
  });

  it('ignores roles if the configuration says so, and reports that', async () => {
    const report = await audit(emulator.url, { auditTrust: false });
    expect(report.targets[0]).toMatchObject({ roles: [], findings: [] });
    expect(report.notes).toEqual([expect.stringContaining('auditTrust is false')]);
    expect(report.text).toContain('auditTrust is false, so no role was read');
  });
}

describe('trust checks, on the embedded AWS', () => {
  suite(embedded);
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('roles, on moto_server', () => {
  suite(moto);
});

/** moto knows no managed policies of AWS, and cannot inject faults. */
describe('calls of IAM, on the embedded AWS', () => {
  it('that are denied are reported as a failure, and the thumbprints are evaluated all the same', async () => {
    const aws = await startAws();
    await createProvider(new IAMClient(settings(aws.url)));
    aws.failNext('ListRoles', { code: 'AccessDenied', status: 403 });
    const report = await audit(aws.url);
    await aws.close();
    expect(report.targets).toMatchObject([{ status: 'in-sync', roles: [], findings: [] }]);
    expect(report.failures).toEqual([
      {
        code: 'AWS_ACCESS_DENIED',
        message:
          "AWS denied iam:ListRoles on *: allow it in the caller's policy (AccessDenied). No role was read: PROV004 and TRUST001 to TRUST010 were not checked.",
      },
    ]);
  });

  it('find AdministratorAccess on a role of a harmless name', async () => {
    const aws = await startAws();
    const iam = new IAMClient(settings(aws.url));
    await createProvider(iam);
    const [scoped] = trustingRoles();
    for (const RoleName of ['ci', 'reader']) {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: scoped?.[1] }));
    }
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'ci',
        PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    );
    const report = await audit(aws.url);
    expect(report.targets[0]?.findings).toEqual([
      { check: 'TRUST005', severity: 'medium', subject: roleArn('ci') },
    ]);
    expect(aws.calls().filter(({ action }) => action === 'ListRoles')).toHaveLength(1);
    await aws.close();
  });
});
