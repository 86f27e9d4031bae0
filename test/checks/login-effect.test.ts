/** A mail states the effect on logins once at its top, and again in each finding: they must not contradict each other. */
import { describe, expect, it } from '@jest/globals';
import { effectOfFinding } from '../../lambda/checks/login-effect';
import { STATEMENTS } from '../../lambda/domain/logins';
import type { Finding } from '../../lambda/domain/types';
import { FIELD_CASES } from '../support/field-cases';
import { trustFindings } from '../support/trust-findings';

const statementsIn = ({ message }: Finding): readonly string[] =>
  Object.values(STATEMENTS).filter((statement) => message.includes(statement));

describe('the effect of a finding on logins', () => {
  it.each(FIELD_CASES)('is the one that its message states: %s', async (_, one) => {
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
