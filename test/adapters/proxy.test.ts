import { describe, expect, it } from '@jest/globals';
import { withProxyHint } from '../../lambda/adapters/proxy';
import { failure } from '../../lambda/domain/errors';
import type { FailureCode } from '../../lambda/domain/errors';

const failed = (code: FailureCode, message = 'It failed.') =>
  ({ ok: false, failure: failure('discovery', code, message) }) as const;
const PROXY = { HTTPS_PROXY: 'http://proxy.example.com:3128' };

describe('withProxyHint', () => {
  it('says that HTTPS_PROXY is not used if a connection failed', () => {
    const outcome = withProxyHint(failed('TCP_TIMEOUT'), PROXY);
    expect(outcome).toEqual(
      failed(
        'TCP_TIMEOUT',
        'It failed. HTTPS_PROXY is set, but the monitor does not use it: it connects directly.',
      ),
    );
  });

  it.each(['TCP_REFUSED', 'TCP_UNREACHABLE', 'DNS_NOT_FOUND', 'DNS_UNAVAILABLE'] as const)(
    'says it for %s, also in lower case, and never shows the value, which may contain a password',
    (code) => {
      const outcome = withProxyHint(failed(code), { https_proxy: 'http://user:secret@proxy' });
      expect(outcome).toMatchObject({ failure: { message: expect.stringContaining('https_proxy is set') } });
      expect(JSON.stringify(outcome)).not.toContain('secret');
    },
  );

  it.each([
    ['another failure', failed('HTTP_STATUS'), PROXY],
    ['an environment without a proxy', failed('TCP_TIMEOUT'), {}],
    ['an empty variable', failed('TCP_TIMEOUT'), { HTTPS_PROXY: '' }],
    ['a success', { ok: true, value: 'text' } as const, PROXY],
  ])('leaves %s unchanged', (_, outcome, environment) => {
    expect(withProxyHint(outcome, environment)).toBe(outcome);
  });
});
