import { describe, expect, it } from '@jest/globals';
import { composeAlert } from '../../../lambda/alerting/message/message';
import { decide, nextState } from '../../../lambda/decide';
import type { Finding, Report, TargetReport } from '../../../lambda/domain/types';
import { newAccountMemory } from '../../../lambda/state/schema';
import { AT, followed } from '../../support/followed';
import { drifted, finding, inSync, issuerOf, reportOf } from '../../support/reports';
import type { AlertMessage } from '../../../lambda/domain/message';
import type { Decision } from '../../../lambda/alerting/decision';
import { contextOf } from '../../support/told';

const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const open = (name: string, severity: Finding['severity'] = 'critical'): Finding => ({
  ...finding('TRUST001', severity, `${roleArn(name)} can be assumed by anybody.`, 'Limit it.'),
  subject: roleArn(name),
});

class NoMessage extends Error {}

/** One run after another on one target: its decisions, messages and what the next one knows. */
function* runsOf(
  report: Report,
  target: TargetReport,
): Generator<{ decision: Decision; message: AlertMessage | null }> {
  let known = followed(target);
  let account = newAccountMemory(AT);
  for (let hour = 0; ; hour += 1) {
    const now = new Date(Date.parse(AT) + hour * 3_600_000);
    const run = {
      memory: account,
      findings: [],
      skipped: new Set<never>(),
      isBlind: false,
      acceptedChanges: [],
      baseline: hour === 0,
    };
    const decision = decide([known], run, now);
    const message = composeAlert(decision.notifications, contextOf(report));
    yield { decision, message };
    const next = nextState(decision, { hasRecipients: true, omitted: new Set(message?.omitted) }, now);
    account = next.account;
    known = { ...known, baseline: false, memory: next.targets.get(target.issuer) ?? known.memory };
  }
}

const bytes = ({ machine, email }: AlertMessage): number =>
  Buffer.byteLength(JSON.stringify({ default: machine, email }));

describe('one critical finding beside hundreds of low ones', () => {
  it.each([1, 300])('is in subject and body, on %d targets (fault 57)', (amount) => {
    const low = Array.from({ length: 300 }, (_, index) =>
      finding('CERT001', 'medium', `Certificate ${index} ${'x'.repeat(400)}.`, `Renew ${index}.`),
    );
    const targets = Array.from({ length: amount }, (_, index): TargetReport => ({
      ...inSync('a'),
      issuer: `${issuerOf('a')}${index}`,
      findings: amount === 1 ? low : low.slice(index, index + 1),
    }));
    const last = { ...inSync('b'), findings: [...low.slice(0, 1), open('deploy-prod')] };
    const report = reportOf([...targets, last]);
    const { notifications } = decide(
      report.targets.map(followed),
      {
        memory: newAccountMemory(AT),
        findings: [],
        skipped: new Set(),
        isBlind: false,
        acceptedChanges: [],
        baseline: true,
      },
      new Date(AT),
    );
    const message = composeAlert(notifications, contextOf(report));
    if (message === null) throw new NoMessage('nothing was composed');
    expect(message.subject).toMatch(
      /^\[critical\] Role deploy-prod is open to any CircleCI customer and \d+ more /,
    );
    expect(message.email.indexOf('deploy-prod')).toBeGreaterThanOrEqual(0);
    expect(message.email.indexOf('deploy-prod')).toBeLessThan(message.email.indexOf('CERT001'));
    expect(message.email.indexOf('deploy-prod')).toBeLessThan(message.email.indexOf('Certificate 0'));
    expect(message.omitted).toEqual([]);
    expect(bytes(message)).toBeLessThan(256 * 1024);
    // Similar ones are one paragraph and a list.
    expect([...message.email.matchAll(/Certificate \d+/g)].length).toBeLessThanOrEqual(5);
  });
});

describe('critical findings', () => {
  it.each([700, 1_000])('are all named, on %d targets', (amount) => {
    const targets = Array.from({ length: amount }, (_, index): TargetReport => {
      const target = drifted('a');
      return {
        ...target,
        issuer: `https://ci-${index}.example.com/${'x'.repeat(180)}`,
        enforced: true,
        listed: [index.toString(16).padStart(40, '0')],
        findings: target.findings.map((each) => ({ ...each, severity: 'critical' })),
      };
    });
    const report = reportOf(targets);
    const { notifications } = decide(
      report.targets.map(followed),
      {
        memory: newAccountMemory(AT),
        findings: [],
        skipped: new Set(),
        isBlind: false,
        acceptedChanges: [],
        baseline: true,
      },
      new Date(AT),
    );
    const message = composeAlert(notifications, contextOf(report));
    if (message === null) throw new NoMessage('nothing was composed');
    expect(bytes(message)).toBeLessThan(256 * 1024);
    expect(message.omitted).toEqual([]);
    expect(targets.filter((_, index) => !message.email.includes(`ci-${index}.example.com`))).toEqual([]);
  });
});

describe('a finding that a message omits', () => {
  it('does not count as notified: later runs name it, each finding once, and then send nothing', () => {
    const names = Array.from({ length: 3_000 }, (_, index) => `role-${index}-${'x'.repeat(50)}`);
    const target = { ...inSync('a'), findings: names.map((name) => open(name)) };
    const report = reportOf([target]);
    const named: string[][] = [];
    for (const { message } of runsOf(report, target)) {
      if (message === null) break;
      expect(bytes(message)).toBeLessThan(256 * 1024);
      const omitted = new Set(message.omitted);
      named.push(names.filter((name) => message.email.includes(roleArn(name))));
      expect((named.at(-1)?.length ?? 0) + omitted.size).toBeGreaterThanOrEqual(names.length);
      if (named.length > 10) break;
    }
    expect(named.length).toBeGreaterThan(1);
    expect(named.length).toBeLessThanOrEqual(4);
    expect(new Set(named.flat()).size).toBe(names.length);
  });

  it('counts as notified if the message names it', () => {
    const target = { ...inSync('a'), findings: [open('a'), open('b', 'high')] };
    const [, second] = take(2, runsOf(reportOf([target]), target));
    expect(second?.message).toBeNull();
  });
});

function take<T>(amount: number, values: Iterable<T>): readonly T[] {
  const taken: T[] = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === amount) break;
  }
  return taken;
}
