import { describe, expect, it } from '@jest/globals';
import { CHECK_IDS } from '../../lambda/domain/checks';
import { headingsOf } from '../support/headings';

describe('docs/findings.md', () => {
  it('has a heading for every check, in order', () => {
    const known = new Set<string>(CHECK_IDS);
    expect(headingsOf('docs/findings.md', 2).filter((heading) => known.has(heading))).toEqual([...CHECK_IDS]);
  });
});
