import { describe, expect, it } from '@jest/globals';
import type { Account } from '../../../lambda/alerting/message/outcome';
import { subjectOf } from '../../../lambda/alerting/message/subject';
import { topicsOf } from '../../../lambda/alerting/message/topic';
import type { EventType } from '../../../lambda/domain/event-types';
import type { Notification } from '../../../lambda/domain/notification';
import type { TargetReport } from '../../../lambda/domain/types';
import { drifted, finding, inSync, unseen } from '../../support/reports';
import { told } from '../../support/told';

const PROD = { id: '123456789012', name: 'prod' };

function subject(notifications: readonly Notification[], account: Account = PROD, isBlind = false): string {
  const [worst, ...others] = topicsOf(notifications);
  return worst === undefined ? '' : subjectOf([worst, ...others], isBlind, account);
}

const at = (host: string, target: TargetReport): TargetReport => ({ ...target, issuer: `https://${host}` });
/** Logins fail at this host. */
const failing = (host: string): Notification => {
  const target = at(host, { ...drifted('a'), enforced: true });
  const findings = target.findings.map((each) => ({ ...each, severity: 'critical' as const }));
  return told('drift.firing', { severity: 'critical', target, findings });
};
const role = (
  name: string,
  severity: 'critical' | 'high' | 'medium',
  check: 'TRUST001' | 'TRUST002' = 'TRUST001',
) =>
  told('finding.firing', {
    severity,
    target: inSync('a'),
    findings: [{ ...finding(check, severity, name), subject: `arn:aws:iam::123456789012:role/x/${name}` }],
  });

