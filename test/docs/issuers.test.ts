import { describe, expect, it } from '@jest/globals';
import { readDocument } from '../support/headings';
import { issuersDocument } from '../support/issuers/document';

describe('docs/issuers.md', () => {
  it('is what npm run docs:issuers writes', () => {
    expect(readDocument('docs/issuers.md')).toBe(issuersDocument());
  });
});
