import { describe, expect, it } from '@jest/globals';
import { checkOf } from '../../lambda/domain/checks';
import type { AcceptedFinding } from '../../lambda/config/config';
import type { Finding, Severity, TargetReport } from '../../lambda/domain/types';
import { diary, inShort } from '../support/diary';
import type { Look, Page } from '../support/diary';
import { ECDSA, OLD, RSA, drifted, finding, inSync, issuerOf, unseen } from '../support/reports';

const NEW = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

/** A list of 2022, and a host that serves these. */
const serving = (expected: readonly string[], severity: Severity = 'low'): TargetReport => ({
  ...drifted('a'),
  expected: [...expected].sort(),
  enforced: severity === 'critical',
  findings: [finding('THUMB001', severity, `Drift to ${expected.join(' ')}.`)],
});
const holding = (...findings: readonly Finding[]): TargetReport => ({ ...inSync('a'), findings });
const soon = finding('CERT001', 'medium', 'It expires soon.');
const entry = finding('THUMB004', 'info', 'An entry is odd.');

/** Runs at 6-hour steps; a short record of what each sends. */
function days(
  reports: readonly TargetReport[],
  more: Omit<Page, 'hour' | 'looks'> = {},
): readonly string[][] {
  const { say } = diary();
  return reports.map((report, index) => [...say({ ...more, hour: index * 6, looks: [{ report }] })]);
}
const times = <T>(amount: number, one: T): readonly T[] => Array.from({ length: amount }, () => one);

describe('decide: a thousand roles with findings', () => {
  const role = (index: number): Finding => ({
    ...finding('TRUST002', 'high', `Role ${index} is open. ${'x'.repeat(450)}`, 'y'.repeat(600)),
    subject: `arn:aws:iam::123456789012:role/${String(index).padStart(40, 'r')}`,
  });
  const roles = Array.from({ length: 1_000 }, (_, index) => role(index));

  it('are alerted one by one, saved in an item within the limit of DynamoDB, and repeated in reminders', () => {
    const { run } = diary();
    const at = (hour: number, ...findings: readonly Finding[]): ReturnType<typeof run> =>
      run({ hour, looks: [{ report: holding(...findings) }] });
    const first = at(0, ...roles);
    expect(first.notifications.flatMap(({ findings }) => findings)).toHaveLength(1_000);
    for (const memory of first.targets.values()) {
      expect(Buffer.byteLength(JSON.stringify(memory))).toBeLessThan(390 * 1024);
    }
    expect(at(6, ...roles).notifications).toEqual([]);
    at(12);
    const over = at(18).notifications.flatMap(({ eventType, findings }) =>
      findings.map(({ message }) => `${eventType} ${message.slice(0, 32)}`),
    );
    expect(over).toEqual([`finding.resolved Resolved: ${checkOf('TRUST002').problem.slice(0, 22)}`]);
  });
});

describe('decide: the first run', () => {
  it('alerts everything at once, with low and info findings attached', () => {
    const { say } = diary();
    const looks = [
      { report: drifted('a') },
      { report: unseen('b') },
      { report: { ...inSync('c'), findings: [soon, entry] } },
    ];
    expect(say({ hour: 0, looks })).toEqual([
      'drift.firing a',
      'unknown.firing b',
      'finding.firing c CERT001 THUMB004',
    ]);
    expect(say({ hour: 6, looks })).toEqual([]);
  });

  it('sends nothing if there are only low and info findings', () => {
    expect(days([holding(entry), holding(entry), holding(entry)])).toEqual([[], [], []]);
  });

  it('repeats until there is a recipient, and marks nothing as alerted', () => {
    const { run } = diary();
    const page = { looks: [{ report: drifted('a') }], recipients: 0 };
    const said = [0, 6, 12].map((hour) => run({ ...page, hour }));
    expect(said.map(({ notifications }) => notifications.map(inShort))).toEqual(
      times(3, ['drift.firing a', 'finding.firing account OPS001']),
    );
    const tracks = said.flatMap(({ targets, account }) => [
      ...[...targets.values()].flatMap((memory) => memory.tracks),
      ...(account?.tracks ?? []),
    ]);
    expect(tracks.map(({ notified }) => notified)).toEqual(times(6, null));
    const heard = run({ ...page, hour: 18, recipients: 1 });
    expect(heard.notifications.map(inShort)).toEqual(['drift.firing a']);
    expect(run({ ...page, hour: 24, recipients: 1 }).notifications).toEqual([]);
  });

  it('is every run without saved state', () => {
    expect(days(times(3, drifted('a')), { stateless: true })).toEqual(times(3, ['drift.firing a']));
  });

  it('of a new target is not the first run of the monitor: its drift waits for a second one', () => {
    const { say } = diary();
    say({ hour: 0, looks: [{ report: inSync('b') }] });
    const looks = [{ report: inSync('b') }, { report: drifted('a') }];
    expect([6, 12].map((hour) => say({ hour, looks }))).toEqual([[], ['drift.firing a']]);
  });
});

