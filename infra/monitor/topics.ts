/** The topics of alerts and alarms: own ones, or topics that somebody else owns. */
import { Arn, ArnFormat, Stack, Token, aws_iam as iam, aws_kms as kms, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConfigError } from '../../lambda/domain/errors';
import type { ThumbprintMonitorProps } from './props';

const CLOUDWATCH = 'cloudwatch.amazonaws.com';

/** An own topic. It demands TLS, and lets the alarms of its account publish. */
export function createTopic(
  scope: Construct,
  id: string,
  key: kms.IKey | undefined,
  displayName: string,
): sns.Topic {
  const { account, region, partition } = Stack.of(scope);
  const topic = new sns.Topic(scope, id, {
    enforceSSL: true,
    displayName,
    ...(key === undefined ? {} : { masterKey: key }),
  });
  // A topic with a policy has lost the default one, which lets services of its own account publish.
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AllowAlarms',
      principals: [new iam.ServicePrincipal(CLOUDWATCH)],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
      },
    }),
  );
  return topic;
}

/**
 * A topic that somebody else owns. `key` names the prop. Throws ConfigError if it is in another region: neither
 * alarms nor the function's client can publish there.
 */
export function existingTopic(scope: Construct, id: string, key: string, arn: string): sns.ITopic {
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(arn) && !Token.isUnresolved(region)) {
    const { region: there } = Arn.split(arn, ArnFormat.NO_RESOURCE_NAME);
    if (there !== region) {
      throw new ConfigError(
        `${key}: the topic is in ${there ?? 'no region'}, but the stack is in ${region}. Alarms can notify only topics of their own region. Use a topic in ${region}.`,
      );
    }
  }
  return sns.Topic.fromTopicArn(scope, id, arn);
}

/** The key of the own topics, with the policy that CloudWatch needs; undefined if none is wanted. */
export function createTopicKey(
  scope: Construct,
  wanted: ThumbprintMonitorProps['topicKey'],
): kms.IKey | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  const key = topicKeyOf(scope, wanted);
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AllowAlarms',
      principals: [new iam.ServicePrincipal(CLOUDWATCH)],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return key;
}

function topicKeyOf(scope: Construct, wanted: true | string | kms.IKey): kms.IKey {
  if (typeof wanted === 'string') return kms.Key.fromKeyArn(scope, 'TopicKey', wanted);
  if (wanted !== true) return wanted;
  return new kms.Key(scope, 'TopicKey', {
    description: 'Encrypts alerts of the thumbprint monitor',
    enableKeyRotation: true,
  });
}

/** What a publisher to an encrypted topic needs: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
export const keyStatement = (key: kms.IKey): iam.PolicyStatement =>
  new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] });
