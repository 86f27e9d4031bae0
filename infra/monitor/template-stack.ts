/** The monitor as one CloudFormation template with parameters: for StackSets, Control Tower and people without CDK. */
import {
  CfnCondition,
  CfnMapping,
  CfnOutput,
  CfnParameter,
  CfnResource,
  CfnRule,
  Fn,
  Stack,
  Validations,
  aws_lambda as lambda,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { parseSchedule } from './schedule';
import { ThumbprintMonitor } from './thumbprint-monitor';
import { createTopic } from './topics';
import { blindRuns, blindWindow, oneRun, notRunningWindow } from './windows';
import type { Window } from './windows';

/** CloudFormation cannot compute the windows of alarms, so the rates are a list. Its keys go into a mapping. */
export const RATES = {
  '15-minutes': 'rate(15 minutes)',
  '1-hour': 'rate(1 hour)',
  '6-hours': 'rate(6 hours)',
  '12-hours': 'rate(12 hours)',
  '1-day': 'rate(1 day)',
  '3-days': 'rate(3 days)',
} as const;

/** With the default hold-down of 24 hours these give three runs. */
const UPDATING = ['15-minutes', '1-hour', '6-hours'];

const UUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
/** 67 org ids and their commas: as many as the function's environment surely takes. */
const MAX_ORG_CHARACTERS = 67 * 37 - 1;

/** The template's stack. It needs no bootstrap, no assets and no bucket. */
export class TemplateStack extends Stack {
  private readonly email = this.parameter('Email', {
    default: '',
    description: 'E-mail address that receives the alerts. Empty: no address is subscribed.',
    allowedPattern: '^$|^[^\\s@,<>()]+@[^\\s@,<>()]+\\.[^\\s@,<>()]+$',
    constraintDescription: 'an e-mail address such as you@example.com, or nothing',
  });
  private readonly schedule = this.parameter('Schedule', {
    default: '6-hours',
    allowedValues: Object.keys(RATES),
    description: 'How often the monitor runs.',
  });
  private readonly orgs = this.parameter('Orgs', {
    default: '',
    maxLength: MAX_ORG_CHARACTERS,
    allowedPattern: `^$|^${UUID}(,${UUID})*$`,
    constraintDescription: 'CircleCI org ids (UUIDs), separated by commas without spaces, or nothing',
    description:
      'Ids of the CircleCI organizations that must have a provider in each account. Empty: only the existing providers are checked.',
  });
  private readonly discover = this.parameter('Discover', {
    default: 'all',
    allowedValues: ['all', 'circleci'],
    description:
      'Which other providers of the account are read. Updates concern the providers of CircleCI organizations only.',
  });
  private readonly mode = this.parameter('Mode', {
    default: 'off',
    allowedValues: ['off', 'enforced-only', 'guarded'],
    description: 'Whether the monitor may add thumbprints to CircleCI providers. off: it only sends alerts.',
  });
  private readonly topicArn = this.parameter('ExistingTopicArn', {
    default: '',
    allowedPattern: '^$|^arn:[a-z0-9-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$',
    constraintDescription: 'the ARN of a standard SNS topic, or nothing',
    description:
      'ARN of an existing SNS topic in the same region; it can belong to another account. Empty: a topic is created.',
  });

  constructor(scope: Construct, id: string, code: lambda.Code) {
    super(scope, id, {
      description: 'Monitors the thumbprints of IAM OIDC providers',
      analyticsReporting: false,
    });
    const topicArn = this.createTopic();
    const monitor = new ThumbprintMonitor(this, 'Monitor', { code, topicArn, update: 'guarded' });
    this.applyConfig(monitor, topicArn);
    this.applyMode(monitor);
    this.applySchedule(monitor);
    this.acknowledgeParameters();
    new CfnOutput(this, 'MonitorFunctionName', { value: monitor.function.functionName });
    new CfnOutput(this, 'TopicArn', { value: topicArn });
  }

  /** Rules that look at a parameter's default ignore the condition in front of it. */
  private acknowledgeParameters(): void {
    const reason = 'The parameter is used only where it is given; otherwise the topic exists.';
    for (const rule of ['W1001', 'W1030']) {
      Validations.of(this).acknowledge({ id: `CloudFormation-Validate::${rule}`, reason });
    }
  }

  private parameter(id: string, props: ConstructorParameters<typeof CfnParameter>[2]): CfnParameter {
    return new CfnParameter(this, id, { type: 'String', ...props });
  }

  private unless(id: string, parameter: CfnParameter, value: string): CfnCondition {
    const expression = Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, value));
    return new CfnCondition(this, id, { expression });
  }

  /** The own topic exists only if no other is named; its subscription only if an address is. */
  private createTopic(): string {
    const own = new CfnCondition(this, 'OwnTopic', {
      expression: Fn.conditionEquals(this.topicArn.valueAsString, ''),
    });
    const subscribed = new CfnCondition(this, 'Subscribed', {
      expression: Fn.conditionAnd(own, this.unless('HasEmail', this.email, '')),
    });
    const topic = createTopic(this, 'Alerts', undefined, 'Thumbprint monitor');
    for (const part of cfnResourcesIn(topic)) part.cfnOptions.condition = own;
    new sns.CfnSubscription(this, 'Mail', {
      topicArn: topic.topicArn,
      protocol: 'email',
      endpoint: this.email.valueAsString,
    }).cfnOptions.condition = subscribed;
    return Fn.conditionIf(own.logicalId, topic.topicArn, this.topicArn.valueAsString).toString();
  }

  /** The configuration of the construct, with parameters instead of values. The function validates it. */
  private applyConfig(monitor: ThumbprintMonitor, topicArn: string): void {
    const named = this.unless('HasOrgs', this.orgs, '');
    const list = Fn.join('","', Fn.split(',', this.orgs.valueAsString));
    const orgs = Fn.conditionIf(named.logicalId, `"${list}"`, '').toString();
    const narrowed = new CfnCondition(this, 'ReadsCircleCiOnly', {
      expression: Fn.conditionEquals(this.discover.valueAsString, 'circleci'),
    });
    // all is not written: it would permit no update of a CircleCI organization that Orgs does not name.
    const discover = Fn.conditionIf(narrowed.logicalId, ',"discover":"circleci"', '').toString();
    const config = `{"orgs":[${orgs}]${discover},"update":"${this.mode.valueAsString}","topicArn":"${topicArn}","stateTable":"${monitor.stateTable.tableName}"}`;
    for (const part of cfnResourcesIn(monitor.function)) {
      if (part instanceof lambda.CfnFunction) part.environment = { variables: { MONITOR_CONFIG: config } };
    }
  }

  /** Without a mode that updates, the role has no right to. */
  private applyMode(monitor: ThumbprintMonitor): void {
    const updates = this.unless('Updates', this.mode, 'off');
    for (const part of cfnResourcesIn(monitor.node.findChild('Update'))) part.cfnOptions.condition = updates;
    new CfnRule(this, 'GuardedNeedsRuns', {
      ruleCondition: Fn.conditionEquals(this.mode.valueAsString, 'guarded'),
      assertions: [
        {
          assert: Fn.conditionContains(UPDATING, this.schedule.valueAsString),
          assertDescription: `Mode guarded needs three runs in 24 hours. Set Schedule to one of: ${UPDATING.join(', ')}.`,
        },
      ],
    });
  }

  /** The rate, and how long the alarms look back for it. */
  private applySchedule({ node, alarms }: ThumbprintMonitor): void {
    const mapping = Object.fromEntries(Object.entries(RATES).map(([key, rate]) => [key, windowsOf(rate)]));
    const rates = new CfnMapping(this, 'Rates', { mapping });
    const set = (construct: IConstruct, property: string, value: string): void => {
      const lookup = { 'Fn::FindInMap': [rates.logicalId, this.schedule.valueAsString, value] };
      for (const part of cfnResourcesIn(construct)) part.addPropertyOverride(property, lookup);
    };
    set(node.findChild('Schedule').node.findChild('Resource'), 'ScheduleExpression', 'Rate');
    for (const [alarm, id] of [
      [alarms.failures, 'Failures'],
      [alarms.silence, 'Silence'],
      [alarms.blind, 'Blind'],
    ] as const) {
      set(alarm, 'Period', `${id}Period`);
      set(alarm, 'EvaluationPeriods', `${id}Periods`);
    }
    set(alarms.blind, 'DatapointsToAlarm', 'BlindRuns');
  }
}

/** What depends on a rate, as values of the mapping. */
function windowsOf(rate: string): Readonly<Record<string, string | number>> {
  const schedule = parseSchedule(rate);
  const minutes = schedule.ok ? schedule.value : NaN;
  const values = (id: string, { period, evaluationPeriods }: Window): Readonly<Record<string, number>> => ({
    [`${id}Period`]: period.toSeconds(),
    [`${id}Periods`]: evaluationPeriods,
  });
  return {
    Rate: rate,
    ...values('Failures', oneRun(minutes)),
    ...values('Silence', notRunningWindow(minutes)),
    ...values('Blind', blindWindow(minutes)),
    BlindRuns: blindRuns(minutes),
  };
}

const cfnResourcesIn = (construct: IConstruct): readonly CfnResource[] =>
  construct.node.findAll().filter((one) => CfnResource.isCfnResource(one));
