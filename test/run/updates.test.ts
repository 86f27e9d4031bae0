/** Attackers and others who want a thumbprint in a list: IAM's calls are recorded, time runs in steps of six hours. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { X509Certificate } from 'node:crypto';
import { failure } from '../../lambda/domain/errors';
import type { Host, HostObservation, Report } from '../../lambda/domain/types';
import { pack } from '../../lambda/state/pack';
import { ARN, Account, HOST, ISSUER, ITEMS, afterTurns, serving } from '../support/account';
import { valueOf } from '../support/state/items';
import type { Scene } from '../support/account';
import { hierarchy, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

let before: Hierarchy;
let after: Hierarchy;
let stranger: Identity;

beforeAll(async () => {
  [before, after] = [await hierarchy(HOST, 'Before'), await hierarchy(HOST, 'After')];
  stranger = await mint({ commonName: 'Stranger', ca: true });
});

const OTHER = 'https://gitlab.com';
const OTHER_ARN = 'arn:aws:iam::123456789012:oidc-provider/gitlab.com';

/** A day with the old chain, so that there is a history; then `runs` runs of a scene. */
async function days(account: Account, scene: Scene, runs = 8): Promise<Account> {
  for (let run = 0; run < 2; run += 1)
    await account.run({ probe: serving(before), config: scene.config ?? {} });
  for (let run = 0; run < runs; run += 1) await account.run(scene);
  return account;
}

const listing = (...more: readonly string[]): Account =>
  new Account([before.middle.thumbprint, ...more], serving(after), { update: 'guarded' });

