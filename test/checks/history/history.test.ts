import { describe, expect, it } from '@jest/globals';
import type { Finding, TargetReport } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import { LOGINS_UNKNOWN } from '../../../lambda/domain/logins';
import { lookInCloudTrail } from '../../../lambda/remedies/remedy';
import { describeChange } from '../../../lambda/checks/history/change';
import { remember } from '../../../lambda/checks/history/history';
import type { Observation } from '../../../lambda/checks/target';
import { newTargetMemory } from '../../../lambda/state/schema';
import type { TargetMemory } from '../../../lambda/state/schema';
import type { ObservedTarget } from '../../../lambda/checks/history/observed';
import { skippedChecks } from '../../../lambda/checks/coverage';
import { asVersion1, readEarlierAccount, readEarlierTarget, rereadTarget } from '../../support/state/items';
import { ECDSA, OLD, RSA, finding, inSync, issuerOf, unseen } from '../../support/reports';
import { CHECK_IDS } from '../../../lambda/domain/checks';
import type { CheckId } from '../../../lambda/domain/checks';

const NEW = 'a'.repeat(40);
const HOUR_MS = 3_600_000;
const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 1) + hour * HOUR_MS);

interface Run extends Partial<ObservedTarget> {
  readonly hour: number;
}
const seen = (changes: Partial<ObservedTarget> = {}): ObservedTarget => ({
  report: inSync('a'),
  audiences: ['org'],
  jwksHost: 'oidc.circleci.com:443',
  jwks: null,
  milliseconds: 200,
  verified: [RSA, ECDSA],
  moveAccepted: false,
  mayUpdate: true,
  ...changes,
});

/** The findings of each run, and the state after the last. Changes are saved until they are alerted: here at once. */
function live(runs: readonly Run[]): {
  readonly found: readonly (readonly Finding[])[];
  readonly memory: TargetMemory;
} {
  const found: (readonly Finding[])[] = [];
  let memory: TargetMemory | null = null;
  for (const { hour, ...changes } of runs) {
    const remembered = remember(memory, seen(changes), at(hour));
    memory = { ...remembered.memory, pendingChanges: [] };
    found.push(remembered.findings);
  }
  return { found, memory: memory ?? newTargetMemory(at(0).toISOString()) };
}
const inShort = (runs: readonly Run[]): readonly (readonly string[])[] =>
  live(runs).found.map((findings) => findings.map(({ check, severity }) => `${check} ${severity}`));

const listing = (...listed: readonly string[]): { report: TargetReport } => ({
  report: { ...inSync('a'), listed },
});

