/** One mail of each kind, and mails with several findings, as recorded, with the answers that they must give. */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import { resolvedFindings } from '../../../lambda/alerting/resolved';
import { RENEW } from '../../../lambda/checks/certificates';
import { evaluateDiscoveryFailure } from '../../../lambda/checks/discovery';
import { NOBODY } from '../../../lambda/checks/history/account';
import { describeChange } from '../../../lambda/checks/history/change';
import { trustOfTarget } from '../../support/target-trust';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import type { CheckId } from '../../../lambda/domain/checks';
import { GRAVITY } from '../../../lambda/domain/event-types';
import type { EventType } from '../../../lambda/domain/event-types';
import { STATEMENTS } from '../../../lambda/domain/logins';
import type { AlertMessage } from '../../../lambda/domain/message';
import type { Notification } from '../../../lambda/domain/notification';
import { severityOf } from '../../../lambda/domain/severity';
import type { Finding, TargetReport } from '../../../lambda/domain/types';
import { GUARDS } from '../../../lambda/remediation/guards';
import { refusalFinding, updatedNotification } from '../../../lambda/remediation/plan';
import type { Track } from '../../../lambda/state/schema';
import { expectGolden } from '../../support/golden';
import { ECDSA, OLD, RSA, drifted, finding, inSync, reportOf, unseen } from '../../support/reports';
import { allow, keyOf, policyOf, roleWith } from '../../support/roles';
import { contextOf } from '../../support/told';

const SINCE = '2026-11-20T06:00:00.000Z';
const NOW = new Date('2026-11-24T06:00:00Z');

const ROLES = ['deploy-prod', 'deploy-staging'].map((name) => `arn:aws:iam::123456789012:role/${name}`);

const notify = (
  eventType: EventType,
  target: TargetReport | null,
  findings: readonly Finding[] = target?.findings ?? [],
): Notification => ({ eventType, severity: severityOf(findings), target, findings, since: SINCE });

/** Logins work: a public CA. */
const outdated: TargetReport = { ...drifted('a'), roles: ROLES };
/** Logins fail: a private CA. */
const atServer = (text: string): string => text.replaceAll('oidc.circleci.com', 'ci.example.com');
const failing: TargetReport = {
  ...outdated,
  issuer: atServer(outdated.issuer),
  providerArn: atServer(outdated.providerArn ?? ''),
  chains: outdated.chains.map((chain) => ({
    ...chain,
    host: atServer(chain.host),
    publiclyTrusted: false,
    certificates: chain.certificates.map((each) => ({ ...each, subject: atServer(each.subject) })),
  })),
  enforced: true,
  enforcedBasis: 'private-ca',
  findings: outdated.findings.map((each) => ({
    ...each,
    severity: 'critical',
    remedy: atServer(each.remedy),
    message:
      'The thumbprint list contains none of the certificates that ci.example.com sends. Logins fail. ci.example.com has a certificate that no public CA issued. According to the AWS documentation, AWS accepts it only if its thumbprint is listed.',
  })),
};
const blind = ((): TargetReport => {
  const target = { ...unseen('b'), roles: ROLES };
  return {
    ...target,
    findings: target.failure === undefined ? [] : evaluateDiscoveryFailure(target.failure, target.issuer),
  };
})();
/** Its certificate ends soon. */
const ending = (digit: string): TargetReport => ({
  ...inSync(digit),
  roles: ROLES,
  chains: inSync(digit).chains.map((chain) => ({
    ...chain,
    certificates: chain.certificates.map((each, index) =>
      index === 0 ? { ...each, notAfter: '2026-12-10T00:00:00.000Z' } : each,
    ),
  })),
});
const expiring = finding(
  'CERT001',
  'medium',
  'oidc.circleci.com: CN=oidc.circleci.com expires on 2026-12-10, in 20 days.',
  RENEW,
);
const keys = describeChange({
  kind: 'keys',
  added: { names: [{ thumbprint: 'abc', kid: 'two', kty: 'RSA' }], more: 0 },
  removed: { names: [], more: 0 },
  published: 2,
});
/** A list that is full of copies of an authority's certificate, which a host has served. */
const full: TargetReport = {
  ...outdated,
  listed: [OLD, ...['2', '3', '4', '5'].map((digit) => digit.repeat(40))],
};
const KNOWN = { anchored: [OLD], known: [OLD, '4'.repeat(40)] };

