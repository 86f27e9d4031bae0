/** The schedule, and the queue for a run that cannot be delivered. */
import { Stack, aws_iam as iam, aws_scheduler as scheduler } from 'aws-cdk-lib';
import type { aws_lambda as lambda, aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FLEXIBLE_MINUTES } from './windows';

/** What runs, how often, and the queue for a run that was not delivered. */
export interface MonitorScheduleProps {
  readonly function: lambda.IFunction;
  /** Validated: `rate(…)`. */
  readonly rate: string;
  readonly deadLetters: sqs.IQueue;
}

/** After an hour the next run is as good; the dead-letter queue names the missed runs. */
const RETRY: scheduler.CfnSchedule.RetryPolicyProperty = {
  maximumEventAgeInSeconds: 60 * 60,
  maximumRetryAttempts: 20,
};

/**
 * Invokes the function with the constant event `{"action":"monitor"}`. Delivery is at least once, so a run may come
 * twice. The role may do that and nothing else: the CDK's own target also allows every version of the function.
 */
export class MonitorSchedule extends Construct {
  /** The role that the scheduler takes. */
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: MonitorScheduleProps) {
    super(scope, id);
    this.role = this.createRole();
    const { functionArn } = props.function;
    const { queueArn } = props.deadLetters;
    this.role.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    );
    this.role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }));
    const schedule = new scheduler.CfnSchedule(this, 'Resource', {
      description: 'Runs the thumbprint monitor',
      scheduleExpression: props.rate,
      state: 'ENABLED',
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: FLEXIBLE_MINUTES },
      target: {
        arn: functionArn,
        roleArn: this.role.roleArn,
        input: JSON.stringify({ action: 'monitor' }),
        retryPolicy: RETRY,
        deadLetterConfig: { arn: queueArn },
      },
    });
    // The first run follows at once, and needs the permission.
    schedule.node.addDependency(this.role.node.findChild('DefaultPolicy'));
  }

  private createRole(): iam.Role {
    const { account, partition, region } = Stack.of(this);
    return new iam.Role(this, 'Role', {
      description: 'Runs the thumbprint monitor',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        // Any schedule of the default group of this account: a schedule's own ARN cannot be named here.
        conditions: {
          StringEquals: {
            'aws:SourceAccount': account,
            'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/default`,
          },
        },
      }),
    });
  }
}
