/** What the construct is given, judged as a whole: at synth, before anything is deployed. */
import type { aws_logs as logs } from 'aws-cdk-lib';
import { parseConfig } from '../lambda/core/config';
import type { MonitorConfig } from '../lambda/core/config';
import { ConfigError } from '../lambda/core/errors';
import { judgeEmails } from './email';
import { parseSchedule } from './schedule';

/** What the stack sets by itself. */
type Ours = 'topicArn' | 'chatTopicArn' | 'stateTable';

/** What the monitor watches. Each key is described in the README, section "Configuration". */
export interface WatchProps extends Partial<Omit<MonitorConfig, Ours | 'trustAnchors'>> {
  /**
   * Private CAs: a PEM bundle for all configured `issuers`, or host → PEM.
   * @default none
   */
  readonly trustAnchors?: string | Readonly<Record<string, string>>;
}

/** Props of ThumbprintMonitor. Everything is optional: by default it watches every CircleCI provider it finds. */
export interface ThumbprintMonitorProps extends WatchProps {
  /**
   * E-mail addresses that get the alerts. Each must confirm the subscription.
   * @default none: subscribe to `topic` yourself
   */
  readonly emails?: readonly string[];
  /**
   * How often it looks: `rate(15 minutes)` to `rate(3 days)`.
   * @default rate(6 hours)
   */
  readonly schedule?: string;
  /**
   * How long logs are kept.
   * @default three months
   */
  readonly logRetention?: logs.RetentionDays;
}

/** Every sixth hour: a rotation is told on the day it happens, at four runs' cost. */
export const DEFAULT_SCHEDULE = 'rate(6 hours)';

/** What has not been judged yet: props, or a context that wants to be them. */
export interface Unjudged {
  readonly emails: readonly string[];
  readonly schedule: string;
  readonly watch: unknown;
}

/** Judges everything at once. Throws ConfigError with one line a problem, after those that were found before. */
export function judgeProps(
  { emails, schedule, watch }: Unjudged,
  found: readonly string[] = [],
): MonitorConfig {
  const parsed = parseSchedule(schedule);
  const config = configOrProblems(watch);
  const problems = [
    ...found,
    ...judgeEmails(emails),
    ...(parsed.ok ? [] : [`schedule: ${parsed.problem}`]),
    ...(typeof config === 'string' ? [config] : []),
  ];
  if (problems.length > 0 || typeof config === 'string') throw new ConfigError(problems.join('\n'));
  return config;
}

function configOrProblems(watch: unknown): MonitorConfig | string {
  try {
    return parseConfig(watch);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
