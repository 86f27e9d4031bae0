import { describe, expect, it } from '@jest/globals';
import { composeMail } from '../../../lambda/alerting/message/mail';
import { topicsOf } from '../../../lambda/alerting/message/topic';
import type { MailContent, MailRoom } from '../../../lambda/alerting/message/mail';
import { failure } from '../../../lambda/domain/errors';
import { LOGINS_FAIL, LOGINS_UNKNOWN, NO_LOGIN_AFFECTED } from '../../../lambda/domain/logins';
import type { Notification } from '../../../lambda/domain/notification';
import type { Finding, TargetReport } from '../../../lambda/domain/types';
import { correctedPolicySteps } from '../../../lambda/remedies/remedy';
import { OLD, RSA, drifted, finding, inSync, issuerOf, unseen } from '../../support/reports';
import { told } from '../../support/told';

const ROOM: MailRoom = { isBrief: false, most: Infinity, names: Infinity, characters: Infinity, policies: 5 };
const PROD = { id: '123456789012', name: 'prod' };

const compose = (
  notifications: readonly Notification[],
  more: Partial<MailContent> = {},
  room: Partial<MailRoom> = {},
) =>
  composeMail(
    {
      topics: topicsOf(notifications),
      alsoFailing: [],
      remarks: [],
      failures: [],
      skipped: [],
      isBlind: false,
      account: PROD,
      docsUrl: null,
      ...more,
    },
    { ...ROOM, ...room },
  );

/** A mail in its parts: the text before the first heading, and below each, each paragraph in one line. */
function parts(...given: Parameters<typeof compose>): Readonly<Record<string, readonly string[]>> {
  const { text } = compose(...given);
  expect(text).toMatch(/[^\n]\n$/);
  const [head = '', ...paragraphs] = text.trimEnd().split('\n\n');
  const found: Record<string, string[]> = { HEAD: head.split('\n'), TEXT: [] };
  let heading = 'TEXT';
  for (const each of paragraphs.map((one) => one.replaceAll(/\s+/g, ' ').trim())) {
    if (/^[A-Z ]+$/.test(each)) found[(heading = each)] = [];
    else found[heading]?.push(each);
  }
  return found;
}

const ends = finding('CERT001', 'medium', 'It ends.', 'Renew it.');
const open = finding('TRUST001', 'high', 'A role is open.', 'Close it.');
const found = (changes: Partial<Notification> = {}): Notification =>
  told('finding.firing', { severity: 'medium', target: inSync('a'), findings: [ends], ...changes });
const keys = [finding('JWKS002', 'info', 'New keys.', '')];
const BEGAN = 'First found at 2026-11-24 06:00 UTC.';
const roles = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `arn:aws:iam::123456789012:role/ci/${name}`);

