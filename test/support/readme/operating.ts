/** The documents on an organization and on operation: commands of the AWS CLI, on moto_server. */
import { expect } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Environment, Finished } from '../command-line';
import { readDocument } from '../headings';
import { motoIsThere, startMoto } from '../moto';
import { hasTool } from '../tools';
import { credentialsFor } from './account';
import type { ReadmeAccount } from './account';
import { TOPIC, bash } from './example';
import type { Example } from './example';

const runs = hasTool('aws', 'tests of commands in docs/organizations.md and docs/runbook.md') && motoIsThere;

const TEMPLATE_URL = 'https://bucket.s3.eu-west-1.amazonaws.com/thumbprint-drift-monitor.template.json';
const TEMPLATE = {
  AWSTemplateFormatVersion: '2010-09-09',
  Parameters: { ExistingTopicArn: { Type: 'String', Default: TOPIC } },
  Resources: {
    State: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'state',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    },
  },
};

/** Runs lines in an empty account, with a folder that has the template. Fails if a line fails. */
type Shell = (line: string) => Promise<string>;

async function inEmptyAccount(
  { folder, home }: ReadmeAccount,
  name: string,
  use: (sh: Shell, here: string, environment: Environment) => Promise<void>,
): Promise<void> {
  const here = join(folder, name);
  mkdirSync(join(here, 'dist'), { recursive: true });
  writeFileSync(join(here, 'dist', 'thumbprint-drift-monitor.template.json'), JSON.stringify(TEMPLATE));
  const { url, stop } = await startMoto();
  const environment = { ...home, ...credentialsFor(url) };
  try {
    const sh: Shell = async (line) => {
      // Version 1 of the AWS CLI does not read AWS_ENDPOINT_URL for SQS.
      const finished: Finished = await bash(
        line.replaceAll('aws sqs', `aws --endpoint-url ${url} sqs`),
        environment,
        here,
      );
      expect({ line, ...finished }).toMatchObject({ code: 0, stderr: '' });
      return finished.stdout;
    };
    await use(sh, here, environment);
  } finally {
    await stop();
  }
}

const organization: Example = {
  lines: [
    'aws s3 cp dist/thumbprint-drift-monitor.template.json s3://BUCKET/thumbprint-drift-monitor.template.json',
    'aws sns create-topic --name thumbprint-alerts',
    'aws sns subscribe --topic-arn TOPIC --protocol email --notification-endpoint you@example.com',
    'aws sns set-topic-attributes --topic-arn TOPIC --attribute-name Policy --attribute-value file://topic-policy.json',
    'aws cloudformation create-stack-set --stack-set-name thumbprint-drift-monitor --template-url https://BUCKET.s3.REGION.amazonaws.com/thumbprint-drift-monitor.template.json --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities CAPABILITY_IAM --parameters ParameterKey=ExistingTopicArn,ParameterValue=TOPIC',
    'aws cloudformation create-stack-instances --stack-set-name thumbprint-drift-monitor --deployment-targets OrganizationalUnitIds=r-exampleroot --regions REGION --operation-preferences FailureToleranceCount=1,MaxConcurrentCount=10',
    'aws cloudformation create-stack --stack-name thumbprint-drift-monitor --template-url https://BUCKET.s3.REGION.amazonaws.com/thumbprint-drift-monitor.template.json --capabilities CAPABILITY_IAM --parameters ParameterKey=ExistingTopicArn,ParameterValue=TOPIC',
    'aws cloudformation update-stack-set --stack-set-name thumbprint-drift-monitor --template-url URL --capabilities CAPABILITY_IAM --parameters ParameterKey=ExistingTopicArn,UsePreviousValue=true',
  ],
  runs,
  test: (account, ...lines) =>
    inEmptyAccount(account, 'organization', async (sh, here) => {
      const [, policy = ''] = readDocument('docs/organizations.md').split('```json\n');
      const shown = (policy.split('```')[0] ?? '').replaceAll(
        'TOPIC',
        TOPIC.replace('Alerts', 'thumbprint-alerts'),
      );
      writeFileSync(join(here, 'topic-policy.json'), shown);
      await sh('aws s3 mb s3://bucket');
      for (const line of lines) {
        const [, topic = 'thumbprint-alerts'] = /:(Alerts)\b/.exec(line) ?? [];
        await sh(
          line
            .replaceAll(`:${topic}`, ':thumbprint-alerts')
            .replace(/(--template-url) https:\/\/ci\S+/, `$1 ${TEMPLATE_URL}`),
        );
      }
      expect(await sh('aws cloudformation list-stack-sets --query Summaries[].Status --output text')).toBe(
        'ACTIVE\n',
      );
    }),
};

const IDS = v.array(v.string());

const runbook: Example = {
  lines: [
    `aws cloudformation describe-stack-resources --stack-name ThumbprintDriftMonitor --query "StackResources[?ResourceType=='AWS::DynamoDB::Table'].PhysicalResourceId" --output text`,
    "aws dynamodb scan --table-name TABLE --projection-expression id --query 'Items[].[id.S]' --output text",
    `aws dynamodb get-item --table-name TABLE --key '{"id":{"S":"state/ACCOUNT/unreadable"}}' --output json`,
    `aws dynamodb scan --table-name TABLE --projection-expression id --filter-expression 'NOT begins_with(id, :state)' --expression-attribute-values '{":state":{"S":"state/"}}' --query Items --output json | jq -c '.[]' | while read -r key; do aws dynamodb delete-item --table-name TABLE --key "$key"; done`,
    `aws dynamodb delete-item --table-name TABLE --key '{"id":{"S":"state/ACCOUNT"}}'`,
    `aws dynamodb delete-item --table-name TABLE --key '{"id":{"S":"state/ACCOUNT/retained"}}'`,
    "aws scheduler list-schedules --query 'Schedules[].[Name,State]'",
    'aws sqs receive-message --queue-url "$(aws sqs list-queues --query \'QueueUrls[?contains(@, `DeadLetters`)]|[0]\' --output text)"',
  ],
  runs: runs && hasTool('jq', 'the test of `jq` in docs/runbook.md'),
  test: (account, table = '', ids = '', copy = '', deleteOld = '', state = '', retained = '', ...others) =>
    inEmptyAccount(account, 'runbook', async (sh) => {
      await sh(
        'aws cloudformation create-stack --stack-name ThumbprintDriftMonitor --template-body file://dist/thumbprint-drift-monitor.template.json',
      );
      await sh('aws sqs create-queue --queue-name ThumbprintDriftMonitor-DeadLetters');
      expect(await sh(table)).toBe('state\n');
      const own = ['state/123456789012', 'state/123456789012/retained', 'state/123456789012/unreadable'];
      const requests = ['account', ...own].map((id) => ({ PutRequest: { Item: { id: { S: id } } } }));
      await sh(`aws dynamodb batch-write-item --request-items '${JSON.stringify({ state: requests })}'`);
      const existing = async (): Promise<readonly string[]> =>
        v.parse(IDS, (await sh(ids)).trim().split('\n')).toSorted();
      expect(await existing()).toEqual(['account', ...own]);
      expect(JSON.parse(await sh(copy))).toEqual({ Item: { id: { S: own[2] } } });
      await sh(deleteOld);
      expect(await existing()).toEqual(own);
      await sh(state);
      await sh(retained);
      expect(await existing()).toEqual(own.slice(2));
      for (const line of others) await sh(line);
    }),
};

/** All of them. */
export const operating: readonly Example[] = [organization, runbook];