describe('certificate history', () => {
  const serving = (...expected: readonly string[]): { report: TargetReport } => ({
    report: { ...inSync('a'), expected, proposed: expected, chains: inSync('a').chains.slice(0, 1) },
  });

  it('saves first and last time, and since when each is expected', () => {
    const { memory } = live([
      { hour: 0, ...serving(RSA) },
      { hour: 6, ...serving(RSA, NEW) },
      { hour: 12, ...serving(NEW) },
    ]);
    const of = (thumbprint: string) => memory.thumbprints.find((each) => each.thumbprint === thumbprint);
    expect(of(NEW)).toEqual({
      thumbprint: NEW,
      first: at(6).toISOString(),
      last: at(12).toISOString(),
      expected: at(12).toISOString(),
      streakSince: at(6).toISOString(),
      streakRuns: 2,
    });
    // Still served on the RSA chain, but no longer a value that AWS might take.
    expect(of(RSA)).toMatchObject({
      first: at(0).toISOString(),
      expected: at(6).toISOString(),
      streakRuns: 0,
    });
  });

  it('is unchanged after a run without a chain', () => {
    const runs = [{ hour: 0, ...serving(RSA) }];
    const before = live(runs).memory;
    const after = live([...runs, { hour: 6, report: unseen('a'), verified: [] }]).memory;
    // Nothing is gone, but it is no longer certain that every run collected it.
    expect(after.thumbprints).toEqual(
      before.thumbprints.map((each) => ({ ...each, streakSince: null, streakRuns: 0 })),
    );
  });

  it.each<[string, Partial<TargetReport>]>([
    ['had no chain', { chains: [], expected: [] }],
    ['failed', { failure: failure('jwks', 'HTTP_STATUS', 'x') }],
  ])('neither loses nor gains entries in a run that %s', (_, change) => {
    const runs = [{ hour: 0, ...serving(RSA) }];
    const report = { ...serving(NEW).report, ...change };
    const after = live([...runs, { hour: 31 * 24, report }]).memory;
    expect(after.thumbprints.map(({ thumbprint }) => thumbprint)).toEqual(
      live(runs).memory.thumbprints.map(({ thumbprint }) => thumbprint),
    );
  });

  it('contains the certificates on the served path, at most two hundred', () => {
    const [chain] = inSync('a').chains;
    const [leaf] = chain?.certificates ?? [];
    if (chain === undefined || leaf === undefined) throw new TypeError('no chain');
    const certificates = Array.from({ length: 250 }, (_, index) => ({
      ...leaf,
      thumbprint: String(index),
      onPath: index > 0,
    }));
    const report = { ...inSync('a'), expected: [], chains: [{ ...chain, certificates }] };
    expect(live([{ hour: 0, report }]).memory.thumbprints.map(({ thumbprint }) => thumbprint)).toEqual(
      Array.from({ length: 200 }, (_, index) => String(index + 1)),
    );
  });

  it('drops entries after 30 days', () => {
    const exactly = [0, 30 * 24].map((hour) => ({ hour, ...serving(hour === 0 ? OLD : NEW) }));
    expect(live(exactly).memory.thumbprints.map(({ thumbprint }) => thumbprint)).not.toContain(OLD);
    const runs = [0, 29 * 24, 31 * 24].map((hour) => ({ hour, ...serving(hour === 0 ? OLD : NEW) }));
    expect(live(runs.slice(0, 2)).memory.thumbprints.map(({ thumbprint }) => thumbprint)).toContain(OLD);
    expect(live(runs).memory.thumbprints.map(({ thumbprint }) => thumbprint)).not.toContain(OLD);
  });
});

describe('THUMB003: listed thumbprints that are not served', () => {
  const stale = (enforced: boolean | null, ...listed: readonly string[]): { report: TargetReport } => ({
    report: { ...inSync('a'), listed: [RSA, ...listed], enforced },
  });
  const week = 7 * 24;

  it('names thumbprints that no chain has had for a week, not before', () => {
    const runs = [0, 6, week - 1, week].map((hour) => ({ hour, ...stale(false, OLD) }));
    expect(inShort(runs)).toEqual([[], [], [], ['THUMB003 info']]);
  });

  it.each([
    [false, 'You can remove a thumbprint'],
    [true, 'Keep a thumbprint'],
    [null, 'Keep a thumbprint'],
  ])('suggests removal only if AWS does not compare the list (enforced %s)', (enforced, words) => {
    const { found } = live([0, week].map((hour) => ({ hour, ...stale(enforced, OLD) })));
    expect(found[1]?.[0]?.remedy).toContain(words);
  });

  it('does not name a thumbprint that an edge served within the week', () => {
    const runs = [0, 100, week, 267, 268].map((hour) => ({
      hour,
      report: { ...inSync('a'), listed: [RSA, OLD], expected: hour === 100 ? [OLD] : [RSA] },
    }));
    expect(inShort(runs)).toEqual([[], [], [], [], ['THUMB003 info']]);
  });

  it('names each with its age, and a placeholder as such', () => {
    const messageOf = (...listed: readonly string[]): string | undefined =>
      live([0, week].map((hour) => ({ hour, ...stale(false, ...listed) }))).found[1]?.[0]?.message;
    const placeholder = 'f'.repeat(40);
    expect(messageOf(OLD)).toBe(`The list has entries that no server has used for 7 days: ${OLD}.`);
    expect(messageOf(OLD, placeholder, 'what is no thumbprint')).toBe(
      `The list has entries that no server has used for 7 days: ${OLD}, ${placeholder}. Not a certificate, but a placeholder: ${placeholder}.`,
    );
    expect(messageOf('what is no thumbprint')).toBeUndefined();
  });

  it('has the thumbprints as a field, too', () => {
    const { found } = live([0, week].map((hour) => ({ hour, ...stale(false, OLD.toUpperCase()) })));
    expect(found[1]?.[0]?.thumbprints).toEqual([OLD]);
  });

  it('is not reported by a run without a chain', () => {
    const { report } = stale(false, OLD);
    for (const blind of [
      { ...report, chains: [] },
      { ...report, failure: failure('jwks', 'HTTP_STATUS', 'x') },
    ]) {
      expect(
        inShort([
          { hour: 0, report },
          { hour: week, report: blind },
        ])[1],
      ).toEqual([]);
    }
  });
});

