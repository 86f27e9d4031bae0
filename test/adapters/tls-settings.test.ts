import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import tls from 'node:tls';
import { documentReader } from '../../lambda/adapters/http/http';
import { prober } from '../../lambda/adapters/tls/tls';
import { openTrustStore } from '../../lambda/x509/trust-store';

const resolve = () => Promise.resolve({ ok: true, value: ['127.0.0.1'] } as const);
const options = { resolve, trustAnchors: {}, trust: openTrustStore([]) };

/** As `node --tls-cipher-list=NONE` sets it. */
const settings: { DEFAULT_CIPHERS: string } = tls;
const usual = tls.DEFAULT_CIPHERS;

describe('TLS settings of the process that permit no connection', () => {
  beforeEach(() => {
    settings.DEFAULT_CIPHERS = 'NONE';
  });
  afterEach(() => {
    settings.DEFAULT_CIPHERS = usual;
  });

  const failure = { code: 'TLS_HANDSHAKE', detail: 'no cipher match' };

  // The probe rejected, and the run ended without a report.
  it('are a failure of the handshakes that need them, and prove nothing about the server', async () => {
    const { variants, tls12 } = await prober(options)({ name: 'localhost', port: 1 });
    expect(variants).toMatchObject([{ keyType: 'rsa', answer: { kind: 'unanswered', failure } }, {}]);
    expect(tls12).toEqual([{ address: '127.0.0.1', offered: null }]);
  });

  // Every document but the first waited for a connection that did not exist.
  it('are a failure of every document of a host', async () => {
    const reader = documentReader(options);
    const urls = ['a', 'b', 'c'].map((name) => new URL(`https://localhost:1/${name}`));
    const outcomes = await Promise.all(urls.map((url) => reader.fetchDocument(url, 'jwks', true)));
    await reader.close();
    expect(outcomes).toMatchObject(Array(3).fill({ ok: false, failure: { step: 'jwks', ...failure } }));
  });
});
