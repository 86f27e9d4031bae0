/** What a run publishes where it has too much to say, or others chose the words. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { createProvider } from '../support/let-in';
import { TLS } from '../support/faults/catalogue/tls';
import { chainOf, serve, show } from '../support/faults/hosts';
import { runAt } from '../support/faults/run';
import type { Run } from '../support/faults/run';
import { Stage } from '../support/faults/stage';
import { startWorld } from '../support/faults/world';
import type { World } from '../support/faults/world';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const BODIES = v.object({ default: v.string(), email: v.string() });
const OMITTED = v.object({ events: v.array(v.unknown()), omittedEvents: v.number() });

describe('a message', () => {
  let world: World;
  let stage: Stage;

  beforeAll(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    stage = await Stage.open(world, 'off');
    await stage.remember(new Map());
  });
  afterEach(() => stage.close());
  afterAll(() => world.close());

  /** `number`: of many runs, six hours apart. */
  async function run(number: number): Promise<Run | undefined> {
    const [one] = await runAt(stage, new Date(world.begin.getTime() + number * 6 * HOUR_MS));
    expect(one?.error).toBeNull();
    return one;
  }

  /** The bodies of all that was published, as they went out. */
  const published = (): readonly string[] =>
    stage.proxy
      .calls()
      .filter(({ action }) => action === 'Publish')
      .map(({ text }) => text.split('\n').find((line) => line.startsWith('{"default"')) ?? '');

  it('about 300 different drifts is one that SNS takes, and says what is left out (fault 34)', async () => {
    const orgs = Array.from({ length: 300 }, () => randomUUID());
    const issuers = orgs.map(world.one.server.issuerOf);
    await Promise.all(
      orgs.map((org, index) => {
        const thumbprints = [index.toString(16).padStart(40, '0')];
        return createProvider(stage.iam, { issuer: issuers[index] ?? '', audiences: [org], thumbprints });
      }),
    );
    stage.settings.config = { issuers };
    const first = await run(0);
    expect(first?.report?.summary.drifted).toBe(300);
    expect(first?.messages).toMatchObject([{ subject: expect.stringContaining('drift: 300 providers') }]);
    const [body = '', ...others] = published();
    expect(others).toEqual([]);
    expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
    const bodies = v.parse(BODIES, JSON.parse(body));
    expect(bodies.email).toContain('left out for length');
    const { events, omittedEvents } = v.parse(OMITTED, JSON.parse(bodies.default));
    expect(omittedEvents).toBeGreaterThan(0);
    // Each list is wrong, and no role uses its provider.
    expect(events.length + omittedEvents).toBe(2 * 300);
  });

  const HOSTILE = TLS.filter(({ row }) => row === 13);
  it.each(HOSTILE.map((fault) => [fault.name, fault] as const))(
    'about %s has a subject that SNS takes, cut where it would be too long (fault 35)',
    async (_, { inject }) => {
      await run(0);
      world.names.set(world.drifting.name, 'nxdomain');
      await run(1);
      await world.two.server.replaceKeys();
      await run(2);
      show(world.two, chainOf(await serve(world.two.name, 'Other', world.root)));
      await inject(stage);
      const all = await run(3);
      expect(all?.messages).toHaveLength(1);
      expect(all?.messages[0]?.text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      expect(all?.messages[0]?.subject).toBe(
        '[critical] Thumbprint drift: 1 provider, Not checked: 1 issuer, Findings: 1 provider, Signing keys',
      );
    },
  );
});
