import { describe, expect, it } from '@jest/globals';
import { issuerCollector } from '../../lambda/collect/issuers';
import type { Host } from '../../lambda/domain/types';

const CONFIGURED = 'https://ci.internal/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const KEYS = `${CONFIGURED}/keys`;

/** Collects one issuer whose document names `jwksUri`, and records which requests may go to private addresses. */
async function questionsOf(issuer: string, jwksUri: string): Promise<readonly string[]> {
  const asked: string[] = [];
  const note = (what: string, mayBePrivate: boolean): void =>
    void asked.push(`${what} ${mayBePrivate ? 'private' : 'public'}`);
  const collector = issuerCollector(
    {
      readProvider: () => Promise.reject(new Error('not asked')),
      deadline: new AbortController().signal,
      fetchDocument: (_url, step, mayBePrivate) => {
        note(step, mayBePrivate);
        const text = step === 'jwks' ? '{"keys":[]}' : JSON.stringify({ issuer, jwks_uri: jwksUri });
        return Promise.resolve({ ok: true, value: { text, milliseconds: 1, missed: 0 } });
      },
      probeHost: (host: Host, mayBePrivate) => {
        note(host.name, mayBePrivate);
        return Promise.resolve({ host, variants: [], tls12: [], failure: null });
      },
    },
    { allowPrivateNetworks: true, issuers: [CONFIGURED] },
  );
  await collector.collect({ issuer, providerArn: null, configured: issuer === CONFIGURED }, null);
  return asked.sort();
}

describe('issuerCollector', () => {
  it('requests a configured issuer and its keys at private addresses', async () => {
    expect(await questionsOf(CONFIGURED, KEYS)).toEqual([
      'ci.internal private',
      'discovery private',
      'jwks private',
    ]);
  });

  it('requests keys of a configured issuer on another host at public addresses only', async () => {
    expect(await questionsOf(CONFIGURED, 'https://db.internal/keys')).toEqual([
      'ci.internal private',
      'db.internal public',
      'discovery private',
      'jwks public',
    ]);
  });

  it('requests a discovered issuer at public addresses only, even for keys on a configured host', async () => {
    expect(await questionsOf('https://evil.example', KEYS)).toEqual([
      'ci.internal public',
      'discovery public',
      'evil.example public',
      'jwks public',
    ]);
  });
});