describe('THUMB008: the thumbprint list was changed', () => {
  const first = { hour: 0, ...listing(RSA) };

  it.each<[string, Run, readonly string[]]>([
    ['a value on a verified path is news', { hour: 6, ...listing(RSA, ECDSA) }, ['THUMB008 info']],
    ['a value on no verified path is grave', { hour: 6, ...listing(RSA, NEW) }, ['THUMB008 high']],
    ['a removed value is news', { hour: 6, ...listing() }, ['THUMB008 info']],
    ['another writing of the same value is nothing', { hour: 6, ...listing(RSA.toUpperCase()) }, []],
    ['both at once', { hour: 6, ...listing(NEW) }, ['THUMB008 high', 'THUMB008 info']],
    ['a list that could not be read is nothing', { hour: 6, ...listing(), audiences: null }, []],
  ])('%s', (_, second, expected) => {
    expect(inShort([first, second])[1]).toEqual(expected);
  });

  const event = lookInCloudTrail('UpdateOpenIDConnectProviderThumbprint');
  const impersonation =
    "If AWS uses the list, whoever holds that certificate's key could impersonate the issuer.";
  it.each<[string, Run, string]>([
    [
      'is served',
      { hour: 6, ...listing(RSA, ECDSA) },
      `A thumbprint was added to the list: ${ECDSA}. The issuer serves the certificate.`,
    ],
    [
      'is not served',
      { hour: 6, ...listing(RSA, NEW, OLD) },
      `Thumbprints were added to the list: ${NEW}, ${OLD}. No verified certificate chain of the issuer contains the certificates. ${impersonation}`,
    ],
    [
      'may be served',
      { hour: 6, report: { ...unseen('a'), listed: [RSA, ECDSA] } },
      `A thumbprint was added to the list: ${ECDSA}. It is not known whether the issuer serves the certificate, because the issuer could not be audited in this run. ${impersonation}`,
    ],
    ['is gone', { hour: 6, ...listing() }, `A thumbprint was removed from the list: ${RSA}.`],
  ])('explains the change %s and where to look', (_, second, message) => {
    expect(live([first, second]).found[1]).toMatchObject([{ check: 'THUMB008', message, remedy: event }]);
  });

  it('names ten, and the number of others', () => {
    const many = Array.from({ length: 12 }, (_, index) => index.toString(16).padStart(40, '0'));
    const messageOf = (amount: number): string =>
      live([first, { hour: 6, ...listing(RSA, ...many.slice(0, amount)) }]).found[1]?.[0]?.message ?? '';
    const ten = many.slice(0, 10).join(', ');
    expect(messageOf(10)).toContain(`added to the list: ${ten}.`);
    expect(messageOf(12)).toContain(`added to the list: ${ten} and 2 more.`);
  });

  it('is not reported in the first run, and once after it', () => {
    expect(
      inShort([
        { hour: 0, ...listing(RSA, NEW) },
        ...[6, 12].map((hour) => ({ hour, ...listing(RSA, NEW) })),
      ]),
    ).toEqual([[], [], []]);
    expect(inShort([first, ...[6, 12].map((hour) => ({ hour, ...listing(RSA, NEW) }))])).toEqual([
      [],
      ['THUMB008 high'],
      [],
    ]);
  });

  it('compares with the last list that could be read', () => {
    const blind = { hour: 6, report: { ...unseen('a'), listed: [] }, audiences: null };
    expect(inShort([first, blind, { hour: 12, ...listing(RSA, NEW) }])).toEqual([[], [], ['THUMB008 high']]);
    expect(inShort([first, blind, { hour: 12, ...listing(RSA) }])).toEqual([[], [], []]);
  });

  it('does not say what is served if no chain was collected', () => {
    const blind = { hour: 6, report: { ...unseen('a'), listed: [RSA, NEW] }, verified: [] };
    const { found } = live([first, blind]);
    expect(found[1]?.map(({ severity }) => severity)).toEqual(['high']);
    expect(found[1]?.[0]?.message).toContain('It is not known whether the issuer serves the certificate');
  });

  it('does not report updates of the monitor itself', () => {
    const memory = { ...live([first]).memory, added: [NEW] };
    expect(remember(memory, seen(listing(RSA, NEW)), at(6)).findings).toEqual([]);
    const after = remember(memory, seen(listing(RSA, NEW)), at(6)).memory;
    expect(remember(after, seen(listing(RSA)), at(12)).findings).toMatchObject([
      {
        check: 'THUMB008',
        severity: 'medium',
        message: `A thumbprint was removed from the list: ${NEW}. The monitor had added it, or had started to do so. The monitor will not add it again.`,
      },
    ]);
  });

  it('counts invalid entries, and does not show them', () => {
    const { found } = live([first, { hour: 6, ...listing(RSA, '\u001b[2J', NEW) }]);
    expect(found[1]?.[0]?.message).toContain(`added to the list: ${NEW} and 1 more.`);
    const alone = live([first, { hour: 6, ...listing(RSA, '\u001b[2J') }]);
    expect(alone.found[1]?.[0]?.message).toContain('added to the list: 1 malformed value.');
  });
});

