import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composeAlert } from '../../lambda/alerting/message/message';
import { decide, nextState } from '../../lambda/decide';
import { evaluateTarget } from '../../lambda/checks/target';
import type { Observation } from '../../lambda/checks/target';
import { followTarget } from '../../lambda/checks/history/follow';
import { failure } from '../../lambda/domain/errors';
import { EARLIER_IDS } from '../../lambda/state/earlier';
import { loadState, withEarlier } from '../../lambda/state/load';
import { newAccountMemory } from '../../lambda/state/schema';
import { ARN, ISSUER } from '../support/account';
import { expectCleanPrototypes, expectJsonSafe, fuzzing } from '../support/fuzz';
import { damaged, hostileText, mutatedJson } from '../support/hostile';
import { NOW } from '../support/observed';
import { Items, readEarlierAccount, readEarlierTarget, rereadTarget } from '../support/state/items';
import { contextOf } from '../support/told';

const times = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .integer({ min: -60, max: 0 })
      .map((days) => new Date(NOW.getTime() + days * 86_400_000).toISOString()),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '2026-02-31T00:00:00Z',
      '2026-11-20 06:00:00+05',
      '2026-11-20T06:00:00.123456789Z',
      '9999-12-31T23:59:59.999Z',
    ),
  },
);
const counts = fc.oneof(
  { weight: 8, arbitrary: fc.nat(5) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, 1e308) },
);
const thumbprints = fc.constantFrom('1'.repeat(40), '2'.repeat(40), 'f'.repeat(40));
const findings = fc.record({
  check: fc.constantFrom('THUMB001', 'CERT001', 'DISC001', 'JWKS002'),
  severity: fc.constantFrom('low', 'high', 'critical'),
  message: hostileText,
  remedy: hostileText,
});
const news = fc.array(fc.record({ finding: findings, at: times }), { maxLength: 3 });
const tracks = fc.array(
  fc.record({
    key: fc.oneof(fc.constantFrom('drift', 'unknown', 'update', 'CERT001'), hostileText),
    since: times,
    seen: counts,
    clean: counts,
    severity: fc.constantFrom('low', 'high', 'critical'),
    evidence: fc.array(fc.record({ value: thumbprints, seen: counts, missed: counts }), { maxLength: 3 }),
    findings: fc.array(findings, { maxLength: 2 }),
    told: fc.option(fc.record({ at: times, evidence: fc.array(thumbprints, { maxLength: 2 }) })),
  }),
  { maxLength: 4 },
);
const targets = fc.record({
  memoryVersion: fc.constant(1),
  firstRun: times,
  lastRun: times,
  thumbprints: fc.array(
    fc.record({
      thumbprint: thumbprints,
      first: times,
      last: times,
      expected: fc.option(times),
      streakSince: fc.option(times),
      streakRuns: counts,
    }),
    { maxLength: 3 },
  ),
  signingKeys: fc.array(
    fc.record({
      thumbprint: thumbprints,
      kid: fc.option(hostileText),
      kty: hostileText,
      first: times,
      last: times,
      runs: counts,
      missed: counts,
      known: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  listed: fc.option(fc.array(thumbprints, { maxLength: 3 })),
  audiences: fc.option(fc.array(hostileText, { maxLength: 2 })),
  added: fc.array(thumbprints, { maxLength: 2 }),
  updatedAt: fc.option(times),
  intent: fc.option(
    fc.record({
      at: times,
      before: fc.array(thumbprints),
      list: fc.array(thumbprints),
      added: fc.array(thumbprints),
    }),
  ),
  jwksHost: fc.option(hostileText),
  slowRuns: counts,
  tracks,
  news,
});
const accounts = fc.record({
  memoryVersion: fc.constant(1),
  lastRun: times,
  providers: fc.option(fc.array(hostileText, { maxLength: 3 })),
  recipients: fc.option(fc.record({ confirmed: counts, checkedAt: times })),
  tracks,
  news,
});
const memories = fc.oneof(targets, accounts);
const items = fc.oneof(
  memories.map((memory) => JSON.stringify(memory)),
  damaged(memories.chain(mutatedJson)),
);

const FAILED = failure('tls', 'TLS_TIMEOUT', 'ci.example.com did not answer.');
/** A run that could not collect anything. */
const blind: Observation = {
  target: { issuer: ISSUER, providerArn: ARN, configured: true },
  discovery: { ok: false, failure: FAILED },
  jwks: null,
  milliseconds: null,
  provider: { ok: true, value: { arn: ARN, url: '', thumbprints: ['f'.repeat(40)], audiences: [] } },
  hosts: [],
};

describe('any item of the state table', () => {
  it('is absent, or a state with valid times and numbers', () => {
    let [read, unread] = [0, 0];
    fc.assert(
      fc.property(items, (json) => {
        const [target, account] = [readEarlierTarget(json), readEarlierAccount(json)];
        expectCleanPrototypes();
        expectJsonSafe({ target, account });
        for (const memory of [target, account]) {
          if (memory === null) {
            unread += 1;
            continue;
          }
          read += 1;
          const moments = [
            memory.lastRun,
            ...memory.tracks.flatMap(({ since, notified }) => [since, notified?.at ?? since]),
          ];
          expect(moments.filter((each) => Number.isNaN(Date.parse(each)))).toEqual([]);
          const amounts = memory.tracks.flatMap(({ found, missed, evidence }) => [
            found,
            missed,
            ...evidence.map((each) => each.found),
          ]);
          expect(amounts.filter((each) => !Number.isSafeInteger(each) || each < 0)).toEqual([]);
        }
      }),
      fuzzing(),
    );
    expect(Math.min(read, unread)).toBeGreaterThan(0);
  });

  it('lets a run without data neither find drift, nor resolve it, nor send more than SNS accepts', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 40 }), (json, days) => {
        const memory = readEarlierTarget(json);
        const now = new Date(NOW.getTime() + days * 86_400_000);
        const followed = followTarget(blind, {
          accept: [],
          account: null,
          now,
          update: 'off',
          memory,
          isFirstRun: false,
          isStateless: false,
        });
        const account = readEarlierAccount(json) ?? newAccountMemory(now.toISOString());
        const run = {
          memory: account,
          findings: [],
          acceptedChanges: [],
          skipped: new Set<never>(),
          isBlind: false,
          baseline: false,
        };
        const decision = decide([followed], run, now);
        const { notifications } = decision;
        expect(evaluateTarget(blind).status).toBe('not-audited');
        expect(notifications.filter(({ eventType }) => eventType.startsWith('drift.'))).toEqual([]);
        const report = { ...REPORT, targets: [followed.report] };
        const message = composeAlert(notifications, contextOf(report));
        if (message !== null) expect(message.email).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
        // The next run can parse what is written.
        const delivery = { hasRecipients: true, omitted: new Set<never>() };
        for (const target of nextState(decision, delivery, now).targets.values()) {
          expect(rereadTarget(target)).toEqual(target);
          expect(target.tracks.some(({ key }) => key === 'drift')).toBe(
            memory?.tracks.some(({ key }) => key === 'drift') === true,
          );
        }
      }),
      fuzzing(),
    );
  });

  it('that cannot be parsed is reported as such, and treated as absent', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.option(fc.nat(9)), async (text, version) => {
        const table = new Items();
        for (const id of [EARLIER_IDS.account, ISSUER]) table.items.set(id, { version, data: null, text });
        const { loaded } = await loadState(table, null);
        const { account, targets: known, unreadable } = await withEarlier(loaded, table, [ISSUER]);
        expect(unreadable.includes(EARLIER_IDS.account)).toBe(account === null);
        expect(unreadable.includes(ISSUER)).toBe(!known.has(ISSUER));
      }),
      fuzzing(0.5),
    );
  });
});

const REPORT = {
  schemaVersion: 1,
  action: 'monitor',
  account: '123456789012',
  startedAt: NOW.toISOString(),
  finishedAt: NOW.toISOString(),
  findings: [],
  failures: [],
  summary: { inSync: 0, drifted: 0, providerMissing: 0, notAudited: 1, accepted: 0, worst: null },
} as const;
