/** A mail states the effect on logins once at its top, and again in each finding: they must not contradict each other. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { effectOfFinding } from '../../lambda/checks/login-effect';
import { STATEMENTS } from '../../lambda/domain/logins';
import type { Finding } from '../../lambda/domain/types';
import { trustFindings } from '../support/trust-findings';

const FOLDER = join(__dirname, 'trust', 'field');
const CASE = v.object({
  issuer: v.string(),
  audiences: v.array(v.string()),
  role: v.string(),
  attached: v.array(v.string()),
  trustPolicy: v.unknown(),
});
const CASES = readdirSync(FOLDER)
  .sort()
  .map((file) => [file, v.parse(CASE, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')))] as const);

const statementsIn = ({ message }: Finding): readonly string[] =>
  Object.values(STATEMENTS).filter((statement) => message.includes(statement));

describe('the effect of a finding on logins', () => {
  it.each(CASES)('is the one that its message states: %s', async (_, one) => {
    for (const finding of await trustFindings(one)) {
      const stated = statementsIn(finding);
      const effect = STATEMENTS[effectOfFinding(finding, null)];
      expect([finding.check, stated.length === 0 ? [effect] : stated]).toEqual([finding.check, [effect]]);
    }
  });

  it.each([
    ['TRUST007', STATEMENTS.fail, 'fail'],
    ['TRUST007', STATEMENTS.unknown, 'unknown'],
    ['TRUST003', STATEMENTS.fail, 'fail'],
    ['TRUST003', '', 'none'],
    ['PROV002', STATEMENTS.unknown, 'unknown'],
    ['PROV002', '', 'none'],
  ] as const)('of %s, whose message says "%s", is "%s"', (check, message, effect) => {
    expect(effectOfFinding({ check, severity: 'high', message }, null)).toBe(effect);
  });
});
