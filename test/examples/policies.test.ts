import { describe, expect, it } from '@jest/globals';
import { App, Stack, aws_ecr as ecr } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { CircleCiFederation } from '../../infra/federation/circleci-federation';
import { CircleCiRole } from '../../infra/federation/circleci-role';
import { parseConfig } from '../../lambda/config/config';
import { PERMISSIONS } from '../../lambda/permissions';
import { readDocument } from '../support/headings';
import { PROJECT } from '../support/roles';

const STATEMENT = v.object({
  Action: v.union([v.string(), v.array(v.string())]),
  Resource: v.unknown(),
});
const POLICY = v.object({ Statement: v.array(STATEMENT) });
const RESOURCE = v.object({ Properties: v.object({ PolicyDocument: POLICY }) });

type Statements = v.InferOutput<typeof POLICY>['Statement'];

const statementsOf = (file: string): Statements => v.parse(POLICY, JSON.parse(readDocument(file))).Statement;
const actionsOf = (statements: Statements): readonly string[] =>
  statements.flatMap(({ Action }) => Action).sort();

/** The account alias is shown if this is permitted. Nothing else depends on it. */
const OPTIONAL = 'iam:ListAccountAliases *';

describe('examples/audit-policy.json', () => {
  it('permits what a run without table and topics needs', () => {
    const permitted = statementsOf('examples/audit-policy.json').flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${String(Resource)}`),
    );
    const needed = PERMISSIONS.flatMap(({ action, resources }) =>
      resources(parseConfig({})).map((one) => `${action} ${one.replace(/^iam:/, 'arn:aws:iam::*:')}`),
    );
    expect(new Set(permitted)).toEqual(new Set([...needed, OPTIONAL]));
  });

  it('is the policy that docs/permissions.md shows', () => {
    expect(readDocument('docs/permissions.md')).toContain(
      `\`\`\`json\n${readDocument('examples/audit-policy.json')}\`\`\`\n`,
    );
  });
});

describe('examples/ecr-push-policy.json', () => {
  it('permits what CircleCiRole.grantEcrPush grants', () => {
    const stack = new Stack(new App(), 'Ci', { env: { account: '123456789012', region: 'eu-west-1' } });
    const federation = new CircleCiFederation(stack, 'CircleCi', { org: PROJECT });
    const role = new CircleCiRole(stack, 'Role', { federation, project: PROJECT });
    role.grantEcrPush(ecr.Repository.fromRepositoryName(stack, 'App', 'my-app'));
    const granted = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(
      (one) => v.parse(RESOURCE, one).Properties.PolicyDocument.Statement,
    );
    expect(actionsOf(statementsOf('examples/ecr-push-policy.json'))).toEqual(actionsOf(granted));
  });
});

describe('docs/from-terraform.md', () => {
  it('shows blocks of examples/terraform/main.tf as they are there', () => {
    const example = readDocument('examples/terraform/main.tf');
    const blocks = [...readDocument('docs/from-terraform.md').matchAll(/^```hcl\n(.*?)^```/gms)].map(
      ([, block = '']) => block,
    );
    const shown = blocks.filter((block) => /^(?:resource|data) /.test(block));
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.filter((block) => !example.includes(block))).toEqual([]);
  });
});

describe('docs/roles.md', () => {
  it('shows blocks of examples/cdk/roles.ts as they are there', () => {
    const example = readDocument('examples/cdk/roles.ts');
    const blocks = [...readDocument('docs/roles.md').matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, block = '']) => block,
    );
    expect(blocks).toHaveLength(5);
    expect(blocks.filter((block) => !example.includes(block))).toEqual([]);
  });
});
