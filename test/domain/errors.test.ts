import { describe, expect, it } from '@jest/globals';
import { AccessError, ConfigError, EventError, PublishError, failure } from '../../lambda/domain/errors';

describe('errors', () => {
  it.each([
    ['ConfigError', ConfigError],
    ['EventError', EventError],
    ['AccessError', AccessError],
    ['PublishError', PublishError],
  ])('are called what a Lambda client sees as their type: %s', (name, OneError) => {
    expect(String(new OneError('Words.'))).toBe(`${name}: Words.`);
  });

  it('that are expected are values', () => {
    expect(failure('tls', 'TLS_RESET', 'Words.')).toEqual({
      step: 'tls',
      code: 'TLS_RESET',
      message: 'Words.',
    });
  });
});