describe('mail: the first lines', () => {
  const headOf = (...given: Parameters<typeof compose>): readonly string[] => parts(...given)['HEAD'] ?? [];
  const drift = (changes: Partial<TargetReport>, severity: 'critical' | 'low' = 'low'): Notification => {
    const target = { ...drifted('a'), ...changes };
    return told('drift.firing', {
      severity,
      target,
      findings: target.findings.map((one) => ({ ...one, severity })),
    });
  };

  it.each<[string, Notification, string]>([
    ['drift that AWS enforces', drift({ enforced: true }, 'critical'), LOGINS_FAIL],
    ['drift of a part that AWS enforces', drift({ enforced: true }), LOGINS_UNKNOWN],
    ['drift that AWS may enforce', drift({ enforced: null }), LOGINS_UNKNOWN],
    ['drift that AWS does not enforce', drift({ enforced: false }), NO_LOGIN_AFFECTED],
    ['a failed check', told('unknown.firing', { target: unseen('a'), findings: [] }), LOGINS_UNKNOWN],
    ['an open role', found({ findings: [open] }), NO_LOGIN_AFFECTED],
    ['an expired certificate', found({ findings: [finding('CERT005', 'critical', 'x')] }), LOGINS_FAIL],
    ['a missing provider', found({ findings: [finding('PROV001', 'high', 'x')] }), LOGINS_FAIL],
    [
      'a policy that refuses every token',
      found({ findings: [finding('TRUST007', 'high', `x ${LOGINS_FAIL}`)] }),
      LOGINS_FAIL,
    ],
    [
      'a policy that refuses some tokens',
      found({ findings: [finding('TRUST007', 'medium', 'x')] }),
      LOGINS_UNKNOWN,
    ],
    ['keys', told('keys.changed', { findings: keys }), NO_LOGIN_AFFECTED],
    ['what is resolved', told('drift.resolved', { target: inSync('a') }), NO_LOGIN_AFFECTED],
    [
      'what is resolved beside another problem',
      told('drift.resolved', { target: { ...inSync('a'), findings: [finding('CERT005', 'critical', 'x')] } }),
      LOGINS_FAIL,
    ],
    [
      'an update that is not visible yet',
      told('updated', {
        findings: [
          {
            ...ends,
            change: {
              kind: 'list-updated',
              before: [],
              list: [RSA],
              added: [RSA],
              isVisible: false,
              by: 'monitor',
            },
          },
        ],
      }),
      LOGINS_UNKNOWN,
    ],
    [
      'a refused update',
      told('update.refused', { target: { ...drifted('a'), enforced: null } }),
      LOGINS_UNKNOWN,
    ],
  ])('say whether logins fail: %s', (_, notification, statement) => {
    expect(headOf([notification]).slice(0, 3)).toContain(statement);
  });

  it('state the worst of several, without attached low findings', () => {
    const low = found({ severity: 'low', findings: [finding('TRUST006', 'low', 'x')] });
    expect(headOf([found(), low])).toContain(NO_LOGIN_AFFECTED);
    expect(headOf([low])).toContain(LOGINS_UNKNOWN);
    expect(headOf([low, found(), drift({ enforced: true }, 'critical')])).toContain(LOGINS_FAIL);
  });

  it('name host and account, and the roles that trust the provider', () => {
    expect(headOf([drift({ roles: roles('deploy-prod', 'plan') })])).toEqual([
      'Outdated thumbprints, no login affected: oidc.circleci.com',
      '(account prod 123456789012)',
      NO_LOGIN_AFFECTED,
      'Roles that use it: deploy-prod, plan',
    ]);
    expect(headOf([drift({ enforced: true, roles: roles('deploy-prod') }, 'critical')])).toEqual([
      'AWS logins fail: oidc.circleci.com (account prod 123456789012)',
      LOGINS_FAIL,
      'Affected roles: deploy-prod',
    ]);
  });

  it('name the role that a finding is about, and as many roles as one line has room for', () => {
    const [arn = ''] = roles('deploy-prod');
    expect(headOf([found({ severity: 'high', findings: [{ ...open, subject: arn }] })])).toEqual([
      'Role deploy-prod is open to any CircleCI project (account prod 123456789012)',
      NO_LOGIN_AFFECTED,
      'Roles: deploy-prod',
    ]);
    const many = roles(...Array.from({ length: 30 }, (_, index) => `role-number-${index}`));
    const line = headOf([drift({ roles: many })]).at(-1) ?? '';
    expect(line).toMatch(/^Roles that use it: role-number-0, .* and \d+ more$/);
    expect(line.length).toBeLessThanOrEqual(78);
  });

  it('name other issuers whose logins still fail', () => {
    const [, statement, others] = headOf([told('drift.resolved', { target: inSync('a') })], {
      alsoFailing: ['https://ci.example.com'],
    }).slice(-3);
    expect(statement).toBe(NO_LOGIN_AFFECTED);
    expect(others).toBe('Logins still fail at other issuers: https://ci.example.com.');
  });

  it('say that nothing could be checked', () => {
    expect(headOf([told('unknown.firing', { target: unseen('a') })], { isBlind: true })).toEqual([
      'Nothing could be checked (account prod 123456789012)',
      LOGINS_UNKNOWN,
    ]);
  });
});