describe('an update of a thumbprint list', () => {
  it('is made once, after the hold-down and three runs, and preserves what is listed', async () => {
    const account = listing();
    await days(account, {}, 4);
    expect(account.writes).toEqual([]);
    const report = await account.run();
    expect(account.writes).toEqual([[before.middle.thumbprint, after.middle.thumbprint]]);
    expect(report.targets[0]?.update).toMatchObject({ decision: 'written', list: account.writes[0] });
    for (let run = 0; run < 8; run += 1) await account.run();
    expect(account.writes).toHaveLength(1);
    expect(account.told()).toEqual(['drift.firing', 'updated', 'drift.resolved']);
    const mail = account.messages[1]?.email ?? '';
    expect(mail).toContain(`--thumbprint-list ${before.middle.thumbprint}\n`);
    expect(mail.replaceAll('\n', ' ')).toContain('All conditions of an update were met.');
  });

  it('is not repeated automatically once somebody has reverted it (fault 48)', async () => {
    const account = await days(listing(), {}, 5);
    expect(account.writes).toHaveLength(1);
    account.lists.set(ARN, [before.middle.thumbprint]);
    for (let run = 0; run < 40; run += 1) await account.run();
    expect(account.writes).toHaveLength(1);
    const texts = account.messages.map(({ email }) => email.replaceAll('\n', ' '));
    expect(texts.filter((text) => text.includes('will not add it again'))).toHaveLength(1);
  });

  it('is shown by an audit, which writes nothing', async () => {
    const account = await days(listing(), { event: { action: 'audit' } }, 1);
    await account.run({ config: { update: 'off' } });
    for (let run = 0; run < 5; run += 1) await account.run({ config: { update: 'off' } });
    const report = await account.run({ event: { action: 'audit' }, probe: serving(after) });
    expect(report.targets[0]?.update).toMatchObject({ decision: 'would-write', guard: null });
    expect(account.writes).toEqual([]);
  });

  it('is made in the same run if logins fail now and a second probe through the anchors agrees', async () => {
    const config = { issuers: ['https://ci.corp.example'], trustAnchors: after.root.pem };
    const account = new Account([], serving(after), { update: 'guarded' });
    account.lists.delete(ARN);
    const arn = 'arn:aws:iam::123456789012:oidc-provider/ci.corp.example';
    account.lists.set(arn, [before.middle.thumbprint]);
    const anchored = (served: Hierarchy): Scene => ({
      config,
      probe: serving(served, { trusted: false, anchored: true }),
    });
    await account.run(anchored(before));
    await account.run(anchored(before));
    await account.run(anchored(after));
    expect(account.writes).toEqual([[before.middle.thumbprint, after.middle.thumbprint]]);
    expect(account.told()).toContain('updated');
  });

  it('is reported by the next run if a run dies after the write', async () => {
    const account = await days(listing(), {}, 4);
    account.beforeWrite = () => {
      account.lists.set(ARN, [before.middle.thumbprint, after.middle.thumbprint]);
      throw new Died('after the write');
    };
    await expect(account.run()).rejects.toThrow(Died);
    expect(account.told()).not.toContain('updated');
    for (let run = 0; run < 4; run += 1) await account.run();
    expect(account.told().filter((type) => type === 'updated')).toHaveLength(1);
    expect(account.writes).toEqual([]);
  });

  /** Ends the run soon after the write has begun. */
  const onceWritten = (account: Account): (() => Promise<void>) => {
    const earlier = account.writes.length;
    return async () => {
      while (account.writes.length === earlier) await afterTurns(1)();
      await afterTurns(5)();
    };
  };

  it('is reported as not visible yet if the run ends before IAM shows it', async () => {
    const account = await days(listing(), {}, 4);
    const report = await account.run({ silent: 'read after the write', deadline: onceWritten(account) });
    expect(report.targets[0]?.update).toMatchObject({ decision: 'written' });
    expect(account.told()).toEqual(['drift.firing', 'updated']);
    await account.run();
    expect(account.writes).toHaveLength(1);
  });

  it('that IAM does not answer before the run ends is reported, and resolved by the next run', async () => {
    const account = await days(listing(), {}, 4);
    const report = await account.run({ silent: 'write', deadline: onceWritten(account) });
    expect(report.targets[0]?.update).toMatchObject({ decision: 'refused' });
    expect(account.told()).toEqual(['drift.firing', 'update.refused']);
    for (let run = 0; run < 2; run += 1) await account.run();
    expect(account.writes).toHaveLength(1);
    expect(account.told().filter((type) => type === 'updated')).toHaveLength(1);
  });

  it('is not begun near the deadline of the run, and is made by the next one', async () => {
    const account = await days(listing(), {}, 4);
    const report = await account.run({ deadline: afterTurns(1) });
    expect(account.writes).toEqual([]);
    expect(report.targets[0]?.update).toMatchObject({ decision: 'would-write' });
    await account.run();
    expect(account.writes).toHaveLength(1);
  });

  it('retries once after a conflict with another writer, and gives up after a second one', async () => {
    const once = await days(listing(), {}, 4);
    once.conflicts = 1;
    await once.run();
    expect(once.writes).toHaveLength(1);
    const twice = await days(listing(), {}, 4);
    twice.conflicts = 2;
    await twice.run();
    expect(twice.writes).toEqual([]);
    expect(twice.told()).toContain('update.refused');
  });

  it('preserves what somebody else has listed between the read and the write', async () => {
    const account = await days(listing(), {}, 4);
    const theirs = 'c'.repeat(40);
    account.conflicts = 1;
    account.beforeWrite = () => account.lists.set(ARN, [before.middle.thumbprint, theirs]);
    await account.run();
    expect(account.writes).toEqual([[before.middle.thumbprint, theirs, after.middle.thumbprint]]);
  });
});

