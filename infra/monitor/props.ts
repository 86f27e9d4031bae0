/** Props of the construct. All are optional: by default it monitors every OIDC provider of the account. */
import type { aws_kms as kms, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import type { AcceptedFinding, Discover, UpdateMode } from '../../lambda/config/config';

/** What the monitor watches. Each key is described in docs/configuration.md. */
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
   * Which other providers of the account are read: `all`, `circleci` or `none`. If it is not set or `circleci`, the
   * lists of CircleCI organizations may be updated, too.
   * @default all
   */
  readonly discover?: Discover;
  /**
   * Whether the monitor may add thumbprints. If it is off, the role of the function cannot write to IAM.
   * @default off
   */
  readonly update?: UpdateMode;
  /**
   * URLs of issuers whose lists may be updated, in addition to those of `orgs` and `issuers`. They need not have a
   * provider.
   * @default none
   */
  readonly updateIssuers?: readonly string[];
  /**
   * How many hours, and at least three runs, a new thumbprint must be served before a guarded update adds it: 0 to 720.
   * @default 24
   */
  readonly holdDownHours?: number;
  /**
   * How many days before the expiry of a served certificate it is reported: 1 to 365.
   * @default 30
   */
  readonly expiryDays?: number;
  /**
   * Private CAs: a PEM bundle for all configured `issuers`, or host → PEM.
   * @default none
   */
  readonly trustAnchors?: string | Readonly<Record<string, string>>;
  /**
   * Accepted findings: counted in the report, not alerted.
   * @default none
   */
  readonly accept?: readonly AcceptedFinding[];
  /**
   * Permits private addresses for the hosts of configured `issuers`.
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
   * An existing topic for alerts and alarms, in the same region, also of another account. Its policy must permit
   * the role of the function and CloudWatch to publish: see docs/organizations.md.
   * @default the stack creates a topic
   */
  readonly topicArn?: string;
  /**
   * A second topic for the alarms, in case the first one fails.
   * @default none
   */
  readonly alarmTopicArn?: string;
  /**
   * Encrypts the topics of the stack: `true` creates a key, a string is the ARN of an existing one. A key of this app
   * gets the policy that CloudWatch needs; an existing key must have it already (README). The AWS managed key
   * (`alias/aws/sns`) is refused: CloudWatch cannot use it, so alarms would not be delivered.
   * @default none: the topics are not encrypted with a KMS key; they require TLS
   */
  readonly topicKey?: boolean | string | kms.IKey;
  /**
   * Creates a topic for Amazon Q Developer in chat applications (Slack, Microsoft Teams).
   * @default false
   */
  readonly chat?: boolean;
  /**
   * Creates a CloudWatch dashboard.
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

/** Every six hours: a rotation is reported on the day it happens, with four runs a day. */
export const DEFAULT_SCHEDULE = 'rate(6 hours)';
