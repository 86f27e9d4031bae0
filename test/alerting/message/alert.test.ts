import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { composeTest } from '../../../lambda/alerting/message/message';
import type { Report } from '../../../lambda/domain/types';
import { firstMessage } from '../../support/followed';
import { expectGolden } from '../../support/golden';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../../support/reports';
import type { AlertMessage } from '../../../lambda/domain/message';

const MACHINE = v.looseObject({
  eventType: v.string(),
  eventTypes: v.array(v.string()),
  severity: v.string(),
  text: v.string(),
  events: v.array(v.looseObject({ eventType: v.string(), issuer: v.nullable(v.string()) })),
  omittedEvents: v.number(),
});
const machineOf = ({ machine }: AlertMessage): v.InferOutput<typeof MACHINE> =>
  v.parse(MACHINE, JSON.parse(machine));

class NoMessage extends Error {}
function messageOf(report: Report): AlertMessage {
  const message = firstMessage(report);
  if (message === null) throw new NoMessage('nothing was composed');
  return message;
}

describe('composeAlert', () => {
  it.each([
    ['drift.txt', reportOf([drifted('a'), inSync('b'), drifted('c')])],
    ['drift-and-unknown.txt', reportOf([drifted('a'), unseen('b')])],
    ['unknown.txt', reportOf([unseen('a'), unseen('b')])],
    [
      'provider-missing.txt',
      reportOf([
        {
          ...inSync('a'),
          providerArn: null,
          status: 'provider-missing',
          listed: [],
          findings: [
            finding(
              'PROV001',
              'high',
              `The account has no OIDC provider for ${issuerOf('a')}: its jobs cannot log in.`,
              'Create it.',
            ),
          ],
        },
      ]),
    ],
    [
      'unlisted.txt',
      reportOf([], {
        failures: [
          {
            step: 'iam',
            code: 'AWS_THROTTLED',
            message: 'AWS throttled iam:ListOpenIDConnectProviders even after retries (Throttling).',
          },
        ],
      }),
    ],
  ])('writes the mail %s', (name, report) => {
    const { subject, email } = messageOf(report);
    expectGolden(name, `Subject: ${subject}\n\n${email}`);
    expect(machineOf(messageOf(report)).text).toBe(email);
  });

  it('wraps prose at 78 columns and never breaks a command', () => {
    const { email } = messageOf(reportOf([drifted('a'), unseen('b')]));
    const prose = email
      .split('\n')
      .filter((line) => !/arn:|https:|^\s+[0-9a-f]{40}|--thumbprint-list/.test(line));
    expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(78);
    expect(email).toContain(' \\\n    --thumbprint-list 9e99a48a9960b14926bb7f3b02e22da2b0ab7280 06b2');
  });

  it('composes no message without notifications', () => {
    expect(firstMessage(reportOf([inSync('a')]))).toBeNull();
    expect(firstMessage(reportOf([]))).toBeNull();
    expect(
      firstMessage(reportOf([{ ...inSync('a'), findings: [finding('THUMB004', 'info', 'x')] }])),
    ).toBeNull();
  });

  it('alerts findings of severity medium and above', () => {
    const message = messageOf(
      reportOf([{ ...inSync('a'), findings: [finding('CERT001', 'medium', 'Soon.')] }]),
    );
    expect(message.attributes).toMatchObject({ eventType: 'finding.firing', severity: 'medium' });
  });

  it('puts all kinds into one message, the most severe first', () => {
    const message = messageOf(
      reportOf([
        { ...drifted('a'), findings: [...drifted('a').findings, finding('CERT002', 'high', 'Order.')] },
        unseen('b'),
      ]),
    );
    expect(message.attributes).toEqual({
      eventType: 'drift.firing',
      eventTypes: ['drift.firing', 'unknown.firing', 'finding.firing'],
      severity: 'high',
      accountId: '123456789012',
      schemaVersion: '1',
    });
    expect(machineOf(message).events.map(({ eventType, issuer }) => [eventType, issuer])).toEqual([
      ['drift.firing', issuerOf('a')],
      ['finding.firing', issuerOf('a')],
      ['unknown.firing', issuerOf('b')],
    ]);
  });

  it('contains one line of JSON for machines, with every field of the contract', () => {
    const message = messageOf(reportOf([drifted('a')]));
    expect(message.machine).not.toContain('\n');
    expect(Object.keys(machineOf(message)).sort()).toEqual([
      'accountId',
      'eventType',
      'eventTypes',
      'events',
      'omittedEvents',
      'schemaVersion',
      'severity',
      'startedAt',
      'text',
    ]);
    expect(Object.keys(machineOf(message).events[0] ?? {}).sort()).toEqual(
      [
        'eventType',
        'severity',
        'issuer',
        'providerArn',
        'listed',
        'expected',
        'enforced',
        'roles',
        'findings',
        'since',
      ].sort(),
    );
  });

  it('fits 700 different drifts into the limit of SNS, and names each of them (fault 34)', () => {
    const many = Array.from({ length: 700 }, (_, index) => {
      const target = drifted('a');
      const odd = index.toString(16).padStart(40, '0');
      return {
        ...target,
        issuer: `${target.issuer}${index}`,
        listed: [odd],
        findings: target.findings.map((one) => ({
          ...one,
          message: `${one.message} ${odd} ${'x'.repeat(300)}`,
        })),
      };
    });
    const message = messageOf(reportOf(many));
    const body = JSON.stringify({ default: message.machine, email: message.email });
    expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
    expect(message.omitted).toEqual([]);
    const lines = message.email.split('\n').map((line) =>
      line
        .trim()
        .split(' ')
        .find((word) => word.includes('oidc.circleci.com/')),
    );
    const named = new Set(lines.map((word) => word?.replace('https://', '')));
    expect(many.filter(({ issuer }) => !named.has(issuer.replace('https://', '')))).toEqual([]);
    const { events, omittedEvents } = machineOf(message);
    expect(events.length + omittedEvents).toBe(700);
    expect(message.subject).toContain('drift: 700 providers');
  });

  it('contains remedies with whole commands, however many roles of one issuer are open', () => {
    const commandFor = (index: number): string =>
      `aws iam update-assume-role-policy \\\n  --role-name role-${index} \\\n  --policy-document file://trust.json`;
    const findings = Array.from({ length: 1_000 }, (_, index) =>
      finding(
        'TRUST001',
        'critical',
        `Role ${index} ${'is open '.repeat(50)}`,
        `Limit it:\n${commandFor(index)}`,
      ),
    );
    const { email, machine } = messageOf(reportOf([{ ...inSync('a'), findings }]));
    expect(Buffer.byteLength(JSON.stringify({ default: machine, email }))).toBeLessThan(256 * 1024);
    expect(email).toContain('Role 0 is open');
    expect(email).toContain('WHAT TO DO\n\nLimit it:\n');
    expect(email).toContain(commandFor(0).replaceAll(/^/gm, '  '));
    expect(email).toContain('ALSO FOUND\n\ncritical TRUST001:\n');
    expect(JSON.parse(machine)).toMatchObject({
      events: [
        {
          findings: expect.arrayContaining([
            expect.objectContaining({ remedy: `Limit it:\n${commandFor(0)}` }),
          ]),
        },
      ],
    });
  });

  it('truncates no command for machines: a partial one would replace a list by less', () => {
    const long = `aws iam update-open-id-connect-provider-thumbprint --thumbprint-list ${'a'.repeat(40)} ${'b'.repeat(600)}`;
    const findings = Array.from({ length: 1_000 }, () =>
      finding('CERT001', 'high', 'x'.repeat(500), `List them:\n${long}`),
    );
    const { machine } = messageOf(reportOf([{ ...inSync('a'), findings }]));
    expect(machine).toContain('"remedy":"List them:"');
    expect(machine).not.toMatch(/"remedy":"[^"]*--thumbprint-list/);
  });

  it('writes subjects that SNS accepts (fault 35)', () => {
    const account = `1\n\u202e${'é'.repeat(200)}`;
    expect(messageOf(reportOf([drifted('a')], { account })).subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  });

  it('composes a test message that reports no problem', () => {
    const message = composeTest(reportOf([]));
    expect(message.attributes).toMatchObject({ eventType: 'test', eventTypes: ['test'], severity: 'info' });
    expect(message.email).toContain('Nothing is wrong');
  });
});