/** What the evaluation finds for two roles that any project of the org can assume, and one provider without roles. */
function trustOf({ issuer, providerArn }: TargetReport, names: readonly string[]): readonly Finding[] {
  const arn = providerArn ?? '';
  const org = arn.slice(-36);
  const condition = {
    StringEquals: { [keyOf(arn, 'aud')]: org },
    StringLike: { [keyOf(arn, 'sub')]: `org/${org}/project/*` },
  };
  const roles = names.map((name) => roleWith(arn, name, policyOf(allow(arn, condition))));
  return trustOfTarget({
    target: { issuer, providerArn, configured: true },
    exists: true,
    audiences: [org],
    sameOrg: [],
    index: indexRoles(roles),
  }).findings;
}

const severe = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity === 'high' || severity === 'low');

const ended = (check: CheckId, subjects: readonly string[] = []): readonly Finding[] => {
  const track: Pick<Track, 'findings' | 'more'> = {
    findings: (subjects.length === 0 ? [null] : subjects).map((subject) => ({
      check,
      severity: 'medium',
      subject,
    })),
    more: 0,
  };
  return resolvedFindings(track);
};

/** One of many providers that no role uses. */
function unused(index: number): TargetReport {
  const org = (text: string): string => text.replace('eeeeeeee', `eeeeee${String(index).padStart(2, '0')}`);
  const target = inSync('e');
  return { ...target, issuer: org(target.issuer), providerArn: org(target.providerArn ?? '') };
}

/** Of each kind, in the order of the kinds. */
const EACH: Readonly<Record<Exclude<EventType, 'test'>, readonly Notification[]>> = {
  'drift.firing': [notify('drift.firing', failing)],
  'unknown.firing': [notify('unknown.firing', blind)],
  'finding.firing': [notify('finding.firing', ending('a'), [expiring])],
  'update.refused': GUARDS.filter(({ id }) => id === 'room').map((room) =>
    notify('update.refused', full, [refusalFinding(full, room, [RSA, ECDSA], KNOWN)]),
  ),
  updated: [
    updatedNotification(
      outdated,
      { before: [OLD], list: [OLD, RSA, ECDSA], added: [RSA, ECDSA], isVisible: true, by: 'monitor' },
      NOW,
    ),
  ],
  'keys.changed': [notify('keys.changed', { ...inSync('a'), roles: ROLES }, [keys])],
  'drift.reminder': [notify('drift.reminder', failing)],
  'unknown.reminder': [notify('unknown.reminder', blind)],
  'finding.reminder': [
    notify('finding.reminder', inSync('c'), severe(trustOf(inSync('c'), ['deploy-prod']))),
  ],
  'drift.resolved': [notify('drift.resolved', { ...inSync('a'), roles: ROLES }, ended('THUMB001'))],
  'finding.resolved': [notify('finding.resolved', { ...inSync('a'), roles: ROLES }, ended('CERT001'))],
  'unknown.resolved': [notify('unknown.resolved', { ...inSync('b'), roles: ROLES }, ended('DISC001'))],
};

const MAILS: Readonly<Record<string, readonly Notification[]>> = {
  ...EACH,
  'drift.no-login': [notify('drift.firing', outdated)],
  'finding.role': [notify('finding.firing', inSync('c'), severe(trustOf(inSync('c'), ['deploy-prod'])))],
  'finding.account': [notify('finding.firing', null, [NOBODY])],
  'two-findings': [
    notify('drift.firing', failing),
    notify('finding.firing', inSync('c'), severe(trustOf(inSync('c'), ['deploy-prod']))),
  ],
  'five-findings': [
    notify('drift.firing', failing),
    notify('unknown.firing', blind),
    notify('finding.firing', inSync('c'), [
      ...severe(trustOf(inSync('c'), ['deploy-prod', 'deploy-staging'])),
      expiring,
    ]),
    notify('finding.firing', inSync('d'), severe(trustOf(inSync('d'), []))),
  ],
  'hundred-unused-providers': [
    notify('finding.firing', null, [NOBODY]),
    ...Array.from({ length: 100 }, (_, index) => {
      const target = unused(index);
      return notify('finding.firing', target, severe(trustOf(target, [])));
    }),
  ],
};

