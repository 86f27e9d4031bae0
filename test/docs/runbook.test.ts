import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FAILURE_CODES, MONITOR_ERROR_TYPES } from '../../lambda/domain/errors';
import { shortId, templateOf } from '../support/stack';

const read = (...path: readonly string[]): string =>
  readFileSync(join(__dirname, '..', '..', ...path), 'utf8');

const runbook = read('docs', 'runbook.md');
/** Third-level headings, each under the second-level one before it. */
const headings: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((part) => [
      part.slice(0, part.indexOf('\n')),
      [...part.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading),
    ]),
);
/** As GitHub makes them of headings that are one word. */
const anchors = Object.values(headings).flatMap((all) => all.map((heading) => heading.toLowerCase()));

const ALARM = v.object({ Properties: v.object({ AlarmDescription: v.string() }) });

describe('docs/runbook.md', () => {
  let alarms: readonly (readonly [string, string])[];

  beforeAll(() => {
    const template = templateOf();
    alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
      Object.entries(template.findResources(type)).map(
        ([id, one]) =>
          [
            shortId(id).replace('MonitorAlarms', ''),
            v.parse(ALARM, one).Properties.AlarmDescription,
          ] as const,
      ),
    );
  });

  it('has a heading for each alarm, and no other', () => {
    expect([...(headings['Alarms'] ?? [])].sort()).toEqual(alarms.map(([name]) => name).sort());
  });

  it('is linked at the end of the description of each alarm', () => {
    for (const [, description] of alarms) {
      const [, anchor = ''] = / What to do: docs\/runbook\.md#([a-z]+)$/.exec(description) ?? [];
      expect(anchors).toContain(anchor);
    }
  });

  it('has a heading for each error of an invocation, and no other', () => {
    expect(MONITOR_ERROR_TYPES.length).toBeGreaterThan(3);
    expect(headings['Errors of an invocation']).toEqual(MONITOR_ERROR_TYPES);
  });

  it('has a heading for each failure code, and no other', () => {
    expect(FAILURE_CODES.length).toBeGreaterThan(30);
    expect(headings['Codes of failures']).toEqual(FAILURE_CODES);
  });

  it('links only to existing headings', () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });
});
