/** The stack of the app: one monitor, and what its reader must know. */
import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ThumbprintMonitorProps } from './props';
import { ThumbprintMonitor } from './thumbprint-monitor';

/** A stack with one ThumbprintMonitor. */
export class MonitorStack extends Stack {
  /** The monitor. */
  readonly monitor: ThumbprintMonitor;

  constructor(scope: Construct, id: string, props: ThumbprintMonitorProps & StackProps = {}) {
    const { env, tags, synthesizer, terminationProtection, ...monitorProps } = props;
    super(scope, id, {
      description: 'Monitors the thumbprints of IAM OIDC providers',
      ...(env === undefined ? {} : { env }),
      ...(tags === undefined ? {} : { tags }),
      ...(synthesizer === undefined ? {} : { synthesizer }),
      ...(terminationProtection === undefined ? {} : { terminationProtection }),
    });
    this.monitor = new ThumbprintMonitor(this, 'Monitor', monitorProps);
    new CfnOutput(this, 'MonitorFunctionName', { value: this.monitor.function.functionName });
    new CfnOutput(this, 'TopicArn', { value: this.monitor.topic.topicArn });
    const { chatTopic } = this.monitor;
    if (chatTopic !== undefined) new CfnOutput(this, 'ChatTopicArn', { value: chatTopic.topicArn });
    if (monitorProps.topicArn === undefined) this.addConfirmation(monitorProps);
  }

  private addConfirmation({ emails = [], chat = false }: ThumbprintMonitorProps): void {
    if (emails.length > 0) {
      const value = `Open the e-mail from AWS to ${emails.join(', ')}, and confirm the subscription. Until then, no alert is delivered to that address.`;
      new CfnOutput(this, 'ConfirmSubscription', { value });
      return;
    }
    const words = chat
      ? 'No e-mail address is configured. Connect a Slack or Microsoft Teams channel to the topic ChatTopicArn. Until then, nobody receives alerts.'
      : 'No e-mail address is configured, so nobody receives alerts. Configure email, or subscribe to the topic TopicArn.';
    Annotations.of(this).addWarningV2('thumbprint-drift-monitor:nobody-is-told', words);
    new CfnOutput(this, 'ConfirmSubscription', { value: words });
  }
}
