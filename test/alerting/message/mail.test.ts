import { describe, expect, it } from '@jest/globals';
import { composeMail } from '../../../lambda/alerting/message/mail';
import type { MailContent } from '../../../lambda/alerting/message/mail';
import type { Notification } from '../../../lambda/domain/notification';
import type { TargetReport } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import { OLD, drifted, finding, inSync, issuerOf, unseen } from '../../support/reports';
import { told } from '../../support/told';

/** A mail in its parts: the text before the first heading, and below each, each paragraph in one line. */
function parts(
  notifications: readonly Notification[],
  more: Partial<MailContent> = {},
  most = Infinity,
): Readonly<Record<string, readonly string[]>> {
  const { text } = composeMail(
    { notifications, remarks: [], failures: [], isBlind: false, ...more },
    { most, names: Infinity, characters: Infinity },
  );
  expect(text).toMatch(/[^\n]\n$/);
  const paragraphs = text
    .trimEnd()
    .split('\n\n')
    .map((each) => each.replaceAll(/\s+/g, ' ').trim());
  const found: Record<string, string[]> = { VERDICTS: [] };
  let heading = 'VERDICTS';
  for (const each of paragraphs) {
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

describe('mail: the beginning', () => {
  it('says that nothing could be checked, then lists verdicts, failures and notes, each once', () => {
    const failures = [
      failure('iam', 'AWS_THROTTLED', 'AWS throttled.'),
      failure('sns', 'AWS_ACCESS_DENIED', 'AWS refused.'),
      failure('state', 'AWS_THROTTLED', 'AWS throttled.'),
    ];
    const mail = parts([found()], {
      isBlind: true,
      failures,
      remarks: ['Nothing is remembered.', 'It ends.'],
    });
    expect(mail['VERDICTS']).toEqual([
      'The monitor could not check anything.',
      'It ends.',
      'AWS throttled.',
      'AWS refused.',
      'Nothing is remembered.',
    ]);
    expect(mail['WHAT TO DO']).toEqual([
      'Renew it.',
      'For each code see docs/runbook.md: AWS_THROTTLED, AWS_ACCESS_DENIED.',
    ]);
    expect(mail['READ MORE']).toEqual([
      'docs/findings.md: CERT001. docs/runbook.md: AWS_ACCESS_DENIED, AWS_THROTTLED.',
    ]);
  });

  it('is sorted by severity, then by kind, and ends with the attached low findings', () => {
    const mail = parts([
      found({ severity: 'low', findings: [finding('CERT001', 'low', 'Low.')] }),
      told('keys.changed', { findings: keys }),
      told('drift.resolved', { target: inSync('b') }),
      found(),
      told('unknown.firing', { target: unseen('c'), findings: unseen('c').findings }),
    ]);
    expect(mail['VERDICTS']?.map((words) => words.slice(0, 30))).toEqual([
      'It ends.',
      `Your CircleCI provider for ${issuerOf('c')}`.slice(0, 30),
      'New keys.',
      `Your CircleCI provider for ${issuerOf('b')}`.slice(0, 30),
      'Low.',
    ]);
  });
});

describe('mail: one batch', () => {
  const verdictsOf = (...notifications: readonly Notification[]): readonly string[] =>
    parts(notifications)['VERDICTS'] ?? [];
  const drift = (digit: string, change: Partial<TargetReport> = {}): Notification => {
    const target = { ...drifted(digit), ...change };
    return told('drift.firing', { target, findings: target.findings });
  };

  it('groups drift of one cause, whatever its messages and documents say', () => {
    const words = drifted('b').findings.map((each) => ({ ...each, message: 'Other words.' }));
    const disc = finding('DISC004', 'high', 'Slow.');
    const target = { ...drifted('c'), findings: [...drifted('c').findings, disc] };
    expect(
      verdictsOf(
        drift('a'),
        drift('b', { findings: words }),
        told('drift.firing', { target, findings: target.findings }),
      ),
    ).toHaveLength(1);
    expect(verdictsOf(drift('a'), drift('b', { listed: ['1'.repeat(40)] }))).toHaveLength(2);
    const others = [finding('THUMB002', 'low', 'Some are missing.')];
    expect(verdictsOf(drift('a'), drift('b', { findings: others }))).toHaveLength(2);
    expect(verdictsOf(drift('a'), told('drift.reminder', { target: drifted('b') }))).toHaveLength(2);
  });

  it('groups findings of the same text', () => {
    const of = (digit: string, ...findings: Notification['findings']): Notification =>
      found({ target: inSync(digit), findings });
    expect(verdictsOf(of('a', ends), of('b', ends))).toEqual([
      `For ${issuerOf('a')} and 1 more:`,
      'It ends.',
    ]);
    expect(verdictsOf(of('a', ends), of('b', { ...ends, severity: 'high', remedy: 'x' }))).toHaveLength(2);
    expect(verdictsOf(of('a', ends), of('b', { ...ends, message: 'Soon.' }))).toEqual(['It ends.', 'Soon.']);
    expect(verdictsOf(of('a', ends), of('b', { ...ends, check: 'CERT002' }), of('c', ends))).toEqual([
      `For ${issuerOf('a')} and 1 more:`,
      'It ends.',
    ]);
  });

  it('of the account is separate from those of targets, and from others of the account', () => {
    const account = found({ target: null });
    expect(verdictsOf(account, found())).toEqual(['It ends.']);
    expect(parts([account, found()])['EVIDENCE']).toHaveLength(1);
    expect(verdictsOf(account, { ...account, findings: [{ ...ends, message: 'Soon.' }] })).toEqual([
      'It ends.',
      'Soon.',
    ]);
  });

  it('is written in full only as often as there is room', () => {
    const many = [drift('a'), found(), told('keys.changed', { findings: keys })];
    const short = parts(many, {}, 1);
    expect(short['VERDICTS']).toHaveLength(1);
    expect(short['READ MORE']).toEqual(['docs/findings.md: CERT001.']);
    const name = issuerOf('a').replace('https://', '');
    expect(short['ALSO FOUND']).toEqual([`low THUMB001: ${name}`, `info JWKS002: ${name}`]);
    expect(parts(many, {}, 2)['ALSO FOUND']).toHaveLength(1);
    expect(parts(many, {}, 3)).not.toHaveProperty('ALSO FOUND');
    expect(parts(many, {}, 3)['READ MORE']).toEqual(['docs/findings.md: CERT001, JWKS002, THUMB001.']);
  });
});

describe('mail: the section on remedies', () => {
  it('is empty if the problem is resolved, or if there is no remedy', () => {
    for (const one of [found({ eventType: 'finding.resolved' }), found({ findings: keys })]) {
      expect(parts([one])['WHAT TO DO']).toEqual(['Nothing.']);
    }
  });

  it('has a Terraform remedy once, if a list drifts and has room', () => {
    const [remedy, , terraform, list] = parts([told('drift.firing')])['WHAT TO DO'] ?? [];
    expect(remedy).toBe('List the certificates that are served now, beside those listed before:');
    expect(terraform).toBe('Or, where Terraform keeps the list (aws_iam_openid_connect_provider):');
    expect(list).toContain(`thumbprint_list = [ "${OLD}",`);
    const full = { ...drifted('a'), listed: Array.from('1234', (digit) => digit.repeat(40)) };
    const words = (target: TargetReport | null, eventType: Notification['eventType']): string =>
      (parts([told(eventType, { target })])['WHAT TO DO'] ?? []).join(' ');
    expect(words(full, 'drift.firing')).not.toContain('Terraform');
    expect(words(full, 'drift.firing')).toBe(words(full, 'finding.firing'));
    expect(words(drifted('a'), 'drift.reminder')).toContain('Terraform');
    expect(words(drifted('a'), 'finding.firing')).not.toContain('Terraform');
    expect(words(null, 'drift.firing')).not.toContain('Terraform');
  });
});

describe('mail: the explanation', () => {
  it.each(['drift.firing', 'drift.reminder'] as const)('of %s says more than its verdict', (eventType) => {
    const target = drifted('a');
    expect(parts([told(eventType, { target, findings: [ends, open, ends] })])['WHY']).toEqual([
      'It ends.',
      'A role is open.',
    ]);
  });

  it.each(['drift.resolved', 'finding.firing', 'unknown.firing', 'keys.changed'] as const)(
    'of %s is the text of the finding',
    (eventType) => {
      expect(parts([told(eventType)])).not.toHaveProperty('WHY');
    },
  );
});

describe('mail: the evidence', () => {
  const evidenceOf = (...notifications: readonly Notification[]): string =>
    (parts(notifications)['EVIDENCE'] ?? []).join(' ');

  it.each<[string, Notification, boolean]>([
    ['drift', told('drift.firing'), true],
    ['the end of drift', told('drift.resolved', { findings: [open] }), true],
    ['what could not be seen', told('unknown.firing', { findings: [] }), true],
    ['a certificate', found(), true],
    ['a network', found({ findings: [finding('NET001', 'high', 'x')] }), true],
    ['a list', found({ findings: [open, finding('THUMB005', 'high', 'x')] }), true],
    ['a role', found({ findings: [open] }), false],
    ['keys', told('keys.changed', { findings: keys }), false],
  ])('of %s has lists and chains if they prove something', (_, one, holds) => {
    expect(evidenceOf(one).includes('served by oidc.circleci.com')).toBe(holds);
  });

  it('covers each target of the batch', () => {
    const target = { ...inSync('a'), findings: [ends, open] };
    const other = { ...inSync('b'), findings: [open] };
    const text = evidenceOf(found({ target }), found({ target: other }));
    expect(text).toContain(
      `in-sync: ${issuerOf('a')} in-sync: ${issuerOf('b')} since 2026-11-24 06:00 UTC CERT001 (medium)`,
    );
    expect(text).not.toContain('TRUST001');
  });

  it('is absent for findings without a target', () => {
    expect(parts([found({ target: null })])).not.toHaveProperty('EVIDENCE');
  });
});

describe('mail: the pointer to more details', () => {
  it.each<[string, readonly Notification[], string]>([
    [
      'of findings, each once, in order',
      [found({ findings: [open, ends, open] })],
      'docs/findings.md: CERT001, TRUST001.',
    ],
    [
      'of what could not be seen',
      [told('unknown.firing', { target: unseen('a'), findings: [] })],
      'docs/runbook.md: TCP_TIMEOUT.',
    ],
    [
      'of nothing in particular',
      [told('unknown.firing', { target: null, findings: [] })],
      'docs/runbook.md.',
    ],
  ])('%s', (_, notifications, words) => {
    expect(parts(notifications)['READ MORE']).toEqual([words]);
  });
});

it('lets foreign text add no lines', () => {
  const { text } = composeMail(
    { notifications: [found()], remarks: ['a\u202eb'], failures: [], isBlind: false },
    { most: 1, names: Infinity, characters: Infinity },
  );
  expect(text).toContain('a\\u{202e}b');
  expect(text).not.toContain('\u202e');
});