describe('decide: drift', () => {
  const calm = [inSync('a')];

  it.each<[string, readonly TargetReport[], readonly (readonly string[])[]]>([
    [
      'speaks by itself although it is low, once',
      [...calm, ...times(4, serving([NEW]))],
      [[], [], ['drift.firing a'], [], []],
    ],
    [
      'speaks again of another certificate',
      [...calm, ...times(3, serving([NEW])), ...times(3, serving([NEW, OTHER]))],
      [[], [], ['drift.firing a'], [], [], ['drift.firing a'], []],
    ],
    [
      'speaks again where it becomes critical',
      [...calm, ...times(3, serving([NEW])), ...times(2, serving([NEW], 'critical'))],
      [[], [], ['drift.firing a'], [], [], ['drift.firing a']],
    ],
    [
      'is over two runs after the list was corrected',
      [
        ...calm,
        ...times(2, serving([NEW])),
        ...times(3, { ...inSync('a'), listed: [RSA, ECDSA, NEW], expected: [NEW] }),
      ],
      [[], [], ['drift.firing a'], [], ['drift.resolved a'], []],
    ],
    [
      'is not caused nor ended by runs that saw nothing',
      [...calm, ...times(2, serving([NEW])), ...times(2, unseen('a')), serving([NEW])],
      [[], [], ['drift.firing a'], [], [], []],
    ],
  ])('%s', (_, reports, expected) => {
    // The list changes in some of these, which is reported elsewhere.
    const drift = days(reports).map((said) => said.filter((each) => !each.startsWith('finding')));
    expect(drift).toEqual(expected);
  });

  it('is one message if edges alternate for a week, and resolved a week after the last of them (fault 44)', () => {
    const listed = [RSA, ECDSA];
    const good = inSync('a');
    const bad: TargetReport = { ...serving([NEW]), listed };
    const turns = Array.from({ length: 28 }, (_, index) => (index % 2 ? bad : good));
    const said = days([good, good, ...turns, ...times(32, good)]);
    const told = said.flatMap((each, index) => each.map((words) => `${index} ${words}`));
    // Runs 3 and 5 find it; run 29 is the last. 28 runs later it counts no more, and one run later it is resolved.
    expect(told).toEqual(['5 drift.firing a', '58 drift.resolved a']);
  });

  it('of both edges is one message for each, which names its certificate', () => {
    const turns = Array.from({ length: 30 }, (_, index) => serving([index % 2 ? NEW : OTHER]));
    expect(days([{ ...inSync('a'), listed: [OLD], expected: [OLD] }, ...turns]).flat()).toEqual([
      'drift.firing a',
      'drift.firing a',
    ]);
  });

  it('is resolved if the provider is deleted', () => {
    const gone: TargetReport = {
      ...inSync('a'),
      status: 'provider-missing',
      providerArn: null,
      listed: [],
      findings: [finding('PROV001', 'high', 'No provider.')],
    };
    const said = days([inSync('a'), ...times(2, serving([NEW])), ...times(2, gone)]);
    expect(said.slice(3)).toEqual([[], ['finding.firing a PROV001', 'drift.resolved a']]);
  });
});

