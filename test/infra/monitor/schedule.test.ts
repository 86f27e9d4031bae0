import { describe, expect, it } from '@jest/globals';
import { parseSchedule } from '../../../infra/monitor/schedule';

describe('parseSchedule', () => {
  it.each([
    ['rate(15 minutes)', 15],
    ['rate(60 minutes)', 60],
    ['rate(1 hour)', 60],
    ['rate(1 hours)', 60],
    ['rate(6 hours)', 360],
    ['rate(1 day)', 1440],
    ['rate(3 days)', 4320],
  ])('accepts %s', (text, minutes) => {
    expect(parseSchedule(text)).toEqual({ ok: true, value: minutes });
  });

  const notARate = (text: string): string =>
    `${JSON.stringify(text)} is not a rate. Write a rate such as rate(6 hours). With cron, the alarms could not detect a missing run.`;
  const notASchedule = (text: string): string =>
    `${JSON.stringify(text)} is not a schedule such as rate(6 hours).`;
  const outOfRange = (text: string): string =>
    `${text} is out of range. Write a rate from rate(15 minutes) to rate(3 days).`;

  it.each([
    ['cron(0 */6 * * ? *)', notARate('cron(0 */6 * * ? *)')],
    ['at(2027-01-31T12:00:00)', notARate('at(2027-01-31T12:00:00)')],
    ['rate(14 minutes)', outOfRange('rate(14 minutes)')],
    ['rate(0 hours)', outOfRange('rate(0 hours)')],
    ['rate(4 days)', outOfRange('rate(4 days)')],
    ['rate(73 hours)', outOfRange('rate(73 hours)')],
    ['rate(999999 days)', outOfRange('rate(999999 days)')],
    ['', notASchedule('')],
    ['6 hours', notASchedule('6 hours')],
    ['rate(six hours)', notASchedule('rate(six hours)')],
    ['rate(1.5 hours)', notASchedule('rate(1.5 hours)')],
    ['rate(-1 hours)', notASchedule('rate(-1 hours)')],
    ['rate(1 week)', notASchedule('rate(1 week)')],
    ['rate(6  hours)', notASchedule('rate(6  hours)')],
    ['rate(6 hours) ', notASchedule('rate(6 hours) ')],
    ['rate(6 hours)\n', notASchedule('rate(6 hours)\n')],
  ])('refuses %j', (text, problem) => {
    expect(parseSchedule(text)).toEqual({ ok: false, problem });
  });
});
