import { describe, expect, it } from '@jest/globals';
import { briefEvent, briefText } from '../../../lambda/alerting/message/brevity';
import { MORE_POLICIES } from '../../../lambda/remedies/policies';
import { finding } from '../../support/reports';

const ACTIONS = '\n\nWHAT TO DO\n\n';
const CUT =
  '\n\nThis text was cut because it is too long. To see all findings: thumbprint-monitor audit --output json\n';
const x = (length: number): string => 'x'.repeat(length);
const y = (length: number): string => 'y'.repeat(length);

describe('briefText: a mail that is too long', () => {
  it.each([
    ['short enough', `${x(50)}${ACTIONS}${y(36)}`, `${x(50)}${ACTIONS}${y(36)}`],
    ['of verdicts alone', x(200), `${x(99)}…${CUT}`],
    [
      'of long verdicts: half is for what to do',
      `${x(200)}${ACTIONS}${y(200)}`,
      `${x(49)}…${ACTIONS}${y(35)}…${CUT}`,
    ],
    [
      'of short verdicts: the rest is for what to do',
      `${x(10)}${ACTIONS}${y(200)}`,
      `${x(10)}${ACTIONS}${y(75)}…${CUT}`,
    ],
    [
      'with little to do: the rest is for verdicts',
      `${x(200)}${ACTIONS}${y(10)}`,
      `${x(75)}…${ACTIONS}${y(10)}${CUT}`,
    ],
    ['with half a smile at the end', `${x(99)}😀${x(99)}`, `${x(99)}…${CUT}`],
    ['with a whole smile at the end', `${x(97)}😀${x(99)}`, `${x(97)}😀…${CUT}`],
  ])('%s is truncated at 100 characters', (_, text, shown) => {
    expect(briefText(text, 100)).toBe(shown);
  });
});

describe('briefEvent: an event that is too long', () => {
  const event = {
    eventType: 'drift.firing',
    issuer: x(301),
    providerArn: x(302),
    listed: Array.from({ length: 21 }, () => x(303)),
    expected: ['a', x(304)],
    roles: Array.from({ length: 30 }, (_, index) => `role-${index}`),
    findings: Array.from({ length: 21 }, (_, index) => ({
      ...finding('CERT001', 'high', `${index}${y(301)}`, 'Do it.'),
      subject: x(1_000),
    })),
  };
  const long = `${x(300)}…`;

  it('has the first of its values, each truncated', () => {
    expect(briefEvent(event)).toEqual({
      eventType: 'drift.firing',
      issuer: long,
      providerArn: long,
      listed: Array.from({ length: 20 }, () => long),
      expected: ['a', long],
      roles: event.roles.slice(0, 20),
      findings: event.findings.slice(0, 20).map(({ check, severity, message, remedy }) => ({
        check,
        severity,
        message: `${message.slice(0, 300)}…`,
        remedy,
      })),
    });
  });

  it('of the account names no issuer', () => {
    expect(briefEvent({ ...event, issuer: null, providerArn: null })).toMatchObject({
      issuer: null,
      providerArn: null,
    });
  });

  it.each([
    [x(301), long],
    ['List it:\naws iam a \\\n  --b', 'List it:\naws iam a \\\n  --b'],
    [`${x(301)}\naws`, `${long}\naws`],
    ['List it:\naws \u001b', 'List it:\naws \\u{1b}'],
    [`List it:\n${y(600)}`, `List it:\n${y(600)}`],
    [`List it:\n${y(601)}`, 'List it:'],
    [
      "Limit it.\n\nSave it:\ncat > a.json <<'EOF'\n{}\nEOF\n\nThen replace it:\naws iam a",
      `Limit it.\n\n${MORE_POLICIES}`,
    ],
    ['', ''],
  ])('contains a command whole or not at all (%#)', (remedy, shown) => {
    const { findings } = briefEvent({ ...event, findings: [finding('CERT001', 'high', 'x', remedy)] });
    expect(findings[0]?.remedy).toBe(shown);
  });
});
