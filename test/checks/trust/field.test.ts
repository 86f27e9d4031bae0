/** Trust policies as they are found in accounts, with invented names, and the correct result for each. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { gravest } from '../../../lambda/domain/severity';
import type { Finding } from '../../../lambda/domain/types';
import { trustFindings } from '../../support/trust-findings';

const FOLDER = join(__dirname, 'field');

/** `findings`: all but those of severity info. `worst`: the highest severity above info. */
const CASE = v.object({
  name: v.string(),
  issuer: v.string(),
  audiences: v.array(v.string()),
  role: v.string(),
  attached: v.array(v.string()),
  trustPolicy: v.unknown(),
  findings: v.optional(v.array(v.string())),
  worst: v.optional(v.string()),
});

const CASES = readdirSync(FOLDER)
  .sort()
  .map((file) => v.parse(CASE, JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))));

const shown = ({ check, severity }: Finding): string => `${check}:${severity}`;

describe('trust policies from the field', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
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
