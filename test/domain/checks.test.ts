import { describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../lambda/domain/checks';

describe('CHECKS', () => {
  it.each(CHECKS)('$id has a problem that fits into the subject of a mail', ({ problem }) => {
    expect(problem.length).toBeLessThanOrEqual(45);
    expect(problem).toMatch(/^[a-z][ -~]*[^.]$/);
  });

  it('has a different title and a different problem for each check', () => {
    const texts = CHECKS.flatMap(({ title, problem }) => [title, problem]);
    expect(new Set(texts).size).toBe(2 * CHECKS.length);
  });
});
