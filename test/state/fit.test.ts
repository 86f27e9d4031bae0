/** The room of one item: for 700 targets, and for targets of which one is hostile. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MAX_EVIDENCE, evidenceOf } from '../../lambda/state/evidence';
import { MAX_DATA_BYTES, isNearLimit, packMain } from '../../lambda/state/fit';
import { newAccountMemory, newTargetMemory } from '../../lambda/state/schema';
import type { AccountState, TargetMemory, Track } from '../../lambda/state/schema';
import { randomFrom } from '../support/random';
import { loadState, stateIds } from '../../lambda/state/load';
import { Items, reload } from '../support/state/items';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-08-01T00:00:00Z');
const RUNS = 480;
const at = (run: number): string => new Date(START + run * 6 * HOUR_MS).toISOString();
const NOW = at(RUNS);
const digest = (algorithm: string, text: string): Buffer => createHash(algorithm).update(text).digest();

describe('the state of 700 targets', () => {
  const random = randomFrom('700 targets');
  const run = (): number => random.between(0, RUNS - 1);
  const uuid = (text: string): string =>
    digest('md5', text)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

  const trackOf = (key: Track['key'], name: string): Track => {
    const since = run();
    const evidence = ['severity info', 'severity low', 'severity medium', evidenceOf(name)].map((value) => ({
      value,
      found: RUNS - since,
      missed: 0,
    }));
    return {
      key,
      since: at(since),
      found: RUNS - since,
      missed: 0,
      severity: 'medium',
      evidence,
      findings: [{ check: 'CERT001', severity: 'medium', subject: null }],
      more: 0,
      notified: { at: at(since + 1), evidence: evidence.map(({ value }) => value) },
    };
  };

  /** Nothing is shared between two of them but the times of runs. */
  const targetOf = (index: number): readonly [string, TargetMemory] => {
    const host = `ci.${uuid(`host ${index}`).slice(0, 8)}.example.com`;
    const thumbprints = Array.from({ length: 8 }, (_, number) => {
      const first = run();
      const isExpected = number < 2;
      return {
        thumbprint: digest('sha1', `${host} ${number}`).toString('hex'),
        first: at(first),
        last: number < 6 ? NOW : at(run()),
        expected: isExpected ? NOW : null,
        streakSince: isExpected ? at(first) : null,
        streakRuns: isExpected ? RUNS - first : 0,
        ...(number < 4 ? { anchored: NOW } : {}),
      };
    });
    const memory: TargetMemory = {
      ...newTargetMemory(at(run())),
      lastRun: NOW,
      thumbprints,
      signingKeys: [0, 1].map((number) => {
        const first = run();
        return {
          thumbprint: digest('sha256', `${host} key ${number}`).toString('base64url'),
          kid: uuid(`${host} kid ${number}`),
          kty: 'RSA',
          first: at(first),
          last: NOW,
          runs: RUNS - first,
          missed: 0,
          known: true,
        };
      }),
      listed: thumbprints.slice(0, 1).map(({ thumbprint }) => thumbprint),
      audiences: ['sts.amazonaws.com'],
      jwksHost: `${host}:443`,
      tracks: (['drift', 'CERT001', 'TRUST001'] as const).map((key) => trackOf(key, `${host} ${key}`)),
      logins: Array.from({ length: 5 }, (_, number) => ({
        role: evidenceOf(`${host} role ${number}`),
        result: 'succeeded',
        verification: 'trust-store',
        last: new Date(START + random.between(0, RUNS * 6 * 3_600) * 1_000).toISOString(),
        count: random.between(1, 90),
      })),
    };
    return [`https://${host}/org/${uuid(`org ${index}`)}`, memory];
  };

  it('on distinct hosts (8 certificates, 2 keys, 3 conditions, 5 logins each) has less than 350 KB', async () => {
    const targets = new Map(Array.from({ length: 700 }, (_, index) => targetOf(index)));
    const providers = [...targets.keys()].map((issuer) =>
      issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/'),
    );
    const state = { account: { ...newAccountMemory(NOW), providers }, targets };
    expect(packMain(state, 0).byteLength).toBeLessThan(350_000);
    const loaded = await reload(state);
    expect(loaded.targets).toEqual(targets);
    expect(isNearLimit(loaded)).toBe(false);
  });
});

const track = (changes: Partial<Track>): Track => ({
  key: 'CERT001',
  since: NOW,
  found: 2,
  missed: 0,
  severity: 'medium',
  evidence: [],
  findings: [],
  more: 0,
  notified: null,
  ...changes,
});

const evidenceFor = (name: string, amount: number): Track['evidence'] =>
  Array.from({ length: amount }, (_, index) => ({
    value: evidenceOf(`${name} ${index}`),
    found: index,
    missed: 0,
  }));

