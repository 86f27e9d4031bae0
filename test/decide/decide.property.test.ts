import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Severity, TargetReport } from '../../lambda/domain/types';
import { diary } from '../support/diary';
import type { Written } from '../support/diary';
import { composeAlert } from '../../lambda/alerting/message/message';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../support/reports';
import { taking } from '../support/cases';
import type { Notification } from '../../lambda/domain/notification';
import { contextOf } from '../support/told';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The rules once more, from the requirement and not from the code. */
const INTERVAL: Readonly<Record<Severity, number>> = {
  critical: DAY_MS,
  high: 3 * DAY_MS,
  medium: 30 * DAY_MS,
  low: Infinity,
  info: Infinity,
};
const GRAVITY: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

type Sight =
  | { readonly kind: 'calm' | 'blind' }
  | { readonly kind: 'drift'; readonly edge: string; readonly severity: Severity }
  | { readonly kind: 'finding'; readonly severity: Severity };

interface Run {
  /** Since the last run. */
  readonly hours: number;
  readonly sights: Readonly<Record<'a' | 'b', Sight>>;
  readonly listening: boolean;
}

const EDGES = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const sightOf: fc.Arbitrary<Sight> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'calm' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'blind' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('drift' as const),
      edge: fc.constantFrom(...EDGES),
      severity: fc.constantFrom<Severity>('low', 'critical'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('finding' as const), severity: fc.constantFrom(...GRAVITY) }),
  },
);

/** Stretches of equal observations are what the world shows, and what rules about time need. */
const month: fc.Arbitrary<readonly Run[]> = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 8 }),
      hours: fc.constantFrom(1, 6, 6, 6, 24, 200),
      sights: fc.record({ a: sightOf, b: sightOf }),
      listening: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((stretches) => stretches.flatMap(({ length, ...run }) => Array.from({ length }, () => run)));

const reportFor = (digit: 'a' | 'b', sight: Sight): TargetReport => {
  const good = { ...inSync(digit), listed: ['d'.repeat(40)], expected: ['d'.repeat(40)] };
  switch (sight.kind) {
    case 'calm':
      return good;
    case 'blind':
      return { ...unseen(digit), listed: good.listed };
    case 'finding':
      return { ...good, findings: [finding('CERT001', sight.severity, 'Soon.')] };
    case 'drift':
      return {
        ...drifted(digit),
        listed: good.listed,
        expected: [sight.edge],
        findings: [finding('THUMB001', sight.severity, `Drift to ${sight.edge}.`)],
      };
  }
};

interface Told {
  readonly at: number;
  readonly run: number;
  readonly heard: boolean;
  readonly kind: string;
  readonly due: string;
  readonly severity: Severity;
  readonly sight: Sight;
}

interface Story {
  readonly runs: readonly Run[];
  readonly written: readonly Written[];
  readonly times: readonly number[];
  readonly told: Readonly<Record<'a' | 'b', readonly Told[]>>;
}

function live(runs: readonly Run[]): Story {
  const { run } = diary();
  let hour = 0;
  const times: number[] = [];
  const written = runs.map(({ hours, sights, listening }) => {
    hour += hours;
    times.push(hour * HOUR_MS);
    const looks = (['a', 'b'] as const).map((digit) => ({ report: reportFor(digit, sights[digit]) }));
    return run({ hour, looks, recipients: listening ? 1 : 0 });
  });
  const toldTo = (digit: 'a' | 'b'): readonly Told[] =>
    written.flatMap(({ notifications }, index) =>
      notifications
        .filter(({ target }) => target?.issuer === issuerOf(digit))
        // Thumbprints that are served no more (THUMB003) appear and disappear beside the findings of this test.
        .filter(
          ({ findings }) => !findings.every(({ check }) => check === 'THUMB003') || findings.length === 0,
        )
        .map(({ eventType, severity }) => {
          const [kind = '', due = ''] = eventType.split('.');
          const { listening = false, sights = { a: CALM, b: CALM } } = runs[index] ?? {};
          return {
            at: times[index] ?? 0,
            run: index,
            heard: listening,
            kind,
            due,
            severity,
            sight: sights[digit],
          };
        }),
    );
  return { runs, written, times, told: { a: toldTo('a'), b: toldTo('b') } };
}
const CALM: Sight = { kind: 'calm' };