describe('decide: critical findings', () => {
  const critical = finding('CERT005', 'critical', 'It has expired.');
  const run = (look: Omit<Look, 'report'>, ...findings: readonly Finding[]): readonly string[] => {
    const { say } = diary();
    say({ hour: 0, looks: [{ report: inSync('a') }] });
    return say({ hour: 6, looks: [{ report: holding(...findings), ...look }] });
  };

  it('are alerted in the run that confirms them by a second probe', () => {
    expect(run({ confirmed: ['CERT005'] }, critical)).toEqual(['finding.firing a CERT005']);
    expect(run({}, critical)).toEqual([]);
  });

  it('do not include findings of one run only', () => {
    expect(run({ confirmed: ['CERT005'] }, critical, finding('CERT002', 'high', 'Order.'))).toEqual([
      'finding.firing a CERT005',
    ]);
  });

  it('are confirmed one by one', () => {
    const other = finding('JWKS001', 'critical', 'Secrets.');
    expect(run({ confirmed: ['JWKS001'] }, critical, other)).toEqual(['finding.firing a JWKS001']);
  });
});

describe('decide: targets that could not be audited', () => {
  it('are alerted in the third run, with the beginning, and never resolve anything', () => {
    const { run } = diary();
    run({ hour: 0, looks: [{ report: holding(soon) }] });
    const said = [6, 12, 18, 24].map((hour) => run({ hour, looks: [{ report: unseen('a') }] }).notifications);
    expect(said.map((each) => each.map(inShort))).toEqual([[], [], ['unknown.firing a'], []]);
    expect(said[2]?.[0]).toMatchObject({ since: '2026-11-01T06:00:00.000Z', severity: 'high' });
  });

  it('include the account, which is alerted in the third run (fault 40)', () => {
    const { say } = diary();
    say({ hour: 0, looks: [] });
    const said = [6, 12, 18, 24].map((hour) => say({ hour, looks: [], isBlind: true }));
    expect(said).toEqual([[], [], ['unknown.firing account'], []]);
    expect([30, 36].map((hour) => say({ hour, looks: [] }))).toEqual([[], ['unknown.resolved account']]);
  });

  it('in one check leave that check as it was', () => {
    const { say } = diary();
    say({ hour: 0, looks: [{ report: holding(soon) }] });
    const blinder = [6, 12, 18].map((hour) =>
      say({ hour, looks: [{ report: inSync('a'), unseen: ['CERT001'] }] }),
    );
    expect(blinder).toEqual([[], [], []]);
    expect([24, 30].map((hour) => say({ hour, looks: [{ report: inSync('a') }] }))).toEqual([
      [],
      ['finding.resolved a CERT001'],
    ]);
  });
});

describe('decide: low and info findings', () => {
  it('wait for a message to be attached to, and are alerted once', () => {
    const odd = { ...inSync('a'), findings: [entry] };
    const { say } = diary();
    const both = (b: TargetReport) => [{ report: odd }, { report: b }];
    expect([0, 6, 12].map((hour) => say({ hour, looks: both(inSync('b')) }))).toEqual([[], [], []]);
    expect(
      [18, 24, 30].map((hour) => say({ hour, looks: both({ ...inSync('b'), findings: [soon] }) })),
    ).toEqual([[], ['finding.firing a THUMB004', 'finding.firing b CERT001'], []]);
  });

  it('are attached again when they are resolved', () => {
    const { say } = diary();
    const looks = (findings: readonly Finding[], b: readonly Finding[]) => [
      { report: { ...inSync('a'), findings } },
      { report: { ...inSync('b'), findings: b } },
    ];
    expect(say({ hour: 0, looks: looks([entry], [soon]) })).toHaveLength(2);
    expect([6, 12, 18].map((hour) => say({ hour, looks: looks([], [soon]) }))).toEqual([[], [], []]);
    expect([24, 30].map((hour) => say({ hour, looks: looks([], []) }))).toEqual([
      [],
      ['finding.resolved a THUMB004', 'finding.resolved b CERT001'],
    ]);
  });
});

