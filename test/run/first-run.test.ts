/** The first run of a deployment with the default configuration, in an account as companies have it. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { failure } from '../../lambda/domain/errors';
import type { Host, HostObservation, Outcome, Report, Role } from '../../lambda/domain/types';
import { ARN, Account } from '../support/account';
import { hierarchy, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { allow, keyOf, narrowRole, policyOf, roleWith } from '../support/roles';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const REGIONS = ['oidc.eks.eu-west-1.amazonaws.com', 'oidc.eks.us-east-1.amazonaws.com'];
const GITHUB = `${IAM}token.actions.githubusercontent.com`;
const CLUSTERS = Array.from(
  { length: 20 },
  (_, index) => `${IAM}${REGIONS[index % 2] ?? ''}/id/${String(index).padStart(2, '0').repeat(16)}`,
);
/** Clusters that were deleted, while their providers and roles remain. */
const DELETED = CLUSTERS.slice(0, 4);
/** As eksctl and old guides set it. */
const OLD = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

const served = new Map<string, Hierarchy>();

beforeAll(async () => {
  for (const host of ['oidc.circleci.com', 'token.actions.githubusercontent.com', ...REGIONS]) {
    served.set(host, await hierarchy(host, host));
  }
});

const probe = (host: Host): HostObservation => {
  const chain = served.get(host.name)?.chain ?? [];
  return { ...observed(host.name, [{ chain }]), host };
};

const document = (issuer: string): Outcome<string> =>
  DELETED.some((arn) => issuer === arn.replace(IAM, 'https://'))
    ? {
        ok: false,
        failure: failure('discovery', 'HTTP_STATUS', `${issuer}: the server answered with status 404.`),
      }
    : { ok: true, value: JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }) };

/** Roles of service accounts in a cluster. Every fourth cluster has none. */
const clusterRoles = CLUSTERS.flatMap((arn, index): readonly Role[] =>
  index % 4 === 3
    ? []
    : ['autoscaler', 'external-dns', 'deploy'].map((name) =>
        roleWith(
          arn,
          `${name}-${index}`,
          policyOf(
            allow(arn, {
              StringEquals: { [keyOf(arn, 'sub')]: `system:serviceaccount:kube-system:${name}` },
            }),
          ),
        ),
      ),
);
const githubRole = roleWith(
  GITHUB,
  'github-deploy',
  policyOf(allow(GITHUB, { StringLike: { [keyOf(GITHUB, 'sub')]: 'repo:acme/*' } })),
);

async function firstRun(
  config: object = {},
): Promise<{ readonly account: Account; readonly report: Report }> {
  const account = new Account([OLD], probe, config);
  account.lists.set(GITHUB, ['6938fd4d98bab03faadb97b34396831e3780aea1']);
  for (const [index, arn] of CLUSTERS.entries())
    account.lists.set(arn, [index % 2 === 0 ? OLD : 'a'.repeat(40)]);
  const roles = [narrowRole(ARN), githubRole, ...clusterRoles];
  const report = await account.run({ document, roles });
  return { account, report };
}

describe('the first run in an account with 20 EKS clusters, GitHub and CircleCI', () => {
  it('reads every provider, and sends one mail of at most 100 lines that names each', async () => {
    const { account, report } = await firstRun();
    expect(report.targets).toHaveLength(22);
    expect(report.summary).toMatchObject({ drifted: 18, notAudited: 4 });
    const [message, ...others] = account.messages;
    const email = message?.email ?? '';
    expect(others).toEqual([]);
    expect(email.split('\n').length).toBeLessThanOrEqual(100);
    expect(report.targets.filter(({ issuer }) => !email.includes(issuer))).toEqual([]);
  });

  it('has one topic for what is similar at different hosts', async () => {
    const { account } = await firstRun();
    const [text = ''] = (account.messages[0]?.email ?? '').split('WHAT TO DO');
    const labels = [...text.matchAll(/^\d\. \[(\w+)\] ([^:\n]*)/gm)];
    expect(labels.map(([, severity, what]) => `${severity} ${what}`)).toEqual([
      'high Not checked',
      'high Role github-deploy is open to other projects',
    ]);
    expect(text).toContain('THUMB001: outdated thumbprints:');
    expect(text).toContain('PROV004: no role uses the provider:');
  });

  it('says which command shows what the mail leaves out', async () => {
    const { account } = await firstRun();
    expect(account.messages[0]?.email).toContain('thumbprint-monitor audit --output markdown');
    expect(account.messages[0]?.email).toContain('thumbprint-monitor audit --output json');
  });

  it('writes nothing to lists that the configuration does not name, however often it runs', async () => {
    const { account } = await firstRun({ update: 'guarded', holdDownHours: 0 });
    for (let run = 0; run < 4; run += 1) await account.run({ document });
    expect([...account.lists].filter(([, list]) => list.length > 1).map(([arn]) => arn)).toEqual([ARN]);
  });

  it('reads CircleCI alone with discover circleci', async () => {
    const { report } = await firstRun({ discover: 'circleci' });
    expect(report.targets.map(({ providerArn }) => providerArn)).toEqual([ARN]);
  });
});