describe('a list whose issuer the configuration does not permit to update', () => {
  const GITHUB_ARN = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
  const GITHUB = 'https://token.actions.githubusercontent.com';
  const other = (): Account => {
    const account = new Account([before.middle.thumbprint, after.middle.thumbprint], serving(after), {
      update: 'guarded',
    });
    account.lists.set(GITHUB_ARN, [before.middle.thumbprint]);
    return account;
  };
  const updateOf = (report: Report, issuer: string): unknown =>
    report.targets.find((target) => target.issuer === issuer)?.update;

  it('is read and never updated by default, without a message, and the report says which key permits it', async () => {
    const account = await days(other(), {});
    const report = await account.run();
    expect(account.writes).toEqual([]);
    expect(account.told()).not.toContain('update.refused');
    expect(updateOf(report, GITHUB)).toEqual({
      decision: 'refused',
      guard: 'permitted',
      message: expect.stringContaining('updateIssuers'),
      list: null,
    });
  });

  it.each([
    [{ updateIssuers: [GITHUB] }, 1],
    [{ updateIssuers: [GITHUB], discover: 'none' }, 1],
    [{ issuers: [GITHUB], discover: 'circleci' }, 1],
    [{ updateIssuers: [GITHUB], discover: 'all' }, 1],
    [{ discover: 'all' }, 0],
  ])('with %j has %j update', async (config, updates) => {
    const account = await days(other(), { config });
    expect(account.writes).toHaveLength(updates);
    expect(account.lists.get(GITHUB_ARN)).toHaveLength(1 + updates);
  });

  it('is that of a CircleCI organization, too, if discover is all', async () => {
    const account = await days(listing(), { config: { discover: 'all' } });
    expect(account.writes).toEqual([]);
    expect(updateOf(await account.run({ config: { discover: 'all' } }), ISSUER)).toMatchObject({
      guard: 'permitted',
    });
  });
});

describe('an update whose list somebody replaces between the read and the write', () => {
  it('adds nothing that its intent does not name, since that has been removed', async () => {
    const both = (host: Host): HostObservation => ({
      ...observed(host.name, [{ chain: before.chain }, { chain: after.chain, address: '192.0.2.2' }]),
      host,
    });
    const account = await days(listing(), { probe: both }, 4);
    expect(account.writes).toEqual([]);
    account.conflicts = 1;
    account.beforeWrite = () => account.lists.set(ARN, ['c'.repeat(40)]);
    await account.run({ probe: both });
    expect(account.conflicts).toBe(0);
    expect(account.writes).toEqual([]);
  });
});

class Died extends Error {}