describe('decide: suppressed findings', () => {
  const until = (day: string): readonly AcceptedFinding[] => [
    { check: 'THUMB001', issuer: issuerOf('a'), reason: 'Terraform.', until: day },
  ];

  it('are tracked and alerted once the date has passed', () => {
    const { say } = diary();
    const said = [0, 6, 24, 30].map((hour) =>
      say({ hour, looks: [{ report: drifted('a') }], accept: until('2026-11-01') }),
    );
    expect(said).toEqual([[], [], ['drift.firing a'], []]);
  });

  it('are alerted again after the date although they were alerted before', () => {
    const { say } = diary();
    expect(say({ hour: 0, looks: [{ report: drifted('a') }] })).toEqual(['drift.firing a']);
    const said = [6, 24, 48, 54].map((hour) =>
      say({ hour, looks: [{ report: drifted('a') }], accept: until('2026-11-02') }),
    );
    expect(said).toEqual([[], [], ['drift.firing a'], []]);
  });

  it('are not alerted as a failed audit, if that is what is suppressed', () => {
    const accept = [
      { check: 'DISC001', issuer: issuerOf('a'), reason: 'Moving.', until: '2026-12-01' },
    ] as const;
    expect(days(times(5, unseen('a')), { accept }).flat()).toEqual([]);
  });
});

describe('decide: changes', () => {
  const listing = (...listed: readonly string[]): Look => ({ report: { ...inSync('a'), listed } });

  it('by others are alerted once, in the run that finds them', () => {
    const { say } = diary();
    say({ hour: 0, looks: [listing(RSA, ECDSA)] });
    expect(say({ hour: 6, looks: [listing(RSA, ECDSA, NEW)] })).toEqual(['finding.firing a THUMB008']);
    expect(say({ hour: 12, looks: [listing(RSA, ECDSA, NEW)] })).toEqual([]);
  });

  it('of low severity wait for a message to be attached to', () => {
    const { say } = diary();
    say({ hour: 0, looks: [listing(RSA, ECDSA, OLD)] });
    expect(say({ hour: 6, looks: [listing(RSA, ECDSA)] })).toEqual([]);
    const blind = { report: unseen('b') };
    const said = [12, 18, 24, 30].map((hour) => say({ hour, looks: [listing(RSA, ECDSA), blind] }));
    expect(said).toEqual([[], [], ['finding.firing a THUMB008', 'unknown.firing b'], []]);
  });

  it('are repeated until there is a recipient', () => {
    const { say } = diary();
    say({ hour: 0, looks: [listing(RSA, ECDSA)] });
    const looks = [listing(RSA, ECDSA, NEW)];
    const said = [6, 12, 18, 24].map((hour) => say({ hour, looks, recipients: hour < 18 ? 0 : 1 }));
    expect(said.map((each) => each.filter((words) => words.includes('THUMB008')))).toEqual([
      ['finding.firing a THUMB008'],
      ['finding.firing a THUMB008'],
      ['finding.firing a THUMB008'],
      [],
    ]);
  });

  it('of the account include added and removed providers', () => {
    const { run } = diary();
    run({ hour: 0, looks: [], providers: ['arn:1', 'arn:2'] });
    const { notifications } = run({ hour: 6, looks: [], providers: ['arn:2', 'arn:3'] });
    expect(notifications.map(inShort)).toEqual(['finding.firing account PROV006 PROV006']);
    expect(notifications[0]).toMatchObject({ severity: 'high', target: null });
    expect(run({ hour: 12, looks: [], providers: ['arn:2', 'arn:3'] }).notifications).toEqual([]);
  });
});
