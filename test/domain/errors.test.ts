import { describe, expect, it } from '@jest/globals';
import { AccessError, ConfigError, EventError, PublishError, failure } from '../../lambda/domain/errors';

describe('error classes', () => {
  it.each([
    ['ConfigError', ConfigError],
    ['EventError', EventError],
    ['AccessError', AccessError],
    ['PublishError', PublishError],
  ])('have as name the error type of Lambda clients: %s', (name, OneError) => {
    expect(String(new OneError('Words.'))).toBe(`${name}: Words.`);
  });

  it('are values if they are expected', () => {
    expect(failure('tls', 'TLS_RESET', 'Words.')).toEqual({
      step: 'tls',
      code: 'TLS_RESET',
      message: 'Words.',
    });
    expect(failure('tls', 'TLS_RESET', 'Words.', '')).not.toHaveProperty('detail');
    expect(failure('tls', 'TLS_RESET', 'Words.', 'read ECONNRESET')).toEqual({
      step: 'tls',
      code: 'TLS_RESET',
      message: 'Words.',
      detail: 'read ECONNRESET',
    });
  });
});