describe('mail: the text', () => {
  it('ends with failures and remarks, each once', () => {
    const failures = [
      failure('iam', 'AWS_THROTTLED', 'AWS throttled.'),
      failure('sns', 'AWS_ACCESS_DENIED', 'AWS refused.'),
    ];
    const mail = parts([found()], { failures, remarks: ['The state could not be read.'] });
    expect(mail['TEXT']).toEqual([
      `It ends. ${BEGAN}`,
      issuerOf('a'),
      'AWS throttled.',
      'AWS refused.',
      'The state could not be read.',
    ]);
    expect(mail['WHAT TO DO']).toEqual([
      'Renew it.',
      'Look up AWS_THROTTLED, AWS_ACCESS_DENIED in the runbook.',
    ]);
    expect(mail['REFERENCE']).toEqual([
      'Checks: CERT001.',
      'Failure codes: AWS_ACCESS_DENIED, AWS_THROTTLED.',
    ]);
  });

  it('has each topic under its outcome: by severity, then by kind, the attached low ones last', () => {
    const mail = parts([
      found({ severity: 'low', findings: [finding('PROV004', 'low', 'Low.')] }),
      told('keys.changed', { findings: keys }),
      told('drift.resolved', { target: inSync('b') }),
      found(),
      told('unknown.firing', { severity: 'high', target: unseen('c'), findings: unseen('c').findings }),
    ]);
    const labels = (mail['TEXT'] ?? []).flatMap(
      (words) => /^\d\. (.*?)(?<!Resolved): /.exec(words)?.[1] ?? [],
    );
    expect(labels).toEqual([
      '[high] Not checked',
      '[medium] Certificate expires soon',
      '[info] Signing keys changed',
      'Resolved: outdated thumbprints',
      '[low] No role uses the provider',
    ]);
  });

  it('lists the roles that depend on an outdated list', () => {
    const target = {
      ...drifted('a'),
      roles: roles(...Array.from({ length: 22 }, (_, index) => `r${index}`)),
    };
    const [listed] = parts([told('drift.firing', { target, findings: target.findings })])['ROLES'] ?? [];
    expect(listed?.split(' ').filter((word) => word.startsWith('arn:'))).toHaveLength(20);
    expect(listed).toMatch(/ and 2 more$/);
    expect(parts([told('drift.resolved', { target })])).not.toHaveProperty('ROLES');
  });

  it('groups drift of one cause, whatever its messages and documents say', () => {
    const drift = (digit: string, changes: Partial<TargetReport> = {}): Notification => {
      const target = { ...drifted(digit), ...changes };
      return told('drift.firing', { target, findings: target.findings });
    };
    const topics = (...notifications: readonly Notification[]): number =>
      (parts(notifications)['TEXT'] ?? []).filter((words) => words.includes('Your ')).length;
    const words = drifted('b').findings.map((each) => ({ ...each, message: 'Other words.' }));
    const slow = [...drifted('c').findings, finding('DISC004', 'high', 'Slow.')];
    expect(topics(drift('a'), drift('b', { findings: words }), drift('c', { findings: slow }))).toBe(1);
    expect(topics(drift('a'), drift('b', { listed: ['1'.repeat(40)] }))).toBe(2);
    expect(topics(drift('a'), told('drift.reminder', { target: drifted('b') }))).toBe(2);
  });
});

describe('mail: a limit of explained topics', () => {
  const many = [told('drift.firing'), found(), told('keys.changed', { findings: keys })];

  it('lists the others', () => {
    const short = parts(many, {}, { most: 1 });
    expect(short['TEXT']).toEqual([`It ends. ${BEGAN}`, issuerOf('a')]);
    expect(short['ALSO FOUND']).toEqual([
      `low THUMB001: outdated thumbprints: ${issuerOf('a')}`,
      `info JWKS002: signing keys changed: ${issuerOf('a')}`,
    ]);
    expect(parts(many, {}, { most: 3 })).not.toHaveProperty('ALSO FOUND');
  });

  it('counts and returns what there is no room to name', () => {
    const { text, omitted } = compose(many, {}, { most: 1, names: 1 });
    expect(omitted.map((entry) => entry.finding?.check)).toEqual(['JWKS002']);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Left out because the message is too long: 1 more finding.',
    );
    expect(text.replaceAll(/\s+/g, ' ')).toContain('thumbprint-monitor audit --output json');
  });
});