describe('an attacker with only the public half of an honest CA key', () => {
  const PRIVATE_ISSUER = 'https://ci.corp.example';
  const PRIVATE_ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.corp.example';
  let attacker: Identity;
  let chains: Readonly<Record<string, readonly Identity[]>>;
  let damaged: Identity;

  beforeAll(async () => {
    const notBefore = new Date('2026-01-01T00:00:00Z');
    attacker = await mint({ commonName: 'Attacker Root', ca: true, notBefore });
    const copyOf = (honest: Identity): Promise<Identity> =>
      mint({
        commonName: honest.subject.replace('CN=', ''),
        ca: true,
        keyOf: honest,
        signedBy: attacker,
        notBefore,
      });
    const [crossMiddle, crossRoot] = [await copyOf(before.middle), await copyOf(before.root)];
    const raw = Buffer.from(before.root.certificate.raw);
    raw.writeUInt8((raw.at(-1) ?? 0) ^ 1, raw.length - 1);
    const certificate = new X509Certificate(raw);
    damaged = {
      ...before.root,
      certificate,
      thumbprint: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    };
    const { leaf, middle, root } = before;
    const below = await mint({
      commonName: HOST,
      hosts: [HOST, 'ci.corp.example'],
      signedBy: root,
      notBefore,
    });
    chains = {
      'a cross-certificate and his root': [below, crossRoot, attacker],
      'the honest certificate, a cross-certificate and his root': [leaf, middle, crossMiddle, attacker],
      'a cross-certificate of the root': [leaf, middle, crossRoot],
      'a cross-certificate of the root and his root': [leaf, middle, crossRoot, attacker],
      'a damaged copy of the root': [leaf, middle, root, damaged],
    };
  });

  const NAMES = [
    'a cross-certificate and his root',
    'the honest certificate, a cross-certificate and his root',
    'a cross-certificate of the root',
    'a cross-certificate of the root and his root',
    'a damaged copy of the root',
  ];
  const CASES = NAMES.flatMap((name) =>
    [true, false].flatMap((isPublic) =>
      [true, false].map((isAll) => [name, isPublic ? 'public' : 'private', isAll ? 'all' : 'one'] as const),
    ),
  );

  /** One address stays honest if only one of two was taken over. */
  function scene(name: string, ca: string, which: string): Scene {
    const trust =
      ca === 'public' ? { trusted: true, below: before.chain } : { trusted: false, anchored: true };
    const chain = chains[name] ?? [];
    return {
      config: ca === 'public' ? {} : { issuers: [PRIVATE_ISSUER], trustAnchors: before.root.pem },
      probe: (host) => {
        const seen = observed(host.name, [
          { chain, address: '192.0.2.1', ...trust },
          { chain: which === 'all' ? chain : before.chain, address: '192.0.2.2', ...trust },
        ]);
        return { ...seen, host };
      },
    };
  }

  const accountOf = (ca: string, update: string): Account => {
    const account = new Account([before.middle.thumbprint], serving(before), { update });
    if (ca === 'private') {
      account.lists.delete(ARN);
      account.lists.set(PRIVATE_ARN, [before.middle.thumbprint]);
    }
    return account;
  };

  /** What the attacker wants in the list: his own certificates, and the honest root above them. */
  const forged = (): readonly string[] => [
    attacker.thumbprint,
    damaged.thumbprint,
    ...Object.values(chains).flatMap((chain) =>
      chain.filter(({ signedBy }) => signedBy === attacker).map(({ thumbprint }) => thumbprint),
    ),
  ];

  it.each(CASES)('gets nothing listed by %s, %s CA, %s of the addresses', async (name, ca, which) => {
    const account = accountOf(ca, 'guarded');
    const attack = scene(name, ca, which);
    await days(
      account,
      { ...attack, probe: serving(before, ca === 'public' ? {} : { trusted: false, anchored: true }) },
      2,
    );
    for (let run = 0; run < 6; run += 1) await account.run(attack);
    expect(account.writes).toEqual([]);
    const [target] = (await account.run(attack)).targets;
    expect(target?.findings.map(({ check }) => check)).toContain('CERT007');
    for (const thumbprint of forged()) {
      expect(target?.proposed ?? []).not.toContain(thumbprint);
      const commands = account.messages.flatMap(({ email }) => email.match(/--thumbprint-list .*/g) ?? []);
      expect(commands.join()).not.toContain(thumbprint);
      const item = JSON.stringify([...account.items.values()].map(valueOf));
      expect(item).not.toMatch(new RegExp(`"${thumbprint}"[^}]*"streakSince":"`));
      expect(item).not.toMatch(new RegExp(`"${thumbprint}"[^}]*"anchored"`));
    }
  });

  it.each(CASES)('gets no command printed by %s, %s CA, %s of the addresses', async (name, ca, which) => {
    const account = accountOf(ca, 'off');
    const report = await account.run({ ...scene(name, ca, which), event: { action: 'audit' } });
    const remedies = report.targets
      .flatMap(({ findings }) => findings.map(({ remedy }) => remedy))
      .join('\n');
    const commands = (remedies.match(/--thumbprint-list .*/g) ?? []).join();
    for (const thumbprint of forged()) expect(commands).not.toContain(thumbprint);
  });
});

