/** The one configuration schema: every key, its default and its limits. */
import * as v from 'valibot';
import { acceptList } from './accept';
import {
  EXAMPLE_ISSUER,
  EXAMPLE_ORG,
  issuerText,
  listSchema,
  needed,
  objectOf,
  oneOf,
  orgText,
} from './schema';

const wholeNumber = (least: number, most: number) =>
  v.custom<number>(
    (input) => typeof input === 'number' && Number.isInteger(input) && input >= least && input <= most,
    needed(`a whole number from ${least} to ${most}`),
  );

const onOrOff = v.boolean(needed('true or false'));

/** Smallest and largest values that are accepted. */
export const LIMITS = { holdDownHours: [0, 720], expiryDays: [1, 365] } as const;
/** Which providers of the account's own list are read; the default first. */
export const DISCOVER = ['all', 'circleci', 'none'] as const;
/** Whether thumbprints may be added; the default first. */
export const UPDATE_MODES = ['off', 'enforced-only', 'guarded'] as const;

/** Not a FIFO topic, which accepts no e-mail subscription. */
export const TOPIC_ARN = /^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;
/** `TableName` of the DynamoDB API: a name, or an ARN. */
const TABLE =
  /^([A-Za-z0-9_.-]{3,255}|arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[A-Za-z0-9_.-]{3,255})$/;

/** Letters and digits of any script, and what people write in names: it stands in mails beside the number. */
export const ACCOUNT_NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.@/+-]{0,63}$/u;
/** A folder of web pages: without query or fragment, since pages and headings are appended to it. */
export const DOCS_URL = /^https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:\/[\w.~!$&'()*+,;=:@%-]*)*$/;

const matching = (pattern: RegExp, kind: string) =>
  v.nullable(v.custom<string>((input) => typeof input === 'string' && pattern.test(input), needed(kind)));
const topicArn = matching(
  TOPIC_ARN,
  'the ARN of a standard SNS topic (arn:<partition>:sns:<region>:<account>:<name>)',
);

const entries = {
  orgs: v.optional(listSchema(orgText, EXAMPLE_ORG), []),
  issuers: v.optional(listSchema(issuerText, EXAMPLE_ISSUER), []),
  // Without a default: if it is not set, all is read, and the permitted updates are those of circleci.
  discover: v.optional(oneOf(DISCOVER)),
  update: v.optional(oneOf(UPDATE_MODES), 'off'),
  updateIssuers: v.optional(listSchema(issuerText, EXAMPLE_ISSUER), []),
  holdDownHours: v.optional(wholeNumber(...LIMITS.holdDownHours), 24),
  expiryDays: v.optional(wholeNumber(...LIMITS.expiryDays), 30),
  trustAnchors: v.optional(v.unknown()),
  accept: v.optional(acceptList, []),
  allowPrivateNetworks: v.optional(onOrOff, false),
  auditTrust: v.optional(onOrOff, true),
  accountName: v.optional(matching(ACCOUNT_NAME, 'a name of up to 64 letters, digits and " _.@/+-"'), null),
  docsUrl: v.optional(
    matching(DOCS_URL, 'an https URL of the folder with the documentation, without ? and #'),
    null,
  ),
  topicArn: v.optional(topicArn, null),
  chatTopicArn: v.optional(topicArn, null),
  stateTable: v.optional(matching(TABLE, 'the name or ARN of a DynamoDB table'), null),
};

/** Every key of the configuration, in the order of the README. */
export const CONFIG_KEYS: readonly string[] = Object.keys(entries);

/** What `parseConfig` validates first. `trustAnchors` is validated separately: it depends on `issuers`. */
export const configSchema = objectOf(entries, `an object such as {"orgs": ["${EXAMPLE_ORG}"]}`);

/** The input: the same keys, all of them optional. `trustAnchors`: a PEM bundle, or an object host → PEM. */
export type ConfigInput = v.InferInput<typeof configSchema>;
