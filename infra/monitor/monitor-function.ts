/** The function, its role and its log. */
import { Duration, RemovalPolicy, aws_iam as iam, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import type { aws_sqs as sqs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgePatterns } from './acknowledged';
import type { Statements } from './permissions';

/** Runs are a few seconds; the rest is for slow issuers and a throttling IAM. */
const TIMEOUT = Duration.minutes(5);
/** Lambda gives processor by memory, and a run is mostly processor: 256 MB would cost the same and take twice as long. */
const MEMORY_MB = 512;
/** Lambda's own retries: after one minute and after two more. */
const RETRIES = 2;
/** An event that waited longer is worth less than the next one. */
const MAX_EVENT_AGE = Duration.hours(1);

/** Policies of shared topics name it, as CloudFormation generates the role's name: docs/organizations.md. */
const ROLE_PATH = '/thumbprint-drift-monitor/';

/** What the function runs, may do, and leaves behind. */
export interface MonitorFunctionProps {
  readonly code: lambda.Code;
  /** JSON, with tokens. */
  readonly config: string;
  /** Between two scheduled runs. */
  readonly minutes: number;
  readonly statements: Statements;
  readonly retention: logs.RetentionDays;
  /** Where an event goes whose every attempt failed. */
  readonly deadLetters: sqs.IQueue;
}

/** Makes the function in `scope`. */
export function createFunction(scope: Construct, props: MonitorFunctionProps): lambda.Function {
  const { code, config, minutes, retention } = props;
  const logGroup = new logs.LogGroup(scope, 'Log', { retention, removalPolicy: RemovalPolicy.DESTROY });
  const role = createRole(scope, props, logGroup);
  const monitor = new lambda.Function(scope, 'Function', {
    description: 'Compares the thumbprints of OIDC providers with the certificates that their issuers serve',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    code,
    handler: 'index.handler',
    memorySize: MEMORY_MB,
    timeout: TIMEOUT,
    role,
    logGroup,
    environment: { MONITOR_CONFIG: config, MONITOR_INTERVAL_MINUTES: String(minutes) },
  });
  const invocations = new lambda.CfnEventInvokeConfig(scope, 'Invocations', {
    functionName: monitor.functionName,
    qualifier: '$LATEST',
    maximumRetryAttempts: RETRIES,
    maximumEventAgeInSeconds: MAX_EVENT_AGE.toSeconds(),
    destinationConfig: { onFailure: { destination: props.deadLetters.queueArn } },
  });
  // Lambda refuses a destination that the role may not send to.
  invocations.node.addDependency(role.node.findChild('DefaultPolicy'));
  return monitor;
}

function createRole(
  scope: Construct,
  { statements, deadLetters }: MonitorFunctionProps,
  logGroup: logs.LogGroup,
): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    path: ROLE_PATH,
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: 'Reads OIDC providers and roles, saves state, publishes alerts, writes logs',
  });
  for (const statement of statements.run.statements) role.addToPolicy(statement);
  role.addToPolicy(
    new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
  );
  logGroup.grantWrite(role);
  acknowledgePatterns(role, statements.run.patterns, READS_ALL_PROVIDERS);
  const { update } = statements;
  if (update.statements.length > 0) {
    const policy = new iam.Policy(scope, 'Update', { statements: [...update.statements], roles: [role] });
    acknowledgePatterns(policy, update.patterns, UPDATES_DISCOVERED_PROVIDERS);
  }
  return role;
}

const READS_ALL_PROVIDERS =
  'IAM can list providers and roles only for the whole account, and the monitor must read providers that are not known at deployment. All these actions only read.';
const UPDATES_DISCOVERED_PROVIDERS =
  'Updates are configured for discovered providers, whose names are not known at deployment. Configured providers are listed by name.';