/** Beside each recorded mail: what a reader must be able to answer. */
const ANSWERS = v.strictObject({
  whatHappened: v.string(),
  doLoginsFail: v.picklist(['yes', 'no', 'not known']),
  whoIsAffected: v.array(v.string()),
  whatToDo: v.array(v.string()),
});
const EFFECTS = { yes: 'fail', no: 'none', 'not known': 'unknown' } as const;

const answersOf = (name: string): v.InferOutput<typeof ANSWERS> =>
  v.parse(
    ANSWERS,
    JSON.parse(readFileSync(join(__dirname, '../../golden/mail', `${name}.answers.json`), 'utf8')),
  );

function messageOf(notifications: readonly Notification[]): AlertMessage | null {
  const targets = notifications.flatMap(({ target }) => (target === null ? [] : [target]));
  // One more is in sync, or nothing could have been audited.
  const report = reportOf([...targets, inSync('f')]);
  return composeAlert(notifications, contextOf(report, { accountName: 'prod' }));
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

function expectMail(name: string, { subject, email }: Pick<AlertMessage, 'subject' | 'email'>): void {
  expectGolden(`mail/${name}.txt`, `Subject: ${subject}\n\n${email}`);
  expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  expect(subject).toContain('(account prod 123456789012)');
  // Neither commands nor a single long name can be broken.
  const prose = email
    .replaceAll(/^cat > \S+ <<'EOF'\n[^]*?\nEOF$/gm, '')
    .split('\n')
    .filter((line) => line.trim().includes(' ') && !/arn:|https:|--/.test(line));
  expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(78);
  const answers = answersOf(name);
  expect(email.split('\n').slice(0, 3)).toContain(STATEMENTS[EFFECTS[answers.doLoginsFail]]);
  for (const words of [answers.whatHappened, ...answers.whoIsAffected, ...answers.whatToDo])
    expect(oneLine(email)).toContain(words);
}

describe('the example mail', () => {
  it.each(Object.entries(MAILS))(
    '%s is as recorded and gives the recorded answers',
    (name, notifications) => {
      expectMail(name, messageOf(notifications) ?? { subject: '', email: '' });
    },
  );

  it('test is as recorded and gives the recorded answers', () => {
    expectMail('test', composeTest(reportOf([]), 'prod'));
  });

  it('exists for each kind', () => {
    expect([...Object.keys(EACH), 'test']).toEqual(GRAVITY);
  });

  it('about 100 unused providers names each, in one paragraph', () => {
    const { email, omitted } = messageOf(MAILS['hundred-unused-providers'] ?? []) ?? {
      email: '',
      omitted: null,
    };
    expect(omitted).toEqual([]);
    expect(email.split('\n').length).toBeLessThan(180);
    expect(
      Array.from({ length: 100 }, (_, index) => `${unused(index).issuer}\n`).filter(
        (one) => !email.includes(one),
      ),
    ).toEqual([]);
  });
});

describe('a mail about what is resolved', () => {
  it.each(['drift.resolved', 'finding.resolved', 'unknown.resolved'] as const)(
    '(%s) has no severity in its subject, and says what is resolved',
    (eventType) => {
      const { subject, email } = messageOf(EACH[eventType]) ?? { subject: '', email: '' };
      expect(subject).toMatch(/^Resolved: /);
      expect(email).toContain('Resolved');
      expect(email).not.toMatch(/\[(info|low|medium|high|critical)\]/);
    },
  );
});
