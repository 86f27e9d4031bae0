import { beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { EvaluatedHost } from '../../lambda/checks/host';
import type { Finding } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import { planUpdate } from '../../lambda/remediation/plan';
import { HOST, LISTED, expecting, hoursAgo, passingWith, streak } from '../support/asked';
import type { Asked } from '../support/asked';
import { hierarchy, judged } from '../support/observed';
import type { Hierarchy } from '../support/observed';

let served: Hierarchy;
let other: Hierarchy;
/** A certificate of its own whose CA flag is set. */
let proud: Identity;

beforeAll(async () => {
  served = await hierarchy(HOST, 'Public');
  other = await hierarchy(HOST, 'Other');
  proud = await mint({ commonName: HOST, hosts: [HOST], signedBy: served.middle, ca: true });
});

const answerTo = (asked: Asked): string => {
  const plan = planUpdate(asked);
  return plan.kind === 'refuse' ? plan.guard.id : plan.kind;
};

const seeing = (asked: Asked, hosts: readonly EvaluatedHost[]): Asked => ({
  ...asked,
  observation: { ...asked.observation, hosts },
});

/** Both intermediates are served, wanted, and old enough. */
function wantingBoth(): Asked {
  const asked = seeing(passingWith(served), [
    judged(HOST, [{ chain: served.chain }, { chain: other.chain }]),
  ]);
  const expected = [served.middle.thumbprint, other.middle.thumbprint];
  const [sighting] = asked.memory.thumbprints;
  const thumbprints = expected.flatMap((thumbprint) =>
    sighting === undefined ? [] : [{ ...sighting, thumbprint }],
  );
  return {
    ...asked,
    report: { ...asked.report, expected, proposed: expected },
    memory: { ...asked.memory, thumbprints },
  };
}

describe('guards: a condition must hold for every host and thumbprint', () => {
  it('lets two thumbprints pass if every condition holds for both', () => {
    expect(answerTo(wantingBoth())).toBe('write');
  });

  it('refuses if one of two hosts did not answer', () => {
    const silent = { ...judged(HOST, []), failure: failure('tls', 'TLS_TIMEOUT', 'silence') };
    const [answered] = passingWith(served).observation.hosts;
    expect(
      answerTo(seeing(passingWith(served), [...(answered === undefined ? [] : [answered]), silent])),
    ).toBe('answered');
  });

  it('refuses if a host neither failed nor served anything', () => {
    expect(answerTo(seeing(passingWith(served), [{ ...judged(HOST, []), failure: null }]))).toBe('answered');
  });

  it('refuses if there is no host at all', () => {
    expect(answerTo(seeing(passingWith(served), []))).toBe('documents');
  });

  it('refuses if one of two hosts, or of two chains, does not verify', () => {
    const good = { chain: served.chain };
    const bad = { chain: other.chain, trusted: false };
    for (const hosts of [[judged(HOST, [good, bad])], [judged(HOST, [good]), judged('b.example', [bad])]])
      expect(answerTo(seeing(passingWith(served), hosts))).toBe('verified');
  });

  it.each([
    ['unrelated-hosts', (asked: Asked): Asked => ({ ...asked, shared: new Set([other.middle.thumbprint]) })],
    [
      'removed-by-people',
      (asked: Asked): Asked => ({
        ...asked,
        memory: { ...asked.memory, added: [other.middle.thumbprint] },
      }),
    ],
    ['form', (asked: Asked): Asked => ({ ...asked, report: { ...asked.report, listed: [LISTED, 'AB:CD'] } })],
    [
      'authority',
      (asked: Asked): Asked => ({
        ...asked,
        report: {
          ...asked.report,
          expected: [served.middle.thumbprint, served.leaf.thumbprint],
          proposed: [served.middle.thumbprint, served.leaf.thumbprint],
        },
      }),
    ],
    [
      'hold-down',
      (asked: Asked): Asked => ({
        ...asked,
        memory: {
          ...asked.memory,
          thumbprints: asked.memory.thumbprints.map((each, index) => ({
            ...each,
            streakRuns: index === 0 ? 3 : 2,
          })),
        },
      }),
    ],
  ])('refuses if one of two thumbprints fails: %s', (guard, change) => {
    expect(answerTo(change(wantingBoth()))).toBe(guard);
  });
});

describe('guards: the new thumbprint is of an authority', () => {
  it('on the path of every chain that has it', () => {
    const strayed = [other.leaf, other.middle, served.middle];
    expect(
      answerTo(seeing(passingWith(served), [judged(HOST, [{ chain: served.chain }, { chain: strayed }])])),
    ).toBe('authority');
  });

  it('and not of one outside the path', () => {
    const hosts = [judged(HOST, [{ chain: [...served.chain, other.middle] }])];
    expect(answerTo(expecting(seeing(passingWith(served), hosts), other.middle.thumbprint))).toBe(
      'authority',
    );
  });

  it('and not of the leaf of the host itself, even with the CA flag', () => {
    const hosts = [judged(HOST, [{ chain: [proud, served.middle] }])];
    expect(answerTo(expecting(seeing(passingWith(served), hosts), proud.thumbprint))).toBe('authority');
  });
});

describe('guards: boundary values that pass', () => {
  it.each([
    ['a list that is full afterwards', (asked: Asked): Asked => filled(asked, 4), 'write'],
    ['a list that would be too full', (asked: Asked): Asked => filled(asked, 5), 'room'],
    ['an update a day ago', (asked: Asked): Asked => updated(asked, 24), 'write'],
    ['an update within the day', (asked: Asked): Asked => updated(asked, 23.99), 'once-a-day'],
    [
      'a list that AWS checks, where only those may be updated',
      (asked: Asked): Asked => ({
        ...asked,
        mode: 'enforced-only',
        report: { ...asked.report, enforced: true },
      }),
      'write',
    ],
  ])('%s', (_, change, answer) => {
    expect(answerTo(change(passingWith(served)))).toBe(answer);
  });

  const filled = (asked: Asked, entries: number): Asked => ({
    ...asked,
    report: { ...asked.report, listed: Array.from({ length: entries }, (_, n) => String(n).repeat(40)) },
  });
  const updated = (asked: Asked, hours: number): Asked => ({
    ...asked,
    memory: { ...asked.memory, updatedAt: hoursAgo(hours) },
  });
});

it('no guard runs for a missing provider', () => {
  const asked = passingWith(served);
  expect(answerTo({ ...asked, report: { ...asked.report, providerArn: null } })).toBe('none');
});

describe('guards: an early update', () => {
  const finding = (check: Finding['check'], severity: Finding['severity']): Finding => ({
    check,
    severity,
    message: '',
    remedy: '',
  });
  const CRITICAL = finding('THUMB001', 'critical');
  /** Collected in one run only, and logins fail now. */
  function urgent(findings: readonly Finding[], ...hosts: readonly EvaluatedHost[]): Asked {
    const asked = streak(passingWith(served), { streakRuns: 1 });
    return {
      ...seeing(asked, hosts),
      confirmed: true,
      report: { ...asked.report, enforced: true, findings },
    };
  }
  const anchored = (): EvaluatedHost => judged(HOST, [{ chain: served.chain, anchored: true }]);

  it('adds a thumbprint if logins fail for lack of it, with any other findings', () => {
    expect(answerTo(urgent([CRITICAL], anchored()))).toBe('write');
    expect(answerTo(urgent([finding('CERT001', 'medium'), CRITICAL], anchored()))).toBe('write');
  });

  it.each([
    ['nothing is wrong', []],
    ['it is not critical', [finding('THUMB001', 'high')]],
    ['something else is critical', [finding('TRUST001', 'critical'), finding('THUMB001', 'high')]],
  ])('is refused if %s', (_, findings) => {
    expect(answerTo(urgent(findings, anchored()))).toBe('hold-down');
  });

  it('is refused if one of the hosts, or of the chains, has no trust anchor of the configuration', () => {
    const loose = { chain: served.chain };
    expect(answerTo(urgent([CRITICAL], anchored(), judged(HOST, [loose])))).toBe('hold-down');
    expect(answerTo(urgent([CRITICAL], judged(HOST, [{ ...loose, anchored: true }, loose])))).toBe(
      'verified',
    );
  });

  it('is refused for the age of another thumbprint', () => {
    const asked = passingWith(served);
    const thumbprints = asked.memory.thumbprints.flatMap((each) => [
      { ...each, thumbprint: 'd'.repeat(40) },
      { ...each, streakRuns: 1 },
    ]);
    expect(answerTo({ ...asked, memory: { ...asked.memory, thumbprints } })).toBe('hold-down');
  });
});
