/** The app's context (`-c key=value`, or `context` in cdk.json) as props of the construct. */
import { readFileSync } from 'node:fs';
import { CONFIG_KEYS } from '../lambda/core/config';
import { unknownKeys } from '../lambda/core/config/suggest';
import { FEDERATION_KEYS } from './federation-context';
import { judgeProps } from './judge';
import { DEFAULT_SCHEDULE } from './props';
import type { ThumbprintMonitorProps } from './props';

/** Keys of the configuration that the stack sets by itself. `topicArn` means an existing topic, here. */
const OURS = ['chatTopicArn', 'stateTable', 'topicArn'];
const WATCHED = CONFIG_KEYS.filter((key) => !OURS.includes(key));
const DEPLOYED = ['email', 'schedule', 'topicArn', 'alarmTopicArn', 'topicKey', 'chat', 'dashboard'];
const KEYS = [...WATCHED, ...DEPLOYED];
const LISTS = ['orgs', 'issuers', 'email'];
const FILES = ['trustAnchors', 'accept'];

/** Feature flags, and what the CDK itself writes into the context. */
const isOfCdk = (key: string): boolean =>
  /^(@|aws:|aws-cdk:|cdk-|availability-zones:|hosted-zone:|vpc-provider:|ssm:)/.test(key);

/** The monitor's props that a context asks for. Keys of the federation are passed over. Throws ConfigError naming every problem, one a line. */
export function propsFromContext(context: Readonly<Record<string, unknown>>): ThumbprintMonitorProps {
  const given = Object.entries(context).filter(([key]) => !isOfCdk(key));
  const problems = [...unknownKeys(Object.fromEntries(given), [...KEYS, ...FEDERATION_KEYS])];
  const values = new Map(
    given.filter(([key]) => KEYS.includes(key)).map(([key, value]) => [key, readValue(key, value, problems)]),
  );
  const emails = stringsOf(values.get('email'));
  const schedule = textOf(values.get('schedule') ?? DEFAULT_SCHEDULE);
  const pick = (keys: readonly string[]): Readonly<Record<string, unknown>> =>
    Object.fromEntries([...values].filter(([key]) => keys.includes(key)));
  const { config } = judgeProps({ ...pick(DEPLOYED), emails, schedule, watch: pick(WATCHED) }, problems);
  const { topicArn, chatTopicArn, stateTable, ...watch } = config;
  return { ...watch, emails, schedule, ...deployed(values) };
}

/** What was judged to be of these types. */
function deployed(values: ReadonlyMap<string, unknown>): ThumbprintMonitorProps {
  const texts = ['topicArn', 'alarmTopicArn', 'topicKey'].filter(
    (key) => typeof values.get(key) === 'string',
  );
  const switches = ['topicKey', 'chat', 'dashboard'].filter((key) => typeof values.get(key) === 'boolean');
  return Object.fromEntries([...texts, ...switches].map((key) => [key, values.get(key)]));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const stringsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** A value on the command line is a string; in cdk.json it may be what it stands for. */
function readValue(key: string, value: unknown, problems: string[]): unknown {
  if (typeof value !== 'string') return value;
  if (LISTS.includes(key))
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (FILES.includes(key)) return readContextFile(key, value, problems);
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** PEM is text; everything else that a file may hold is JSON. */
function readContextFile(key: string, path: string, problems: string[]): unknown {
  try {
    const text = readFileSync(path, 'utf8');
    return text.trimStart().startsWith('-----') ? text : JSON.parse(text);
  } catch (error) {
    const reason = String(error).replace(/^\w*Error: /, '');
    problems.push(`${key}: the file ${JSON.stringify(path)} cannot be read (${reason}).`);
    return undefined;
  }
}