describe('an attacker gets nothing into a list by', () => {
  const attacks: readonly (readonly [string, () => Scene])[] = [
    ['an untrusted chain', () => ({ probe: serving(after, { trusted: false }) })],
    ['an expired chain', () => ({ probe: serving(after, { trusted: false, distrust: 'CERT_HAS_EXPIRED' }) })],
    [
      'a chain for another host',
      () => ({ probe: serving(after, { trusted: false, distrust: 'ERR_TLS_CERT_ALTNAME_INVALID' }) }),
    ],
    ['a stray certificate', () => ({ probe: serving({ ...before, chain: [...before.chain, stranger] }) })],
    ['a leaf alone', () => ({ probe: serving({ ...after, chain: [after.leaf] }) })],
    [
      'a redirect',
      () => ({
        document: () => ({ ok: false, failure: failure('discovery', 'HTTP_REDIRECT', 'It redirects.') }),
      }),
    ],
    [
      'another host for the keys',
      () => ({
        document: (issuer) => ({
          ok: true,
          value: JSON.stringify({ issuer, jwks_uri: 'https://keys.evil.example/keys' }),
        }),
      }),
    ],
    [
      'another issuer',
      () => ({
        document: (issuer) => ({
          ok: true,
          value: JSON.stringify({ issuer: `${issuer}x`, jwks_uri: `${issuer}/k` }),
        }),
      }),
    ],
    [
      'an address that stays silent',
      () => ({
        probe: (host) => {
          const seen = serving(after)(host);
          const silent = failure('tls', 'TLS_TIMEOUT', 'Silence.');
          const variant = {
            address: '192.0.2.9',
            keyType: 'rsa',
            answer: { kind: 'unanswered', failure: silent },
          } as const;
          return { ...seen, variants: [...seen.variants, variant] };
        },
      }),
    ],
    ['a store that is down', () => ({ store: 'down' })],
    ['an event that asks for it', () => ({ config: { update: 'off' } })],
    ['a list that AWS does not check', () => ({ config: { update: 'enforced-only' } })],
  ];

  it.each(attacks)('%s', async (_, scene) => {
    expect((await days(listing(), scene())).writes).toEqual([]);
  });

  it('a certificate that appears and disappears', async () => {
    const account = await days(listing(), {}, 0);
    for (let run = 0; run < 24; run += 1) {
      await account.run({ probe: serving(run % 3 === 2 ? before : after) });
    }
    expect(account.writes).toEqual([]);
  });

  it('one certificate at unrelated hosts at once, as an inspection proxy shows it', async () => {
    const account = listing();
    account.lists.set(OTHER_ARN, [before.middle.thumbprint]);
    await days(account, { config: { issuers: [OTHER] } });
    expect(account.writes).toEqual([]);
    expect(account.told()).toContain('update.refused');
  });

  it('a full list: nothing is evicted, and the command is sent to a person', async () => {
    const account = listing(...['1', '2', '3', '4'].map((digit) => digit.repeat(40)));
    await days(account, {});
    expect(account.writes).toEqual([]);
    const refused = account.messages.find(({ attributes }) =>
      String(attributes['eventTypes']).includes('update.refused'),
    );
    expect(refused?.email).toContain('guard: room');
    expect(refused?.email).toContain('update-open-id-connect-provider-thumbprint');
  });

  it('an event with an unknown key', async () => {
    await expect(listing().run({ event: { action: 'monitor', update: 'guarded' } })).rejects.toThrow(
      /update: is not a known key/,
    );
  });

  it.each(['main', 'retained'] as const)('a forged, malformed state: %s', async (name) => {
    const account = await days(listing(), {}, 0);
    for (let run = 0; run < 12; run += 1) {
      account.items.set(ITEMS[name], {
        version: run + 100,
        data: pack({ stateVersion: 2, targets: 'x' }),
        text: null,
      });
      await account.run();
    }
    expect(account.writes).toEqual([]);
  });

  it('a concurrent second run', async () => {
    const account = await days(listing(), {}, 4);
    await Promise.all([account.run(), account.run()]);
    expect(account.writes).toHaveLength(1);
  });
});
