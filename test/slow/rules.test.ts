import { beforeAll, describe, expect, it } from '@jest/globals';
import { App, CfnResource, Validations, aws_iam as iam } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { VALIDATE_AGAINST_DEFAULT_RULES } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunction } from '../../infra/build/build';
import { FederationStack } from '../../infra/federation/federation-stack';
import { MonitorStack } from '../../infra/monitor/monitor-stack';
import { FEDERATIONS, ORG, PROJECT, VARIANTS } from '../support/variants';

beforeAll(() => {
  buildFunction();
  // jest.config.js has switched the CDK's off.
  process.env['CDK_VALIDATION'] = 'true';
});

/** Throws the findings of the rules of cdk-nag and of the CDK itself. */
function synthWithRules(build: (app: App) => Stack): void {
  const outdir = mkdtempSync(join(tmpdir(), 'thumbprint-rules-'));
  const app = new App({ outdir, context: { [VALIDATE_AGAINST_DEFAULT_RULES]: true } });
  build(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  try {
    app.synth();
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

describe('the rules of cdk-nag (AwsSolutions) and of the CDK', () => {
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

  it('do run, and find a pattern without a reason', () => {
    expect(() => {
      synthWithRules((app) => {
        const stack = new MonitorStack(app, 'Checked');
        stack.monitor.function.addToRolePolicy(
          new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }),
        );
        return stack;
      });
    }).toThrow(/AwsSolutions-IAM5\[Action::s3:\*\]/);
  });

  it('do run, and find a property that no queue has', () => {
    expect(() => {
      synthWithRules((app) => {
        const stack = new MonitorStack(app, 'Checked');
        new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { Lenght: 1 } });
        return stack;
      });
    }).toThrow(/Lenght/);
  });
});
