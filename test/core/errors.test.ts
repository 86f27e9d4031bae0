import { describe, expect, it } from '@jest/globals';
import { AccessError, ConfigError, EventError, PublishError, failure } from '../../lambda/core/errors';

describe('errors', () => {
  it.each([
    ['ConfigError', new ConfigError('Words.')],
    ['EventError', new EventError('Words.')],
    ['AccessError', new AccessError('Words.')],
    ['PublishError', new PublishError('Words.')],
  ])('are called what a Lambda client sees as their type: %s', (name, error) => {
    expect(String(error)).toBe(`${name}: Words.`);
  });

  it('that are expected are values', () => {
    expect(failure('tls', 'TLS_RESET', 'Words.')).toEqual({
      step: 'tls',
      code: 'TLS_RESET',
      message: 'Words.',
    });
  });
});
