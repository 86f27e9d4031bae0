/** How long the alarms look back, for a schedule. */
import { Duration } from 'aws-cdk-lib';

/** A run starts this long after its time at the latest. */
export const FLEXIBLE_MINUTES = 10;

/** The periods that an alarm looks at. */
export interface Window {
  readonly period: Duration;
  readonly evaluationPeriods: number;
}

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/**
 * A window of at least so many minutes. CloudWatch permits a day of periods shorter than an hour, and a week of hours:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function windowOf(minutes: number): Window {
  const period = minutes <= DAY ? 5 : 60;
  return { period: Duration.minutes(period), evaluationPeriods: Math.ceil(minutes / period) };
}

/** It contains two scheduled runs, so an empty window means that one is missing, not late. */
export const notRunningWindow = (interval: number): Window => windowOf(2 * interval + FLEXIBLE_MINUTES);

/** It contains one scheduled run. */
export const oneRun = (interval: number): Window => windowOf(interval + FLEXIBLE_MINUTES);

/** How many runs in a row may fail to audit before people are notified. Three; two if three do not fit into a week. */
export const blindRuns = (interval: number): number => (3 * interval + FLEXIBLE_MINUTES <= WEEK ? 3 : 2);

/** It contains `blindRuns` scheduled runs. */
export const blindWindow = (interval: number): Window =>
  windowOf(blindRuns(interval) * interval + FLEXIBLE_MINUTES);
