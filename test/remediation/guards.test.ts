import { beforeAll, describe, expect, it } from '@jest/globals';
import { planUpdate } from '../../lambda/remediation/plan';
import { missingFrom } from '../../lambda/x509/thumbprint';
import { GUARDS } from '../../lambda/remediation/guards';
import { failure } from '../../lambda/domain/errors';
import { headingsOf } from '../support/headings';
import { HOST, LISTED, expecting, hoursAgo, passingWith, streak, withHost } from '../support/asked';
import type { Asked } from '../support/asked';
import { hierarchy, judged } from '../support/observed';
import type { Hierarchy } from '../support/observed';

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy(HOST, 'Public');
});

const passing = (): Asked => passingWith(served);

/** An update that another run has just begun. */
const BEGUN = { at: hoursAgo(0), before: [], list: [], added: [] };

/** One precondition removed from an update, and the guard that must refuse it. */
const REMOVALS: readonly (readonly [guard: string, remove: (asked: Asked) => Asked])[] = [
  ['permitted', (asked) => ({ ...asked, isPermitted: false })],
  ['enforced-only', (asked) => ({ ...asked, mode: 'enforced-only' })],
  ['store', (asked) => ({ ...asked, isRemembered: false })],
  [
    'documents',
    (asked) => ({
      ...asked,
      observation: {
        ...asked.observation,
        discovery: { ok: false, failure: failure('discovery', 'HTTP_STATUS', 'no') },
      },
    }),
  ],
  ['documents', (asked) => ({ ...asked, observation: { ...asked.observation, isUnanchored: true } })],
  ['documents', (asked) => ({ ...asked, memory: { ...asked.memory, jwksHost: 'other.example:443' } })],
  ['documents', (asked) => ({ ...asked, memory: { ...asked.memory, firstRun: asked.memory.lastRun } })],
  ['answered', (asked) => withHost(asked, { unanswered: [failure('tls', 'TLS_RESET', 'reset')] })],
  ['answered', (asked) => withHost(asked, { failure: failure('tls', 'TLS_TIMEOUT', 'silence') })],
  ['verified', (asked) => withHost(asked, { hasAnchors: true })],
  ['verified', (asked) => ({ ...asked, report: { ...asked.report, proposed: [] } })],
  [
    'verified',
    (asked) => ({
      ...asked,
      report: { ...asked.report, expected: [...asked.report.expected, LISTED] },
    }),
  ],
  [
    'authority',
    (asked) => ({
      ...asked,
      observation: {
        ...asked.observation,
        hosts: asked.observation.hosts.map((host) => ({
          ...host,
          chains: host.chains.map((chain) => ({ ...chain, anchoredThumbprints: [] })),
        })),
      },
    }),
  ],
  [
    'verified',
    (asked) => ({
      ...asked,
      observation: {
        ...asked.observation,
        hosts: asked.observation.hosts.map((host) => ({
          ...host,
          chains: host.chains.map((chain) => ({
            ...chain,
            reported: { ...chain.reported, publiclyTrusted: false },
          })),
        })),
      },
    }),
  ],
  ['authority', (asked) => expecting(asked, served.leaf.thumbprint)],
  ['authority', (asked) => expecting(asked, 'f'.repeat(40))],
  ['unrelated-hosts', (asked) => ({ ...asked, shared: new Set([served.middle.thumbprint]) })],
  [
    'removed-by-people',
    (asked) => ({ ...asked, memory: { ...asked.memory, added: [served.middle.thumbprint] } }),
  ],
  ['form', (asked) => ({ ...asked, report: { ...asked.report, listed: ['AB:CD'] } })],
  [
    'room',
    (asked) => ({
      ...asked,
      report: { ...asked.report, listed: ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(40)) },
    }),
  ],
  ['once-a-day', (asked) => ({ ...asked, memory: { ...asked.memory, updatedAt: hoursAgo(23) } })],
  ['once-a-day', (asked) => ({ ...asked, memory: { ...asked.memory, intent: BEGUN } })],
  ['hold-down', (asked) => ({ ...asked, holdDownHours: 25 })],
  ['hold-down', (asked) => streak(asked, { streakRuns: 2 })],
  ['hold-down', (asked) => streak(asked, { streakSince: null })],
  ['hold-down', (asked) => ({ ...asked, memory: { ...asked.memory, thumbprints: [] } })],
];

describe('planUpdate: the guards of an update', () => {
  it('permit an update that every one of them permits, and preserve what is listed', () => {
    expect(planUpdate(passing())).toEqual({
      kind: 'write',
      before: [LISTED],
      added: [served.middle.thumbprint],
      list: [LISTED, served.middle.thumbprint],
    });
  });

  it.each(REMOVALS)('%s refuses alone', (id, remove) => {
    const asked = remove(passing());
    const candidates = missingFrom(asked.report.listed, asked.report.expected);
    const refusing = GUARDS.filter(({ holds }) => !holds({ ...asked, candidates }));
    expect(planUpdate(asked)).toMatchObject({ kind: 'refuse', guard: { id } });
    // What is not served cannot have been served for a day, either.
    expect(
      refusing.map((guard) => guard.id).filter((each) => each !== 'hold-down' || id === 'hold-down'),
    ).toEqual([id]);
  });

  it('each have their row', () => {
    expect(new Set(REMOVALS.map(([id]) => id))).toEqual(new Set(GUARDS.map(({ id }) => id)));
  });

  it.each([
    ['an update that nobody wants', (asked: Asked): Asked => ({ ...asked, mode: 'off' })],
    [
      'a list in sync',
      (asked: Asked): Asked => ({ ...asked, report: { ...asked.report, status: 'in-sync' } }),
    ],
    [
      'a target that was not seen',
      (asked: Asked): Asked => ({ ...asked, report: { ...asked.report, status: 'not-audited' } }),
    ],
    [
      'a list that holds it in capitals and with colons',
      (asked: Asked): Asked => ({
        ...asked,
        report: {
          ...asked.report,
          listed: [(served.middle.thumbprint.match(/../g) ?? []).join(':').toUpperCase()],
        },
      }),
    ],
  ])('do not run for %s', (_, change) => {
    expect(planUpdate(change(passing()))).toEqual({ kind: 'none' });
  });

  it('skip the hold-down if logins fail now, anchors verify every chain, and a second probe agrees', () => {
    const asked = streak(passing(), { streakRuns: 1 });
    const failing: Asked = {
      ...asked,
      confirmed: true,
      report: {
        ...asked.report,
        enforced: true,
        findings: asked.report.findings.map((finding) => ({ ...finding, severity: 'critical' })),
      },
      observation: {
        ...asked.observation,
        hosts: [judged(HOST, [{ chain: served.chain, trusted: false, anchored: true }])],
      },
    };
    expect(planUpdate(failing).kind).toBe('write');
    for (const change of [{ confirmed: false }, { report: { ...failing.report, enforced: false } }]) {
      expect(planUpdate({ ...failing, ...change })).toMatchObject({
        kind: 'refuse',
        guard: { id: 'hold-down' },
      });
    }
  });

  it('are in docs/threat-model.md, each under a heading of its own, and no others', () => {
    expect(headingsOf('docs/threat-model.md', 3)).toEqual(GUARDS.map(({ id }) => id));
  });
});
