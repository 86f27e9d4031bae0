import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import { describeChange } from '../../../lambda/checks/history/change';
import type { Change } from '../../../lambda/domain/change';
import { GRAVITY } from '../../../lambda/domain/event-types';
import type { Notification } from '../../../lambda/domain/notification';
import { SEVERITIES } from '../../../lambda/domain/severity';
import type { Finding } from '../../../lambda/domain/types';
import { updatedNotification } from '../../../lambda/remediation/plan';
import { firstMessage } from '../../support/followed';
import { OLD, RSA, drifted, finding, inSync, reportOf, unseen } from '../../support/reports';
import { contextOf } from '../../support/told';

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

const THUMBPRINTS = { names: [OLD], more: 1 };
const KEYS = { names: [{ thumbprint: 'a', kid: null, kty: 'RSA' }], more: 0 };
const CHANGES: readonly Change[] = [
  { kind: 'thumbprints-added', comparison: 'not-served', isLater: false, thumbprints: THUMBPRINTS },
  { kind: 'thumbprints-removed', isOwn: true, thumbprints: THUMBPRINTS },
  { kind: 'audiences', action: 'added', audiences: { names: ['sts.amazonaws.com'], more: 0 } },
  { kind: 'update-lost', startedAt: '2026-11-24T06:00:00.000Z', thumbprints: THUMBPRINTS },
  { kind: 'keys', added: KEYS, removed: { names: [], more: 0 }, published: 2 },
  { kind: 'providers', action: 'deleted', providers: { names: [drifted('a').providerArn ?? ''], more: 0 } },
  { kind: 'fewer-recipients', before: 2, now: 1 },
  { kind: 'earlier', check: 'PROV006', severity: 'high', thumbprints: THUMBPRINTS },
];

const BODY = v.object({ events: v.array(v.object({ findings: v.array(v.looseObject({})) })) });

/** The machine message of one notification with these findings. */
const machineOf = (...findings: readonly Finding[]): string => {
  const context = contextOf(reportOf([drifted('a')]));
  return composeAlert([notification({ eventType: 'finding.firing', findings })], context)?.machine ?? '';
};

describe('the JSON schema of the machine message', () => {
  it.each([
    ['drift', firstMessage(reportOf([drifted('a'), inSync('b')]))],
    ['what could not be seen', firstMessage(reportOf([unseen('a')]))],
    [
      'findings',
      firstMessage(reportOf([{ ...inSync('a'), findings: [finding('CERT001', 'high', 'Soon.')] }])),
    ],
    [
      'a policy that could not be decided',
      firstMessage(
        reportOf([
          {
            ...inSync('a'),
            findings: [{ ...finding('TRUST001', 'medium', 'Not known.'), notEvaluated: true }],
          },
        ]),
      ),
    ],
    ['a test', composeTest(reportOf([]), null)],
  ])('accepts the message of %s', (_, message) => {
    expect(problemsOf(message?.machine)).toEqual([]);
  });

  it.each(GRAVITY)('accepts %s', (eventType) => {
    const context = contextOf(reportOf([drifted('a')]));
    for (const target of [drifted('a'), null]) {
      const message = composeAlert([notification({ eventType, target })], context);
      expect(problemsOf(message?.machine)).toEqual([]);
    }
  });

  it.each(SEVERITIES)('has the severity %s', (severity) => {
    const message = composeAlert([notification({ severity })], contextOf(reportOf([drifted('a')])));
    expect(problemsOf(message?.machine)).toEqual([]);
  });

  it.each(CHANGES.map((change) => [change.kind, change] as const))(
    'has a change of the kind %s',
    (_, change) => {
      const machine = machineOf(describeChange(change));
      expect(machine).toContain(JSON.stringify(change));
      expect(problemsOf(machine)).toEqual([]);
    },
  );

  it('has the facts of an update, and the entries that nobody serves', () => {
    const updated = {
      before: [OLD],
      list: [OLD, RSA],
      added: [RSA],
      isVisible: true,
      by: 'unknown',
    } as const;
    const { findings } = updatedNotification(drifted('a'), updated, new Date());
    const stale = { ...finding('THUMB003', 'info', 'Stale.'), thumbprints: [OLD] };
    const machine = machineOf(...findings, stale);
    expect(problemsOf(machine)).toEqual([]);
    const { events } = v.parse(BODY, JSON.parse(machine));
    expect(events[0]?.findings).toMatchObject([
      { change: { kind: 'list-updated', ...updated } },
      { thumbprints: [OLD] },
    ]);
  });

  it('is valid without the facts of changes, if it was cut for length', () => {
    const change = { kind: 'fewer-recipients', before: 2, now: 1 } as const;
    const long = finding('CERT001', 'high', 'x'.repeat(300_000));
    const machine = machineOf(describeChange(change), long);
    expect(machine).not.toContain('"change"');
    expect(problemsOf(machine)).toEqual([]);
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
