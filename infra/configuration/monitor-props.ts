/** The monitor's part of the app's configuration as props of the construct. */
import { needed } from '../../lambda/config/schema';
import { DEPLOYMENT_KEYS, WATCH_KEYS } from './keys';
import { validateProps } from '../monitor/validate';
import { DEFAULT_SCHEDULE } from '../monitor/props';
import type { ThumbprintMonitorProps } from '../monitor/props';

/** The props that these values ask for. Throws ConfigError naming every problem, one a line. */
export function monitorPropsFrom(values: Readonly<Record<string, unknown>>): ThumbprintMonitorProps {
  const problems: string[] = [];
  const emails = emailsIn(values['email'], problems);
  const schedule = textOf(values['schedule'] ?? DEFAULT_SCHEDULE);
  const pick = (keys: readonly string[]): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
  problems.push(...topicKeyProblems(values['topicKey']));
  const { config } = validateProps(
    { ...pick(DEPLOYMENT_KEYS), emails, schedule, watch: pick(WATCH_KEYS) },
    { emailsKey: 'email', found: problems },
  );
  const { topicArn, chatTopicArn, stateTable, discover, accountName, docsUrl, ...watch } = config;
  return {
    ...watch,
    ...(discover === undefined ? {} : { discover }),
    ...(accountName === null ? {} : { accountName }),
    ...(docsUrl === null ? {} : { docsUrl }),
    emails,
    schedule,
    ...deployed(values),
  };
}

/** What has been validated to be of these types. */
function deployed(values: Readonly<Record<string, unknown>>): ThumbprintMonitorProps {
  const texts = ['topicArn', 'alarmTopicArn', 'topicKey'].filter((key) => typeof values[key] === 'string');
  const switches = ['topicKey', 'chat', 'dashboard'].filter((key) => typeof values[key] === 'boolean');
  return Object.fromEntries([...texts, ...switches].map((key) => [key, values[key]]));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function emailsIn(value: unknown, problems: string[]): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push(`email: ${needed('a list such as ["you@example.com"]')({ input: value })}`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    if (typeof entry === 'string') return [entry];
    problems.push(`email[${index}]: ${needed('a string')({ input: entry })}`);
    return [];
  });
}

/** The construct takes a key of the app, too; a configuration can only name one. */
const topicKeyProblems = (key: unknown): readonly string[] =>
  key === undefined || typeof key === 'boolean' || typeof key === 'string'
    ? []
    : [`topicKey: ${needed('true, false or the ARN of a key')({ input: key })}`];
