import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { addressBook } from '../../lambda/adapters/dns';
import type { AddressOptions, Resolver } from '../../lambda/adapters/dns';
import { watchTimers } from '../support/faults/timers';

class ResolverError extends Error {
  constructor(readonly code: string) {
    super(`queryA ${code}`);
  }
}

const answering = (
  ...answers: (readonly string[] | Error)[]
): { resolver: Resolver; asked: () => number } => {
  let asked = 0;
  const resolver: Resolver = () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { resolver, asked: () => asked };
};

const book = (resolver: Resolver, more: Partial<AddressOptions> = {}): ReturnType<typeof addressBook> =>
  addressBook({ resolver, retryDelayMs: 1, timeoutMs: 50, ...more });

describe('addressBook', () => {
  it('waits for nothing once the run is over: its timers would outlive it', async () => {
    const over = new AbortController();
    const timers = watchTimers();
    const { resolver, asked } = answering(new ResolverError('EAI_AGAIN'));
    const patient = { over: over.signal, retryDelayMs: 10_000, timeoutMs: 10_000 };
    const retried = book(resolver, patient)('example.com', 'tls');
    void book(() => new Promise(() => undefined), patient)('example.com', 'tls');
    await turn();
    over.abort();
    expect(await retried).toMatchObject({ ok: false });
    expect(asked()).toBe(1);
    expect(await timers.stop()).toEqual([]);
  });

  it('waits as long as the run is not over', async () => {
    const over = new AbortController();
    const timers = watchTimers();
    const waited = book(() => new Promise(() => undefined), { over: over.signal, timeoutMs: 10_000 });
    void waited('example.com', 'tls');
    await turn();
    expect(await timers.stop()).toEqual([expect.stringMatching(/^lambda\/adapters\/dns\.ts:\d+$/)]);
    over.abort();
  });

  it('returns each public address once', async () => {
    const { resolver } = answering(['8.8.8.8', '8.8.8.8', '2600::1']);
    expect(await book(resolver)('example.com', 'tls')).toEqual({ ok: true, value: ['8.8.8.8', '2600::1'] });
  });

  it('resolves a name once a run, so that a rebound name changes nothing (fault 3)', async () => {
    const { resolver, asked } = answering(['8.8.8.8'], ['127.0.0.1']);
    const resolve = book(resolver);
    const [first, second] = await Promise.all([
      resolve('example.com', 'discovery'),
      resolve('example.com', 'tls'),
    ]);
    expect(second).toEqual(first);
    expect(await resolve('example.com', 'tls')).toEqual(first);
    expect(asked()).toBe(1);
  });

  it('leaves out refused addresses and returns the others (fault 2)', async () => {
    const { resolver } = answering(['10.0.0.1', '8.8.8.8', '::1']);
    expect(await book(resolver)('example.com', 'tls')).toEqual({ ok: true, value: ['8.8.8.8'] });
  });

  it('names every refused address if none is left', async () => {
    const { resolver } = answering(['169.254.169.254', 'fd00::1']);
    expect(await book(resolver)('metadata.example', 'discovery')).toEqual({
      ok: false,
      failure: {
        step: 'discovery',
        code: 'SSRF_ADDRESS_REFUSED',
        message:
          'metadata.example resolves to 169.254.169.254 (linkLocal), fd00::1 (uniqueLocal). AWS STS needs a public address. To permit private addresses, set allowPrivateNetworks and name the issuer in issuers.',
      },
    });
  });

  it('permits private addresses on request', async () => {
    const { resolver } = answering(['10.0.0.1']);
    const resolve = book(resolver);
    expect(await resolve('server.corp', 'tls', true)).toEqual({ ok: true, value: ['10.0.0.1'] });
  });

  it('permits private addresses per request, although it resolves the name once', async () => {
    const { resolver, asked } = answering(['10.0.0.1', '8.8.8.8']);
    const resolve = book(resolver);
    expect(await resolve('server.corp', 'tls', true)).toEqual({ ok: true, value: ['10.0.0.1', '8.8.8.8'] });
    expect(await resolve('server.corp', 'tls')).toEqual({ ok: true, value: ['8.8.8.8'] });
    expect(asked()).toBe(1);
  });

  it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '::ffff:169.254.169.254'])(
    'never permits %s, and reports it',
    async (address) => {
      const refused = await book(answering([address]).resolver)('metadata.example', 'tls', true);
      expect(refused).toMatchObject({
        failure: {
          code: 'SSRF_ADDRESS_REFUSED',
          message: expect.stringMatching(/The monitor never connects to addresses of this kind\.$/),
        },
      });
    },
  );

  it('returns at most 8 addresses (fault 4)', async () => {
    const { resolver } = answering(Array.from({ length: 20 }, (_, index) => `8.8.8.${index}`));
    const found = await book(resolver)('example.com', 'tls');
    expect(found.ok && found.value).toHaveLength(8);
  });

  it('returns both families among the 8, so that either works if the other is not reachable', async () => {
    const many = [...Array.from({ length: 10 }, (_, index) => `2600::${index + 1}`), '8.8.8.1', '8.8.8.2'];
    const found = await book(answering(many).resolver)('example.com', 'tls');
    expect(found).toEqual({
      ok: true,
      value: ['2600::1', '8.8.8.1', '2600::2', '8.8.8.2', '2600::3', '2600::4', '2600::5', '2600::6'],
    });
  });

  it('retries after an error of the resolver', async () => {
    const { resolver, asked } = answering(new ResolverError('EAI_AGAIN'), new ResolverError('EAI_AGAIN'), [
      '8.8.8.8',
    ]);
    expect((await book(resolver)('example.com', 'tls')).ok).toBe(true);
    expect(asked()).toBe(3);
  });

  it.each([
    ['ENOTFOUND', 'DNS_NOT_FOUND'],
    ['EAI_AGAIN', 'DNS_UNAVAILABLE'],
  ])('reports %s as %s after three attempts', async (theirs, ours) => {
    const { resolver, asked } = answering(new ResolverError(theirs));
    expect(await book(resolver)('example.com', 'tls')).toMatchObject({
      ok: false,
      failure: { code: ours, step: 'tls' },
    });
    expect(asked()).toBe(3);
  });

  it('reports an empty answer as a name that does not exist', async () => {
    const { resolver } = answering([]);
    expect(await book(resolver)('example.com', 'tls')).toMatchObject({ failure: { code: 'DNS_NOT_FOUND' } });
  });

  it('does not wait for a resolver that does not answer', async () => {
    const silent: Resolver = () => new Promise(() => undefined);
    const found = await book(silent, { timeoutMs: 5 })('example.com', 'tls');
    expect(found).toMatchObject({ failure: { code: 'DNS_UNAVAILABLE' } });
  });

  it('applies the address policy to literals as to answers', async () => {
    const resolve = addressBook();
    expect(await resolve('127.0.0.1', 'tls')).toMatchObject({ failure: { code: 'SSRF_ADDRESS_REFUSED' } });
    expect(await resolve('[::1]', 'tls')).toMatchObject({ failure: { code: 'SSRF_ADDRESS_REFUSED' } });
  });
});
