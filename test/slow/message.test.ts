/** The message of a run with too many events, and further words that others chose. */
import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { furtherFaults } from '../support/faults/catalogue';
import { TLS } from '../support/faults/catalogue/tls';
import { messageScene, tellsHostileNames } from '../support/faults/message-suite';
import { createProvider } from '../support/let-in';

const BODIES = v.object({ default: v.string(), email: v.string() });
const OMITTED = v.object({ events: v.array(v.unknown()), omittedEvents: v.number() });

describe('a message', () => {
  const { stage, run } = messageScene();

  /** The bodies of all that was published, as they went out. */
  const published = (): readonly string[] =>
    stage()
      .proxy.calls()
      .filter(({ action }) => action === 'Publish')
      .map(({ text }) => text.split('\n').find((line) => line.startsWith('{"default"')) ?? '');

  it('about 300 different drifts is one that SNS accepts, and names each of them (fault 34)', async () => {
    const { iam, settings, world } = stage();
    const orgs = Array.from({ length: 300 }, () => randomUUID());
    const issuers = orgs.map(world.one.server.issuerOf);
    await Promise.all(
      orgs.map((org, index) => {
        const thumbprints = [index.toString(16).padStart(40, '0')];
        return createProvider(iam, { issuer: issuers[index] ?? '', audiences: [org], thumbprints });
      }),
    );
    settings.config = { issuers };
    const first = await run(0);
    expect(first?.report?.summary.drifted).toBe(300);
    expect(first?.messages).toMatchObject([
      { subject: expect.stringContaining(' and 299 more (account acme 123456789012)') },
    ]);
    const [body = '', ...others] = published();
    expect(others).toEqual([]);
    expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
    const bodies = v.parse(BODIES, JSON.parse(body));
    const named = new Set(bodies.email.split(/\s+/));
    const paths = issuers.map((issuer) => issuer.replace('https://', ''));
    expect(paths.filter((path) => !named.has(path) && !named.has(`https://${path}`))).toEqual([]);
    const { events, omittedEvents } = v.parse(OMITTED, JSON.parse(bodies.default));
    expect(omittedEvents).toBeGreaterThan(0);
    // Each list is wrong, and no role uses its provider.
    expect(events.length + omittedEvents).toBe(2 * 300);
  });

  tellsHostileNames(
    'about %s has a subject that SNS takes, cut where it would be too long (fault 35)',
    furtherFaults(TLS).filter(({ row }) => row === 13),
    { stage, run },
  );
});
