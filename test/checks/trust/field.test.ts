/** Trust policies as they are found in accounts, with invented names, and the correct result for each. */
import { describe, expect, it } from '@jest/globals';
import { gravest } from '../../../lambda/domain/severity';
import type { Finding } from '../../../lambda/domain/types';
import { FIELD_CASES } from '../../support/field-cases';
import { trustFindings } from '../../support/trust-findings';

const shown = ({ check, severity }: Finding): string => `${check}:${severity}`;

describe('trust policies from the field', () => {
  it.each(FIELD_CASES)('%s', async (_, one) => {
    const found = (await trustFindings(one)).filter(({ severity }) => severity !== 'info');
    if (one.findings === undefined) {
      expect([gravest(found.map(({ severity }) => severity)) ?? 'none', found.map(shown)]).toEqual([
        expect.stringMatching(new RegExp(`^(?:${one.worst ?? ''})$`)),
        expect.anything(),
      ]);
      return;
    }
    const wanted = one.findings
      .map((each) => each.split('|'))
      .filter((each) => !each.every((x) => x.endsWith(':info')));
    expect(found.map(shown).sort()).toHaveLength(wanted.length);
    for (const [index, each] of [...wanted].sort().entries()) {
      expect(each).toContain(found.map(shown).sort()[index]);
    }
  });
});