const DIGITS = ['a', 'b'] as const;
const KINDS = ['drift', 'unknown', 'finding'];
const each = (story: Story, check: (told: readonly Told[], digit: 'a' | 'b', kind: string) => void): void => {
  for (const digit of DIGITS) {
    for (const kind of KINDS)
      check(
        story.told[digit].filter((one) => one.kind === kind),
        digit,
        kind,
      );
  }
};

const EMPTY = reportOf([]);

/** What holds for every sequence of runs. */
const RULES: Readonly<Record<string, (story: Story) => void>> = {
  'nothing is resolved that nobody was told of, and nothing twice': (story) => {
    each(story, (told) => {
      let open = false;
      for (const { due, heard } of told) {
        if (due === 'resolved') expect(open).toBe(true);
        if (heard) open = due !== 'resolved';
      }
    });
  },

  'nobody hears the same again before its time': (story) => {
    each(story, (told) => {
      let last: Told | null = null;
      let known = new Set<string>();
      for (const one of told.filter(({ heard }) => heard)) {
        const { sight, due, at, severity } = one;
        const gravity = GRAVITY.indexOf(severity);
        const about = [...(sight.kind === 'drift' ? [sight.edge] : []), ...GRAVITY.slice(0, gravity + 1)];
        if (due === 'resolved') {
          last = null;
          known = new Set();
          continue;
        }
        // What was low, or another edge, for two runs may be a change again: only what stayed the same is checked.
        const between = story.runs.slice(last?.run ?? 0, one.run + 1);
        const steady = between.every(({ sights }) =>
          DIGITS.some(
            (digit) =>
              story.told[digit].includes(one) && JSON.stringify(sights[digit]) === JSON.stringify(sight),
          ),
        );
        if (last !== null && steady && about.every((value) => known.has(value))) {
          expect(at - last.at).toBeGreaterThanOrEqual(INTERVAL[severity]);
        }
        last = one;
        about.forEach((value) => known.add(value));
      }
    });
  },

  'what lasts is told in its second run, and being blind in its third, to whoever listens': ({
    runs,
    told,
  }) => {
    for (const digit of DIGITS) {
      runs.forEach((_, index) => {
        const sight = runs[index]?.sights[digit] ?? CALM;
        if (sight.kind === 'calm') return;
        const isQuiet = sight.kind === 'finding' && ['low', 'info'].includes(sight.severity);
        const needed = sight.kind === 'blind' ? 3 : 2;
        const stretch = runs.slice(Math.max(0, index - needed + 1), index + 1);
        const lasts =
          stretch.length === needed &&
          stretch.every(({ sights }) => JSON.stringify(sights[digit]) === JSON.stringify(sight));
        if (!lasts || isQuiet || runs[index]?.listening !== true) return;
        const kind = sight.kind === 'blind' ? 'unknown' : sight.kind;
        const before = told[digit].filter((one) => one.kind === kind && one.run <= index && one.heard);
        expect(before.at(-1)).toBeDefined();
        expect(before.at(-1)?.due).not.toBe('resolved');
      });
    }
  },

  'a run that saw nothing of a target says nothing of it but that': (story) => {
    each(story, (told, _, kind) => {
      for (const { sight } of told) if (sight.kind === 'blind') expect(kind).toBe('unknown');
    });
  },

  'a run says each thing once, in one message that people and SNS can take': ({ written }) => {
    for (const { notifications } of written) {
      const things = notifications.map(({ eventType, target }) => `${eventType} ${target?.issuer ?? ''}`);
      expect(new Set(things).size).toBe(things.length);
      const message = composeAlert(notifications, contextOf(EMPTY));
      expect(message === null).toBe(notifications.length === 0);
      if (message !== null) expect(message.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    }
  },

  'where no message goes out, or nobody listens, nothing is marked as told': ({ runs, written }) => {
    written.forEach(({ targets, notifications }, index) => {
      if (notifications.length > 0 && runs[index]?.listening === true) return;
      const before = written[index - 1];
      for (const [issuer, { tracks }] of targets) {
        const earlier = new Map(
          before?.targets.get(issuer)?.tracks.map(({ key, notified }) => [key, notified?.at]),
        );
        expect(tracks.filter(({ key, notified }) => notified?.at !== earlier.get(key))).toEqual([]);
      }
    });
  },
};

class BrokenRule extends Error {
  constructor(rule: string, cause: unknown) {
    super(`Not so: ${rule}. ${String(cause)}`, { cause });
  }
}

function judge(story: Story): void {
  for (const [rule, check] of Object.entries(RULES)) {
    try {
      check(story);
    } catch (error) {
      throw new BrokenRule(rule, error);
    }
  }
}

describe('decide: any sequence of runs', () => {
  // All in one test, since the long part is to run a month.
  it('satisfies every rule', () => {
    fc.assert(
      fc.property(month, (runs) => {
        judge(live(runs));
      }),
      taking(25),
    );
  });
});

/** One finding of one severity, or a failed audit, as the requirement says it: three numbers are enough. */
class Model {
  private seen = 0;
  private clean = 0;
  private since = 0;
  private toldAt: number | null = null;

  constructor(
    private readonly rule: {
      readonly runs: number;
      readonly after: number;
      readonly interval: number;
      readonly forgets: number;
    },
  ) {}

  /** The notifications of a run; `heard`: a recipient receives them. */
  step(present: boolean, at: number, isFirst: boolean, heard: boolean): string | null {
    const due = present ? this.there(at, isFirst) : this.away();
    if (due !== null && heard) {
      this.toldAt = due === 'resolved' ? null : at;
      if (due === 'resolved') this.seen = 0;
    }
    return due;
  }

  private there(at: number, isFirst: boolean): string | null {
    if (this.seen === 0) this.since = at;
    this.seen += 1;
    this.clean = 0;
    if (this.toldAt !== null) return at - this.toldAt >= this.rule.interval ? 'reminder' : null;
    return isFirst || this.seen >= this.rule.runs || at - this.since >= this.rule.after ? 'firing' : null;
  }

  private away(): string | null {
    if (this.seen === 0) return null;
    this.clean += 1;
    if (this.toldAt !== null) return this.clean >= 2 ? 'resolved' : null;
    if (this.clean >= this.rule.forgets) this.seen = 0;
    return null;
  }
}

describe('decide compared with a model', () => {
  const steps = fc.array(
    fc.record({ hours: fc.integer({ min: 1, max: 90 }), present: fc.boolean(), listening: fc.boolean() }),
    { minLength: 1, maxLength: 40 },
  );
  const stepOf = (findings: readonly Finding[]): TargetReport => ({ ...inSync('a'), findings });

  it.each<[string, TargetReport, ConstructorParameters<typeof Model>[0]]>([
    [
      'CERT002',
      stepOf([finding('CERT002', 'high', 'Order.')]),
      { runs: 2, after: Infinity, interval: 3 * DAY_MS, forgets: 2 },
    ],
    [
      'CERT001',
      stepOf([finding('CERT001', 'medium', 'Soon.')]),
      { runs: 2, after: Infinity, interval: 30 * DAY_MS, forgets: 2 },
    ],
    [
      'CERT005',
      stepOf([finding('CERT005', 'critical', 'Over.')]),
      { runs: 2, after: Infinity, interval: DAY_MS, forgets: 2 },
    ],
    ['being blind', unseen('a'), { runs: 3, after: DAY_MS, interval: 3 * DAY_MS, forgets: 1 }],
  ])('%s gives the same result', (_, report, rule) => {
    fc.assert(
      fc.property(steps, (runs) => {
        const model = new Model(rule);
        const { run } = diary();
        let hour = 0;
        const told = runs.map(({ hours, present, listening }, index) => {
          hour += hours;
          const { notifications } = run({
            hour,
            looks: [{ report: present ? report : stepOf([]) }],
            recipients: listening ? 1 : 0,
          });
          const dues = notifications
            .filter(({ target }: Notification) => target !== null)
            .map(({ eventType }) => eventType.split('.')[1]);
          const due = model.step(present, hour * HOUR_MS, index === 0, listening);
          return { dues, expected: due === null ? [] : [due] };
        });
        expect(told.map(({ dues }) => dues)).toEqual(told.map(({ expected }) => expected));
      }),
      taking(60),
    );
  });
});
