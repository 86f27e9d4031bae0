import { beforeAll, describe, expect, it } from '@jest/globals';
import { App, Validations, aws_iam as iam } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunction } from '../../infra/build';
import { FederationStack } from '../../infra/federation-stack';
import { MonitorStack } from '../../infra/monitor-stack';
import { FEDERATIONS, ORG, PROJECT, VARIANTS } from '../support/variants';

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
