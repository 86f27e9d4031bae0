/** The JSON schema of `monitor.config.json`: for completion and validation in editors. docs/monitor.config.schema.json holds it. */
import { parseConfig } from '../../lambda/config/config';
import {
  ACCOUNT_NAME,
  DISCOVER,
  DOCS_URL,
  LIMITS,
  TOPIC_ARN,
  UPDATE_MODES,
} from '../../lambda/config/config-schema';
import { UUID } from '../../lambda/oidc/issuer';
import type { FEDERATION_KEYS } from './keys';
import { EMAIL } from '../monitor/email';
import { REPOSITORY } from './federation-props';
import { KEY_ARN } from '../monitor/validate';
import { DEFAULT_SCHEDULE } from '../monitor/props';
import { RATE } from '../monitor/schedule';
import { CHECK_IDS } from '../../lambda/domain/checks';

const DEFAULTS = parseConfig({});

type Schema = Readonly<Record<string, unknown>>;

const string = (pattern?: RegExp): Schema => ({
  type: 'string',
  ...(pattern === undefined ? {} : { pattern: withoutFlags(pattern) }),
});

/** JSON schema knows no flags; letters of both cases are written out. */
const withoutFlags = ({ source, flags }: RegExp): string =>
  flags.includes('i') ? source.replaceAll('a-f', 'a-fA-F') : source;

const listOrOne = (entry: Schema): Schema => ({ anyOf: [{ type: 'array', items: entry }, entry] });

const integerBetween = ([minimum, maximum]: readonly [number, number]): Schema => ({
  type: 'integer',
  minimum,
  maximum,
});

const onOrOff: Schema = { type: 'boolean' };
const issuer: Schema = { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]://' };

const accepted: Schema = {
  type: 'object',
  required: ['check', 'reason', 'until'],
  additionalProperties: false,
  properties: {
    check: { enum: CHECK_IDS },
    issuer: { type: 'string', description: 'An issuer URL or a CircleCI org id.' },
    account: { type: 'string', pattern: '^\\d{12}$' },
    subject: {
      type: 'string',
      description: 'A role, a thumbprint, a host or a provider, depending on the check.',
    },
    reason: { type: 'string', minLength: 1 },
    until: { type: 'string', description: 'A date such as 2027-01-31.' },
  },
};

const monitor: Readonly<Record<string, Schema>> = {
  email: { description: 'E-mail addresses that receive the alerts.', ...listOrOne(string(EMAIL)) },
  schedule: {
    description: 'How often the monitor runs: rate(15 minutes) to rate(3 days).',
    default: DEFAULT_SCHEDULE,
    ...string(RATE),
  },
  orgs: { description: 'CircleCI org ids that must have a provider.', ...listOrOne(string(UUID)) },
  issuers: { description: 'Other issuer URLs that must have a provider.', ...listOrOne(issuer) },
  discover: {
    description:
      'Which other providers of the account are read. Updates: if it is not set or circleci, also the lists of CircleCI organizations may be updated.',
    default: DISCOVER[0],
    enum: DISCOVER,
  },
  update: {
    description: 'Whether missing thumbprints may be added.',
    default: DEFAULTS.update,
    enum: UPDATE_MODES,
  },
  updateIssuers: {
    description: 'Other issuer URLs whose thumbprint lists may be updated. They need not have a provider.',
    ...listOrOne(issuer),
  },
  holdDownHours: {
    description: 'How many hours a new thumbprint must be served before a guarded update adds it.',
    default: DEFAULTS.holdDownHours,
    ...integerBetween(LIMITS.holdDownHours),
  },
  expiryDays: {
    description: 'How many days before the expiry of a served certificate an alert is sent.',
    default: DEFAULTS.expiryDays,
    ...integerBetween(LIMITS.expiryDays),
  },
  trustAnchors: {
    description:
      'Private root CA certificates of the configured issuers: PEM, an object from host to PEM, or the path of a file with one of these.',
    anyOf: [string(), { type: 'object', additionalProperties: string() }],
  },
  accept: {
    description:
      'Accepted findings, or the path of a file with them. Until the given date, they are counted and cause no alerts.',
    anyOf: [{ type: 'array', items: accepted }, string()],
  },
  allowPrivateNetworks: {
    description: 'Permits private and loopback addresses for the hosts of configured issuers.',
    default: DEFAULTS.allowPrivateNetworks,
    ...onOrOff,
  },
  auditTrust: {
    description: 'Reads roles and evaluates their trust policies.',
    default: DEFAULTS.auditTrust,
    ...onOrOff,
  },
  accountName: {
    description: 'A name that messages show beside the account number; by default the alias of the account.',
    ...string(ACCOUNT_NAME),
  },
  docsUrl: {
    description: 'The https URL of a copy of the docs folder: messages link to its pages.',
    ...string(DOCS_URL),
  },
  topicArn: {
    description: 'An existing topic for alerts and alarms, in the same region.',
    ...string(TOPIC_ARN),
  },
  alarmTopicArn: { description: 'A second topic for the alarms.', ...string(TOPIC_ARN) },
  topicKey: {
    description: 'Encrypts the topics: true creates a key; otherwise the ARN of a KMS key.',
    anyOf: [onOrOff, string(KEY_ARN)],
  },
  chat: { description: 'Creates a topic for Slack or Microsoft Teams.', default: false, ...onOrOff },
  dashboard: { description: 'Creates a CloudWatch dashboard.', default: false, ...onOrOff },
};

const federation: Readonly<Record<(typeof FEDERATION_KEYS)[number], Schema>> = {
  org: { description: 'The CircleCI organization whose provider is created.', ...string(UUID) },
  project: { description: 'The CircleCI project whose jobs may assume the role.', ...string(UUID) },
  issuer: {
    description:
      'CircleCI Server: the issuer of the organization, exactly as in the claim iss of its tokens.',
    ...issuer,
  },
  provider: {
    description: 'The ARN of the provider of the organization, if it exists in the account already.',
    ...string(),
  },
  origin: {
    description: 'Only builds of this repository can log in, such as github.com/acme/app.',
    ...string(),
  },
  ref: {
    description: 'Only builds of these refs of origin can log in, such as refs/heads/main.',
    ...listOrOne(string()),
  },
  repository: { description: 'An ECR repository that the role may push to.', ...string(REPOSITORY) },
};

/** The schema, draft 7. It describes shapes; what depends on several keys is validated at synth. */
export const configJsonSchema = (): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'thumbprint-drift-monitor/monitor.config',
  title: 'monitor.config.json: the configuration of thumbprint-drift-monitor',
  type: 'object',
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    ...monitor,
    recipients: {
      description: 'none: permits a deployment without recipients of alerts.',
      enum: ['none'],
    },
    federation: {
      description:
        'The stack CircleCiFederation, which lets one CircleCI project log in. It is created if this key is present.',
      type: 'object',
      additionalProperties: false,
      required: ['project'],
      properties: federation,
    },
  },
});