/** A target with as much of everything as one target may have. */
const hostile = (name: string): TargetMemory => ({
  ...newTargetMemory(at(0)),
  lastRun: NOW,
  thumbprints: Array.from({ length: 200 }, (_, index) => ({
    thumbprint: digest('sha1', `${name} ${index}`).toString('hex'),
    first: at(index),
    last: index < 100 ? NOW : at(index),
    expected: null,
    streakSince: null,
    streakRuns: 0,
  })),
  signingKeys: Array.from({ length: 250 }, (_, index) => ({
    thumbprint: digest('sha256', `${name} ${index}`).toString('base64url'),
    kid: digest('sha512', `${name} ${index}`).toString('base64url'),
    kty: 'RSA',
    first: at(index),
    last: NOW,
    runs: index,
    missed: index % 2,
    known: true,
  })),
  tracks: [
    track({ key: 'TRUST001', missed: 2, evidence: evidenceFor(`${name} resolved`, 50) }),
    track({ key: 'TRUST004', severity: 'info', evidence: evidenceFor(`${name} info`, 50) }),
    track({ key: 'TRUST002', evidence: evidenceFor(name, MAX_EVIDENCE) }),
    track({ key: 'CERT005', severity: 'critical', notified: { at: NOW, evidence: ['itself'] } }),
  ],
  logins: [{ role: evidenceOf(name), result: 'refused', verification: null, last: NOW, count: 1 }],
});

const small = (name: string): TargetMemory => ({
  ...hostile(name),
  thumbprints: hostile(name).thumbprints.slice(98, 102),
  signingKeys: hostile(name).signingKeys.slice(0, 2),
  tracks: hostile(name).tracks.filter(({ key }) => key !== 'TRUST002'),
});

const stateOf = (...targets: readonly TargetMemory[]): AccountState => ({
  account: newAccountMemory(NOW),
  targets: new Map(targets.map((memory, index) => [`https://ci-${index}.example.com`, memory])),
});

describe('a state that does not fit', () => {
  it('loses nothing of small targets beside hostile ones', async () => {
    const others = ['one', 'two', 'three'].map(small);
    const crowd = Array.from({ length: 12 }, (_, index) => hostile(`hostile ${index}`));
    const loaded = await reload(stateOf(...others, ...crowd));
    expect(loaded.bytes).toBeLessThanOrEqual(MAX_DATA_BYTES);
    expect([...loaded.targets.values()].slice(0, 3)).toEqual(others);
    expect(loaded.targets.size).toBe(15);
    expect(isNearLimit(loaded)).toBe(true);
  });

  it('leaves out what is resolved, then information, then old observations, then logins, then the rest', async () => {
    /** What each limit leaves of one target, from the largest to the smallest. */
    const whole = packMain(stateOf(hostile('one')), 0, Infinity).byteLength;
    const left = await Promise.all(
      [whole, whole - 1, whole * 0.97, whole * 0.8, whole * 0.05].map(async (limit) => {
        const data = packMain(stateOf(hostile('one')), 0, limit);
        const table = new Items();
        table.items.set(stateIds(null).main, { version: 1, data, text: null });
        const { loaded } = await loadState(table, null);
        const [memory = newTargetMemory(NOW)] = loaded.targets.values();
        return [
          memory.tracks.map(({ key }) => key).join(),
          memory.thumbprints.filter(({ last }) => last !== NOW).length,
          memory.logins.length,
          memory.tracks.find(({ key }) => key === 'TRUST002')?.evidence.length,
        ];
      }),
    );
    // Tracks, old certificates, logins, roles of TRUST002.
    expect(left).toEqual([
      ['TRUST001,TRUST004,TRUST002,CERT005', 100, 1, MAX_EVIDENCE],
      ['TRUST004,TRUST002,CERT005', 100, 1, MAX_EVIDENCE],
      ['TRUST002,CERT005', 0, 1, MAX_EVIDENCE],
      ['TRUST002,CERT005', 0, 0, 1_000],
      ['TRUST002,CERT005', 0, 0, 30],
    ]);
  });

  it('leaves out more if what is left has most of the bytes', () => {
    const [login] = hostile('one').logins;
    const memory: TargetMemory = {
      ...hostile('one'),
      tracks: [],
      signingKeys: [],
      thumbprints: hostile('one').thumbprints.map((each) => ({ ...each, last: NOW })),
      // A thousand equal logins have most of the characters, and next to no bytes when they are packed.
      logins: login === undefined ? [] : Array.from({ length: 1_000 }, () => login),
    };
    const whole = packMain(stateOf(memory), 0, Infinity).byteLength;
    expect(packMain(stateOf({ ...memory, logins: [] }), 0, Infinity).byteLength).toBeGreaterThan(whole * 0.9);
    expect(packMain(stateOf(memory), 0, whole / 2).byteLength).toBeLessThanOrEqual(whole / 2);
  });

  it('keeps what people were notified of as critical, and what updates depend on', async () => {
    const one = hostile('hostile');
    const crowd = Array.from({ length: 200 }, (_, index) => ({
      ...one,
      added: [digest('sha1', String(index)).toString('hex')],
    }));
    const { targets } = await reload(stateOf(...crowd));
    expect(targets.size).toBe(200);
    for (const { added, tracks } of targets.values()) {
      expect(added).toHaveLength(1);
      expect(tracks).toContainEqual(
        expect.objectContaining({ key: 'CERT005', notified: { at: NOW, evidence: ['itself'] } }),
      );
    }
  });
});