describe('mail: what to do', () => {
  it('is nothing if the problem is resolved, or if there is no remedy', () => {
    for (const one of [found({ eventType: 'finding.resolved' }), found({ findings: keys })])
      expect(parts([one])['WHAT TO DO']).toEqual(['Nothing.']);
  });

  it('has each command directly under its own sentence', () => {
    const first = finding('CERT001', 'medium', 'One.', 'First:\naws one\n\nSecond:\naws two\n\nThird.');
    const other = { ...first, message: 'Two.', remedy: 'First:\naws three\n\nSecond:\naws two' };
    const steps = parts([found({ findings: [first] }), found({ target: inSync('b'), findings: [other] })]);
    expect(steps['WHAT TO DO']).toEqual(['First:', 'aws one', 'aws three', 'Second:', 'aws two', 'Third.']);
  });

  it('names the provider or role of each remedy if there are several topics', () => {
    const [arn = ''] = roles('deploy-prod');
    expect(parts([found(), found({ findings: [{ ...open, subject: arn }] })])['WHAT TO DO']).toEqual([
      '1. [high] Role deploy-prod is open to any CircleCI project Close it.',
      '2. [medium] Certificate expires soon: oidc.circleci.com Renew it.',
    ]);
  });

  const openRole = (check: 'TRUST001' | 'TRUST002', severity: 'critical' | 'high', name: string): Finding => {
    const arn = `arn:aws:iam::123456789012:role/${name}`;
    const document = `{\n  "Statement": "${name}"\n}`;
    const steps = correctedPolicySteps(arn, { document, placeholders: [], length: 100 });
    return { ...finding(check, severity, `${name} is open.`, `Limit it.\n\n${steps}`), subject: arn };
  };
  const documentsIn = (text: string): readonly string[] =>
    [...text.matchAll(/^cat > trust-policy-(\S+)\.json <<'EOF'\n\{\n {2}"Statement": "\1"\n\}\nEOF$/gm)].map(
      ([, name = '']) => name,
    );
  const MORE = 'To see the corrected policies of the other roles: thumbprint-monitor audit --output markdown';

  it('has the corrected policies of the five worst roles, which can be pasted, and a command for the rest', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const critical = names.slice(0, 3).map((name) => openRole('TRUST001', 'critical', name));
    const high = names.slice(3).map((name) => openRole('TRUST002', 'high', name));
    const { text } = compose([found({ severity: 'critical', findings: [...high, ...critical] })]);
    expect(documentsIn(text)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(text.match(/--role-name \w/g)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => `--role-name ${name}`),
    );
    expect(text.replaceAll(/\s+/g, ' ').split(MORE)).toHaveLength(2);
    for (const name of names) expect(text).toContain(`role/${name}`);
    const few = compose([found({ severity: 'critical', findings: [...critical, ...high.slice(0, 2)] })]);
    expect(documentsIn(few.text)).toHaveLength(5);
    expect(few.text).not.toContain('other roles');
  });

  it('has a policy once, if several findings are about one role', () => {
    const both = [openRole('TRUST001', 'critical', 'a'), openRole('TRUST002', 'high', 'a')];
    const { text } = compose([found({ severity: 'critical', findings: both })]);
    expect(documentsIn(text)).toEqual(['a']);
    expect(text).toMatch(/2\. .*\nLimit it\.\n\nThe corrected policy above includes this change\./);
  });

  it('has each command under its sentence, also if another topic has the same sentence', () => {
    const two = [openRole('TRUST001', 'critical', 'a'), openRole('TRUST002', 'high', 'b')];
    const { text } = compose([found({ severity: 'critical', findings: two })]);
    expect(text.match(/Then replace the policy of the role:\n\n {2}aws iam/g)).toHaveLength(2);
    expect(text.match(/Save the corrected trust policy:\n\ncat > /g)).toHaveLength(2);
  });

  it('has no part of a policy, if the mail is cut', () => {
    const many = Array.from({ length: 9 }, (_, index) => openRole('TRUST001', 'critical', `role-${index}`));
    const { text } = compose([found({ severity: 'critical', findings: many })], {}, { characters: 700 });
    expect(text).not.toContain('EOF');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(MORE);
  });

  it('has a Terraform remedy once, if a list drifts and has room', () => {
    const [, , terraform, list] = parts([told('drift.firing')])['WHAT TO DO'] ?? [];
    expect(terraform).toContain('Terraform');
    expect(list).toContain(`thumbprint_list = [ "${OLD}",`);
    const full = { ...drifted('a'), listed: Array.from('1234', (digit) => digit.repeat(40)) };
    const hasTerraform = (target: TargetReport | null, eventType: Notification['eventType']): boolean =>
      (parts([told(eventType, { target })])['WHAT TO DO'] ?? []).join(' ').includes('Terraform');
    expect(hasTerraform(full, 'drift.firing')).toBe(false);
    expect(hasTerraform(drifted('a'), 'drift.reminder')).toBe(true);
    expect(hasTerraform(drifted('a'), 'finding.firing')).toBe(false);
    expect(hasTerraform(null, 'drift.firing')).toBe(false);
  });

  it('proposes to Terraform only certificates that are anchored', () => {
    const target = { ...drifted('a'), proposed: [RSA] };
    const list = parts([told('drift.firing', { target })])['WHAT TO DO']?.at(-1) ?? '';
    expect(list.match(/[0-9a-f]{40}/g)).toEqual([OLD, RSA]);
  });
});

