import { beforeAll, describe, expect, it } from '@jest/globals';
import { App, Validations, aws_iam as iam } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunction } from '../../infra/build';
import { FederationStack } from '../../infra/federation-stack';
import type { FederationStackProps } from '../../infra/federation-stack';
import { MonitorStack } from '../../infra/monitor-stack';
import type { ThumbprintMonitorProps } from '../../infra/props';
import { buildTemplate } from '../../infra/template';
import { templateOf } from '../support/stack';
import { isOnPath } from '../support/tools';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

const VARIANTS: readonly (readonly [string, ThumbprintMonitorProps])[] = [
  ['the defaults', { emails: ['you@example.com'] }],
  [
    'everything',
    {
      orgs: [ORG],
      issuers: ['https://ci.example.com'],
      emails: ['you@example.com'],
      update: 'guarded',
      topicKey: true,
      chat: true,
      dashboard: true,
    },
  ],
  ['all providers', { update: 'enforced-only', discover: 'all', auditTrust: false }],
  ['an existing topic', { topicArn: 'arn:aws:sns:eu-west-1:123456789012:central' }],
];

const FEDERATIONS: readonly (readonly [string, FederationStackProps])[] = [
  [
    'an own provider',
    {
      org: ORG,
      project: PROJECT,
      origin: 'github.com/acme/app',
      ref: ['refs/heads/main', 'refs/tags/v*'],
      repository: 'team/app',
    },
  ],
  [
    'an existing provider',
    {
      provider: `arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/${ORG}`,
      project: PROJECT,
    },
  ],
];

beforeAll(() => {
  buildFunction();
});

/** Throws what the rules say against it. */
function synthWithRules(build: (app: App) => Stack): void {
  const outdir = mkdtempSync(join(tmpdir(), 'thumbprint-rules-'));
  const app = new App({ outdir });
  build(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  try {
    app.synth();
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

describe('cdk-nag, AwsSolutions', () => {
  it.each(VARIANTS)('finds nothing in %s that is not acknowledged with a reason', (_, props) => {
    expect(() => {
      synthWithRules((app) => new MonitorStack(app, 'Checked', props));
    }).not.toThrow();
  });

  it.each(FEDERATIONS)('finds nothing in a federation with %s', (_, props) => {
    expect(() => {
      synthWithRules((app) => new FederationStack(app, 'Checked', props));
    }).not.toThrow();
  });

  it('accepts the reason for logging in to ECR there only', () => {
    expect(() => {
      synthWithRules((app) => {
        const props = { org: ORG, project: PROJECT, repository: 'team/app' };
        const stack = new FederationStack(app, 'Checked', props);
        stack.role.addToPolicy(
          new iam.PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }),
        );
        return stack;
      });
    }).toThrow(/AwsSolutions-IAM5\[Resource::\*\]/);
  });

  it('does run, and finds a pattern that nobody has given a reason for', () => {
    const app = new App();
    const stack = new MonitorStack(app, 'Checked');
    stack.monitor.function.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
    Validations.of(app).addPlugins(new AwsSolutionsChecks());
    expect(() => app.synth()).toThrow(/AwsSolutions-IAM5\[Action::s3:\*\]/);
  });
});

const withCfnLint = isOnPath('cfn-lint') ? describe : describe.skip;
withCfnLint('cfn-lint', () => {
  /** W3005: the CDK writes dependencies that a reference implies already. */
  const lint = (template: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'thumbprint-lint-'));
    const file = join(folder, 'template.json');
    writeFileSync(file, template);
    const { status, stdout, stderr } = spawnSync('cfn-lint', ['--ignore-checks', 'W3005', '--', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    return `${status ?? 'killed'} ${stdout}${stderr}`.trim();
  };

  it.each(VARIANTS)(
    'finds nothing in %s',
    (_, props) => {
      expect(lint(JSON.stringify(templateOf(props).toJSON()))).toBe('0');
    },
    120_000,
  );

  it.each(FEDERATIONS)(
    'finds nothing in a federation with %s',
    (_, props) => {
      const stack = new FederationStack(new App(), 'Checked', props);
      expect(lint(JSON.stringify(Template.fromStack(stack).toJSON()))).toBe('0');
    },
    120_000,
  );

  it('finds nothing in the template for people without CDK', () => {
    expect(lint(buildTemplate())).toBe('0');
  }, 120_000);
});
