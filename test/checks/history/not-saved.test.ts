import { describe, expect, it } from '@jest/globals';
import { nearLimit } from '../../../lambda/checks/history/not-saved';

describe('nearLimit', () => {
  it('says how large the state of the account is, and both limits', () => {
    const { message } = nearLimit(361.5 * 1024);
    expect(message).toContain('It has 362 KB (limit: 400 KB)');
    expect(message).toContain('at most 4000 roles or keys');
  });
});