describe('PROV007: the audiences were changed', () => {
  it('reports added and removed audiences once, with the CloudTrail event', () => {
    const runs = [['org'], ['org', 'sts.amazonaws.com'], ['org', 'sts.amazonaws.com'], ['sts.amazonaws.com']];
    const { found } = live(runs.map((audiences, index) => ({ hour: index * 6, audiences })));
    expect(found.map((each) => each.map(({ check, severity }) => `${check} ${severity}`))).toEqual([
      [],
      ['PROV007 medium'],
      [],
      ['PROV007 info'],
    ]);
    const audience = '"sts.amazonaws.com"';
    expect(found[1]?.[0]?.message).toBe(
      `An audience was added to the provider: ${audience}. AWS now accepts tokens with this audience.`,
    );
    expect(found[3]?.[0]?.message).toBe(
      'An audience was removed from the provider: "org". AWS no longer accepts tokens with this audience.',
    );
    expect(found[1]?.[0]?.remedy).toContain('AddClientIDToOpenIDConnectProvider');
    expect(found[3]?.[0]?.remedy).toContain('RemoveClientIDFromOpenIDConnectProvider');
  });

  it('stays short if somebody adds a hundred', () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(250)}`);
    const { found } = live([{ hour: 0 }, { hour: 6, audiences: many }]);
    expect(found[1]?.[0]?.message.length).toBeLessThan(5_000);
    expect(found[1]?.[0]?.message).toContain('and 90 more');
  });
});

describe('DISC003: jwks_uri moved to another host', () => {
  const move = (hour: number, more: Partial<ObservedTarget> = {}): Run => ({
    hour,
    jwksHost: 'keys.example.com:443',
    ...more,
  });

  it('is reported until it is acknowledged, and again at each move', () => {
    const runs = [{ hour: 0 }, move(6), move(12), move(18, { moveAccepted: true }), move(24), { hour: 30 }];
    expect(inShort(runs)).toEqual([[], ['DISC003 high'], ['DISC003 high'], [], [], ['DISC003 high']]);
  });

  it('names both hosts, and the remedy', () => {
    expect(live([{ hour: 0 }, move(6)]).found[1]).toEqual([
      {
        check: 'DISC003',
        severity: 'high',
        subject: 'keys.example.com:443',
        message:
          'The host of the signing keys has changed: keys.example.com:443 instead of oidc.circleci.com:443. Whoever controls the new host can sign tokens that AWS accepts.',
        remedy: expect.stringContaining(
          'to accept in the configuration, with the check DISC003, this issuer and the subject keys.example.com:443',
        ),
      },
    ]);
  });

  it('is resolved if it moves back, and reports nothing for a run without a document', () => {
    expect(inShort([{ hour: 0 }, move(6), { hour: 12 }, move(18, { jwksHost: null }), move(24)])).toEqual([
      [],
      ['DISC003 high'],
      [],
      [],
      ['DISC003 high'],
    ]);
  });
});

describe('DISC004: the issuer answers slowly', () => {
  it('is reported in the second slow run in a row', () => {
    const runs = [5_001, 5_000, 5_001, 6_200, 100].map((milliseconds, index) => ({
      hour: index * 6,
      milliseconds,
    }));
    expect(inShort(runs)).toEqual([[], [], [], ['DISC004 high'], []]);
    expect(live(runs).found[3]?.[0]).toMatchObject({
      message: `The issuer took 6.2 s to send its discovery document or its key set. It was also too slow in the previous run. AWS STS stops waiting after about 5 s. ${LOGINS_UNKNOWN}`,
    });
  });

  it('is not reported by a run without a document', () => {
    const runs = [6_000, 6_000, null, 6_000].map((milliseconds, index) => ({
      hour: index * 6,
      milliseconds,
    }));
    expect(inShort(runs)).toEqual([[], ['DISC004 high'], [], ['DISC004 high']]);
  });
});

describe('changes that were not alerted yet', () => {
  const told = (memory: TargetMemory): readonly string[] =>
    memory.pendingChanges.map(({ change }) => describeChange(change).message);

  it('are saved, the last twenty of them, with the time of each', () => {
    let memory: TargetMemory | null = null;
    for (let run = 0; run <= 22; run += 1)
      memory = remember(memory, seen({ audiences: [`${run}`].slice(0, run % 2) }), at(run)).memory;
    expect(memory?.pendingChanges).toHaveLength(20);
    expect(memory?.pendingChanges.at(-1)).toMatchObject({
      change: { kind: 'audiences', action: 'removed', audiences: { names: ['21'], more: 0 } },
      at: at(22).toISOString(),
    });
  });

  it('include the rotation of keys, after the first run', () => {
    const jwks = (...names: readonly string[]): Partial<ObservedTarget> => ({
      jwks: {
        ok: true,
        value: {
          signingKeys: names.map((name) => ({
            thumbprint: name,
            kid: name,
            kty: 'RSA',
            alg: null,
            bits: 2048,
          })),
          problems: [],
          weak: [],
        },
      },
    });
    const first = remember(null, seen(jwks('a')), at(0)).memory;
    const second = remember(first, seen(jwks('a', 'b')), at(6)).memory;
    expect([first, second].map(told)).toEqual([[], []]);
    const third = remember(second, seen(jwks('a', 'b')), at(12));
    expect(third.memory.signingKeys.map(({ thumbprint }) => thumbprint)).toEqual(['a', 'b']);
    expect(third.findings).toMatchObject([
      { check: 'JWKS002', message: expect.stringContaining('Added: RSA key "b" (b).') },
    ]);
    const blind = remember(
      second,
      seen({ jwks: { ok: false, failure: failure('jwks', 'HTTP_STATUS', 'x') } }),
      at(12),
    );
    expect(blind.memory.signingKeys).toEqual(second.signingKeys);
  });
});

describe('skippedChecks: what a run could not check', () => {
  const observation: Observation = {
    target: { issuer: issuerOf('a'), providerArn: 'arn', configured: true },
    discovery: { ok: true, value: { issuer: issuerOf('a'), jwksUri: `${issuerOf('a')}/keys` } },
    jwks: { ok: true, value: { signingKeys: [], problems: [], weak: [] } },
    milliseconds: 10,
    provider: { ok: true, value: { arn: 'arn', url: '', thumbprints: [], audiences: [] } },
    hosts: [],
  };
  const blind = (changes: Partial<Observation>): ReadonlySet<CheckId> =>
    skippedChecks({ ...observation, ...changes }, inSync('a'));

  it('has the response time, if it is unknown', () => {
    expect([...blind({ milliseconds: null })]).toEqual(['DISC004']);
    expect([...blind({})]).toEqual([]);
  });

  it('is empty after a complete run, and has everything after a failure of IAM', () => {
    expect([...blind({})]).toEqual([]);
    const unread: Observation = {
      ...observation,
      provider: { ok: false, failure: failure('iam', 'AWS_THROTTLED', 'x') },
    };
    expect([...skippedChecks(unread, unseen('a'))]).toEqual([...CHECK_IDS]);
  });

  it('has everything but whether the provider exists after a failure of the issuer', () => {
    expect([...skippedChecks(observation, unseen('a'))]).toEqual(
      CHECK_IDS.filter((check) => check !== 'PROV001'),
    );
  });

  it('has the keys if they could not be read, and the list if IAM did not answer', () => {
    const lost = failure('iam', 'AWS_THROTTLED', 'x');
    expect([...blind({ jwks: null })]).toEqual(['DISC004', 'DISC005', 'JWKS001', 'JWKS002', 'JWKS003']);
    expect([...blind({ provider: { ok: false, failure: lost } })]).toEqual(
      CHECK_IDS.filter((check) => /^(THUMB|PROV)/.test(check)),
    );
    expect([...blind({ provider: null })]).toEqual([]);
    expect([...blind({ provider: { ok: false, failure: failure('iam', 'AWS_NOT_FOUND', 'x') } })]).toEqual(
      [],
    );
  });

  it('has the chains if a probe had no answer, and the roles if they were not read', () => {
    const host = {
      host: { name: 'oidc.circleci.com', port: 443 },
      hasAnchors: false,
      chains: [],
      expected: [],
      proposed: [],
      rootsAbove: [],
      basis: 'unknown',
      findings: [],
      unanswered: [],
      failure: null,
    } as const;
    const silent = { ...host, unanswered: [failure('tls', 'TLS_TIMEOUT', 'x')] };
    expect([...blind({ hosts: [host, silent] })]).toEqual(CHECK_IDS.filter((id) => /^(CERT|NET)/.test(id)));
    expect([...blind({ hosts: [host] })]).toEqual([]);
    const trust = { roles: [], findings: [], skipped: ['TRUST001', 'PROV003'], notEvaluated: [] } as const;
    expect([...blind({ trust })]).toEqual(['TRUST001', 'PROV003']);
  });

  it('has the location of the keys and the response time, if no document was read', () => {
    const untrusted = failure('discovery', 'TLS_UNTRUSTED', 'x');
    const checks = blind({ discovery: { ok: false, failure: untrusted }, jwks: null, milliseconds: null });
    expect([...checks].sort()).toEqual([
      'DISC001',
      'DISC002',
      'DISC003',
      'DISC004',
      'DISC005',
      'JWKS001',
      'JWKS002',
      'JWKS003',
    ]);
  });
});

describe('state item of a target', () => {
  it.each<[CheckId, boolean]>([
    ['THUMB008', true],
    ['JWKS002', true],
    ['PROV006', true],
    ['THUMB001', false],
    ['DISC001', false],
  ])(
    'of an earlier version with changes of %s is read: %s, since drift and failed audits are tracked',
    (check, isRead) => {
      const memory = newTargetMemory(at(0).toISOString());
      const news = [{ finding: finding(check, 'info', 'x'), at: at(0).toISOString() }];
      expect(
        readEarlierTarget(JSON.stringify({ ...asVersion1(memory), memoryVersion: 1, news })) !== null,
      ).toBe(isRead);
    },
  );

  it.each([true, false])(
    'has no addition by the monitor as one by somebody, if updates are on: %s',
    (mayUpdate) => {
      const change = {
        kind: 'thumbprints-added',
        comparison: 'served',
        isLater: false,
        thumbprints: { names: [NEW], more: 0 },
      } as const;
      const pending = [{ change, at: at(0).toISOString() }];
      const { memory } = live([{ hour: 0, ...listing(RSA, NEW) }]);
      for (const own of [{ added: [NEW] }, { intent: { at: at(0).toISOString(), added: [NEW] } }]) {
        const before = { ...memory, ...own, pendingChanges: pending };
        const after = remember(before, seen({ ...listing(RSA, NEW), mayUpdate }), at(6)).memory;
        expect(after.pendingChanges).toEqual(mayUpdate ? [] : pending);
      }
    },
  );

  it('of which only the updates are left is observed anew, so nothing counts as not served for a week', () => {
    const lost = { ...newTargetMemory(at(0).toISOString()), added: [RSA] };
    const { memory, findings } = remember(lost, seen(listing(RSA, NEW)), at(24 * 30));
    expect(findings.filter(({ check }) => check === 'THUMB003')).toEqual([]);
    expect(memory).toMatchObject({ firstRun: at(24 * 30).toISOString(), added: [RSA] });
  });

  it('of a target that was never audited is empty', () => {
    const now = at(0).toISOString();
    expect(newTargetMemory(now)).toEqual({
      firstRun: now,
      lastRun: now,
      thumbprints: [],
      signingKeys: [],
      listed: null,
      audiences: null,
      added: [],
      updatedAt: null,
      intent: null,
      jwksHost: null,
      slowRuns: 0,
      tracks: [],
      pendingChanges: [],
      notCompared: [],
      baselines: [],
      logins: [],
    });
  });

  it.each([
    [
      '',
      'text',
      'null',
      '[]',
      '{}',
      '{"memoryVersion":3}',
      '['.repeat(100_000),
      '{"__proto__":{"memoryVersion":1}}',
    ],
  ])('of an earlier version is read only if that version wrote it', (...texts) => {
    for (const text of texts)
      expect([readEarlierTarget(text), readEarlierAccount(text)]).toEqual([null, null]);
    const memory = live([{ hour: 0 }, { hour: 6, ...listing(RSA, NEW) }]).memory;
    expect(rereadTarget(memory)).toEqual(memory);
    const earlier = asVersion1(memory);
    expect(readEarlierTarget(JSON.stringify(earlier))).toEqual(memory);
    expect(readEarlierTarget(JSON.stringify({ ...earlier, memoryVersion: 3 }))).toBeNull();
    expect(readEarlierTarget(JSON.stringify({ ...earlier, firstRun: 'yesterday' }))).toBeNull();
    expect(readEarlierTarget(JSON.stringify({ ...earlier, tracks: [{ key: 'drift' }] }))).toBeNull();
  });
});
