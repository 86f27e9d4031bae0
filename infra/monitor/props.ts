/** Props of the construct. Everything is optional: by default it watches every CircleCI provider it finds. */
import type { aws_kms as kms, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import type { AcceptedFinding, Discover, UpdateMode } from '../../lambda/config/config';

/** What the monitor watches. Each key is described in the README, section "Configuration". */
export interface WatchProps {
  /**
   * Ids (UUIDs) of the CircleCI orgs that must have a provider.
   * @default none
   */
  readonly orgs?: readonly string[];
  /**
   * URLs of other issuers that must have a provider: CircleCI Server, or any OIDC issuer.
   * @default none
   */
  readonly issuers?: readonly string[];
  /**
   * Which of the account's other providers to audit, too.
   * @default circleci
   */
  readonly discover?: Discover;
  /**
   * Whether the monitor may add thumbprints. Without it the function's role cannot write to IAM at all.
   * @default off
   */
  readonly update?: UpdateMode;
  /**
   * How many hours, and at least three runs, a new thumbprint must be served before a guarded update: 0 to 720.
   * @default 24
   */
  readonly holdDownHours?: number;
  /**
   * How many days before its expiry a served certificate is reported: 1 to 365.
   * @default 30
   */
  readonly expiryDays?: number;
  /**
   * Private CAs: a PEM bundle for all configured `issuers`, or host → PEM.
   * @default none
   */
  readonly trustAnchors?: string | Readonly<Record<string, string>>;
  /**
   * Acknowledged findings: counted in the report, not alerted.
   * @default none
   */
  readonly accept?: readonly AcceptedFinding[];
  /**
   * Permits issuers on private addresses.
   * @default false
   */
  readonly allowPrivateNetworks?: boolean;
  /**
   * Reads the account's roles and evaluates their trust policies.
   * @default true
   */
  readonly auditTrust?: boolean;
  /**
   * A name that messages show beside the account number.
   * @default the alias of the account, if it has one
   */
  readonly accountName?: string;
  /**
   * The https URL of a copy of the folder `docs`: messages link to its pages.
   * @default messages name the check, without a link
   */
  readonly docsUrl?: string;
}

/** Props of ThumbprintMonitor. */
export interface ThumbprintMonitorProps extends WatchProps {
  /**
   * E-mail addresses that receive the alerts. Each must confirm the subscription.
   * @default none: subscribe to `topic` yourself
   */
  readonly emails?: readonly string[];
  /**
   * How often it runs: `rate(15 minutes)` to `rate(3 days)`.
   * @default rate(6 hours)
   */
  readonly schedule?: string;
  /**
   * An existing topic for alerts and alarms, in the same region, also of another account. Its own policy must permit
   * the function's role and CloudWatch to publish: read docs/organizations.md.
   * @default an own topic
   */
  readonly topicArn?: string;
  /**
   * A second topic for the alarms, in case the first one fails.
   * @default none
   */
  readonly alarmTopicArn?: string;
  /**
   * Encrypts the own topics: `true` makes a key, a string is the ARN of an existing one. A key of this app gets the
   * policy that CloudWatch needs; an existing one must have it already (README). The AWS managed key
   * (`alias/aws/sns`) is refused: CloudWatch cannot use it, so alarms would not arrive.
   * @default none: SNS encrypts nothing at rest with a key of yours, and the topics demand TLS
   */
  readonly topicKey?: boolean | string | kms.IKey;
  /**
   * Makes a topic of its own for Amazon Q Developer in chat applications (Slack, Microsoft Teams).
   * @default false
   */
  readonly chat?: boolean;
  /**
   * Makes a CloudWatch dashboard.
   * @default false
   */
  readonly dashboard?: boolean;
  /**
   * How long logs are retained.
   * @default three months
   */
  readonly logRetention?: logs.RetentionDays;
  /**
   * Another build of the function. It must export `handler` from `index`.
   * @default the bundle in this package
   */
  readonly code?: lambda.Code;
}

/** Every sixth hour: a rotation is reported on the day it happens, at four runs' cost. */
export const DEFAULT_SCHEDULE = 'rate(6 hours)';
