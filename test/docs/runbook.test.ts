import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { FAILURE_CODES, MONITOR_ERROR_TYPES } from '../../lambda/domain/errors';
import { headingsOf } from '../support/headings';
import { shortId, templateOf } from '../support/stack';

const RUNBOOK = 'docs/runbook.md';
const ALARM = v.object({ Properties: v.object({ AlarmDescription: v.string() }) });

describe('docs/runbook.md', () => {
  it('has a heading for each alarm, which its description names', () => {
    const template = templateOf();
    const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
      Object.entries(template.findResources(type)),
    );
    const headings = headingsOf(RUNBOOK, 3, 'Alarms');
    expect([...headings].sort()).toEqual(
      alarms.map(([id]) => shortId(id).replace('MonitorAlarms', '')).sort(),
    );
    const named = alarms.map(
      ([, alarm]) => / Runbook: (\w+)\.$/.exec(v.parse(ALARM, alarm).Properties.AlarmDescription)?.[1],
    );
    expect([...named].sort()).toEqual([...headings].sort());
  });

  it('has a heading for each error of an invocation, and for each failure code', () => {
    expect(headingsOf(RUNBOOK, 3, 'Errors of an invocation')).toEqual(MONITOR_ERROR_TYPES);
    expect(headingsOf(RUNBOOK, 3, 'Codes of failures')).toEqual(FAILURE_CODES);
  });
});