describe('mail: the evidence', () => {
  const evidenceOf = (...notifications: readonly Notification[]): readonly string[] =>
    parts(notifications)['EVIDENCE'] ?? [];

  it.each<[string, Notification, boolean]>([
    ['drift', told('drift.firing'), true],
    ['the end of drift', told('drift.resolved', { findings: [open] }), true],
    ['a failed check', told('unknown.firing', { findings: [] }), true],
    ['a certificate', found(), true],
    ['a network', found({ findings: [finding('NET001', 'high', 'x')] }), true],
    ['a list', found({ findings: [open, finding('THUMB005', 'high', 'x')] }), true],
    ['a role', found({ findings: [open] }), false],
    ['keys', told('keys.changed', { findings: keys }), false],
  ])('of %s is there if lists and chains prove something', (_, one, holds) => {
    expect(evidenceOf(one)).toHaveLength(holds ? 1 : 0);
  });

  it('is there once for each provider, with all checks', () => {
    const [only, ...others] = evidenceOf(told('drift.firing'), found({ target: drifted('a') }));
    expect(others).toEqual([]);
    expect(only).toContain(`${issuerOf('a')} CERT001 (medium) THUMB001 (low)`);
  });

  it('is there once for providers with the same results', () => {
    const evidence = evidenceOf(found(), found({ target: inSync('b') }));
    expect(evidence).toHaveLength(1);
    expect(evidence[0]).toContain(`in-sync: ${issuerOf('a')} in-sync: ${issuerOf('b')} CERT001 (medium)`);
  });

  it('is absent for findings without a target', () => {
    expect(evidenceOf(found({ target: null }))).toEqual([]);
  });
});

describe('mail: where to read more', () => {
  it('links to each check and code if the documentation has a URL', () => {
    const one = told('unknown.firing', { target: unseen('a'), findings: unseen('a').findings });
    for (const docsUrl of ['https://docs.example.com/monitor', 'https://docs.example.com/monitor/'])
      expect(compose([one], { docsUrl }).text).toContain(
        [
          'READ MORE',
          '',
          'https://docs.example.com/monitor/findings.md#disc001',
          '',
          'https://docs.example.com/monitor/runbook.md#tcp_timeout',
        ].join('\n'),
      );
    expect(compose([one]).text).not.toMatch(/\.md/);
  });

  it('is absent if there is neither a check nor a code', () => {
    const mail = parts([told('unknown.firing', { target: null, findings: [] })]);
    expect(mail).not.toHaveProperty('REFERENCE');
  });
});

it('lets foreign text add no lines', () => {
  const { text } = compose([found()], { remarks: ['a\u202eb'] });
  expect(text).toContain('a\\u{202e}b');
  expect(text).not.toContain('\u202e');
});