describe('subject of a mail: severity, outcome, host or role, account', () => {
  it.each<[string, Notification, string]>([
    ['failing logins', failing('ci.example.com'), '[critical] AWS logins fail: ci.example.com'],
    ['drift', told('drift.firing'), '[low] Outdated thumbprints, no login affected: oidc.circleci.com'],
    [
      'drift of a list that AWS may use',
      told('drift.firing', { severity: 'medium', target: { ...drifted('a'), enforced: null } }),
      '[medium] Outdated thumbprints: oidc.circleci.com',
    ],
    [
      'a host',
      told('unknown.firing', { severity: 'high', target: unseen('a'), findings: [] }),
      '[high] Not checked: oidc.circleci.com',
    ],
    [
      'the account',
      told('unknown.firing', { severity: 'high', target: null, findings: [] }),
      '[high] Account not completely checked',
    ],
    ['a role', role('deploy-prod', 'high'), '[high] Role deploy-prod is open to any CircleCI project'],
    [
      'an open role',
      role('deploy-prod', 'critical'),
      '[critical] Role deploy-prod is open to any CircleCI customer',
    ],
    [
      'a wildcard',
      role('deploy-prod', 'high', 'TRUST002'),
      '[high] Role deploy-prod is open to other projects',
    ],
    [
      'a role that was not evaluated',
      role('deploy-prod', 'medium'),
      '[medium] Role open to other projects: deploy-prod',
    ],
    [
      'a finding',
      told('finding.firing', { target: inSync('a'), findings: [finding('CERT001', 'medium', 'x')] }),
      '[medium] Certificate expires soon: oidc.circleci.com',
    ],
    [
      'a host that can be taken over, although logins fail, too',
      told('finding.firing', { target: unseen('a'), findings: [finding('DISC005', 'critical', 'x')] }),
      '[critical] Issuer host can be taken over: oidc.circleci.com',
    ],
    [
      'a missing provider',
      told('finding.firing', { target: inSync('a'), findings: [finding('PROV001', 'high', 'x')] }),
      '[high] AWS logins fail: oidc.circleci.com',
    ],
    [
      'an update',
      told('updated', { severity: 'medium', findings: [finding('THUMB001', 'medium', 'x')] }),
      '[medium] Thumbprints added: oidc.circleci.com',
    ],
    [
      'a refused update',
      told('update.refused', { findings: [finding('THUMB005', 'medium', 'x')] }),
      '[medium] Thumbprints not added: oidc.circleci.com',
    ],
    [
      'keys',
      told('keys.changed', { findings: [finding('JWKS002', 'info', 'x')] }),
      '[info] Signing keys changed: oidc.circleci.com',
    ],
    [
      'a reminder',
      { ...failing('ci.example.com'), eventType: 'drift.reminder' },
      '[critical] Ongoing: AWS logins fail: ci.example.com',
    ],
    [
      'the end of drift',
      told('drift.resolved', { target: inSync('a') }),
      'Resolved: outdated thumbprints: oidc.circleci.com',
    ],
    [
      'a deleted provider',
      told('drift.resolved', { target: { ...inSync('a'), status: 'provider-missing' } }),
      'Resolved: outdated thumbprints (provider deleted): oidc.circleci.com',
    ],
    [
      'the end of a failure',
      told('unknown.resolved', { target: inSync('a') }),
      'Resolved: failed check: oidc.circleci.com',
    ],
    [
      'the end of a finding',
      told('finding.resolved', { target: inSync('a'), findings: [finding('CERT001', 'medium', 'x')] }),
      'Resolved: certificate expires soon: oidc.circleci.com',
    ],
    [
      'a test',
      told('test', { severity: 'info', target: null, findings: [] }),
      '[info] Test message: alerts arrive',
    ],
  ])('of %s', (_, notification, words) => {
    expect(subject([notification])).toBe(`${words} (account prod 123456789012)`);
  });

  it('of a run that could collect nothing says so', () => {
    expect(subject([told('unknown.firing', { severity: 'high', target: unseen('a') })], PROD, true)).toBe(
      '[high] Nothing could be checked (account prod 123456789012)',
    );
  });

  it('counts providers and roles, not events', () => {
    const target = at('a.example.com', drifted('a'));
    const same = told('finding.firing', { target, findings: [finding('CERT001', 'medium', 'x')] });
    expect(subject([failing('a.example.com'), same])).toBe(
      '[critical] AWS logins fail: a.example.com (account prod 123456789012)',
    );
    const hosts = ['a', 'b', 'c', 'd'].map((name) => failing(`${name}.example.com`));
    expect(subject(hosts)).toBe(
      '[critical] AWS logins fail: a.example.com and 3 more (account prod 123456789012)',
    );
    expect(subject([...hosts, role('deploy', 'high')])).toBe(
      '[critical] AWS logins fail: a.example.com and 4 more findings (account prod 123456789012)',
    );
  });

  it('omits attached low findings unless there is nothing else', () => {
    const low = told('finding.firing', { target: inSync('b'), findings: [finding('PROV004', 'low', 'x')] });
    expect(subject([failing('a.example.com'), low])).not.toContain('more');
    expect(subject([low])).toBe(
      '[low] No role uses the provider: oidc.circleci.com (account prod 123456789012)',
    );
  });

  it('reads as a recovery although something of no importance is new', () => {
    const resolved = told('drift.resolved', { target: inSync('a') });
    const info = told('finding.firing', {
      target: inSync('a'),
      findings: [finding('THUMB008', 'info', 'x')],
    });
    expect(subject([info, resolved])).toBe(
      'Resolved: outdated thumbprints: oidc.circleci.com (account prod 123456789012)',
    );
  });
});

describe('subject of a mail: at most 99 printable ASCII characters', () => {
  it('shortens a host in its middle, and never the account', () => {
    const long = subject([failing(`${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`)]);
    expect(long).toMatch(
      /^\[critical\] AWS logins fail: a+\.\.\..*example\.com \(account prod 123456789012\)$/,
    );
    expect(long).toHaveLength(99);
  });

  it('omits a name of the account that leaves no room, before its number', () => {
    const name = 'x'.repeat(63);
    expect(subject([failing('ci.example.com')], { ...PROD, name })).toBe(
      '[critical] AWS logins fail: ci.example.com (account 123456789012)',
    );
  });

  it('names the number alone if the name is not ASCII or not known, and says if that is not known', () => {
    const mail = [failing('ci.example.com')];
    expect(subject(mail, { ...PROD, name: 'Größe' })).toContain('(account 123456789012)');
    expect(subject(mail, { id: '123456789012', name: null })).toContain('(account 123456789012)');
    expect(subject(mail, { id: null, name: null })).toContain('(account unknown)');
  });

  it.each<EventType>(['finding.firing', 'finding.reminder'])(
    'whatever a name contains: %s (fault 35)',
    (eventType) => {
      const name = `r\n\u00e9 ~\u007f${'x'.repeat(200)}`;
      const [one] = [role(name, 'high')];
      expect(subject([{ ...one, eventType }])).toMatch(/^[\x20-\x7e]{1,99}$/);
    },
  );
});
