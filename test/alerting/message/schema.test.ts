import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import { GRAVITY } from '../../../lambda/domain/event-types';
import type { Notification } from '../../../lambda/domain/notification';
import { SEVERITIES } from '../../../lambda/domain/severity';
import { firstMessage } from '../../support/followed';
import { drifted, finding, inSync, reportOf, unseen } from '../../support/reports';

const SCHEMA: unknown = JSON.parse(readFileSync(join(__dirname, '../../../docs/alert.schema.json'), 'utf8'));

/** Every key that the schema does not name is an error here, though readers must ignore it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in schema ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv({
  strict: true,
  strictTypes: false,
  allErrors: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
});
const isValid = ajv.compile(Object(closed(SCHEMA)));

function problemsOf(machine: string | undefined): unknown {
  return isValid(JSON.parse(machine ?? 'null')) ? [] : isValid.errors;
}

const notification = (changes: Partial<Notification>): Notification => ({
  eventType: 'drift.firing',
  severity: 'low',
  target: drifted('a'),
  findings: drifted('a').findings,
  since: '2026-11-24T06:00:00.000Z',
  ...changes,
});

describe('the JSON schema of the machine message', () => {
  it.each([
    ['drift', firstMessage(reportOf([drifted('a'), inSync('b')]))],
    ['what could not be seen', firstMessage(reportOf([unseen('a')]))],
    [
      'findings',
      firstMessage(reportOf([{ ...inSync('a'), findings: [finding('CERT001', 'high', 'Soon.')] }])),
    ],
    ['a test', composeTest(reportOf([]))],
  ])('accepts the message of %s', (_, message) => {
    expect(problemsOf(message?.machine)).toEqual([]);
  });

  it.each(GRAVITY)('accepts %s', (eventType) => {
    const context = { report: reportOf([drifted('a')]), remarks: [] };
    for (const target of [drifted('a'), null]) {
      const message = composeAlert([notification({ eventType, target })], context);
      expect(problemsOf(message?.machine)).toEqual([]);
    }
  });

  it.each(SEVERITIES)('has the severity %s', (severity) => {
    const message = composeAlert([notification({ severity })], {
      report: reportOf([drifted('a')]),
      remarks: [],
    });
    expect(problemsOf(message?.machine)).toEqual([]);
  });

  it('rejects invalid messages', () => {
    const { machine = '{}' } = firstMessage(reportOf([drifted('a')])) ?? {};
    for (const [from, to] of [
      ['"drift.firing"', '"drift.begun"'],
      ['"schemaVersion":1', '"schemaVersion":2'],
      ['"severity":"low"', '"severity":"bad"'],
      ['"omittedEvents":0', '"omitted":0'],
    ] as const) {
      expect(machine).toContain(from);
      expect(problemsOf(machine.replaceAll(from, to))).not.toEqual([]);
    }
  });
});
