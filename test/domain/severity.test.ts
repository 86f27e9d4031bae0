import { describe, expect, it } from '@jest/globals';
import { SEVERITIES, atLeast, compareSeverity, gravest, severityOf } from '../../lambda/domain/severity';

describe('severities', () => {
  it('are at least as high as themselves and those before them, and no higher', () => {
    const reached = SEVERITIES.map((severity) => SEVERITIES.filter((each) => atLeast(severity, each)));
    expect(reached).toEqual(SEVERITIES.map((_, index) => SEVERITIES.slice(0, index + 1)));
    expect(compareSeverity('low', 'critical')).toBeLessThan(0);
  });

  it('have a maximum among several, in any order, and none among none', () => {
    for (const several of [['critical', 'info', 'high'] as const, ['info', 'high', 'critical'] as const])
      expect(gravest(several)).toBe('critical');
    expect(gravest([])).toBeNull();
  });

  it('do not modify the input', () => {
    const several = ['high', 'info'] as const;
    gravest(several);
    expect(several).toEqual(['high', 'info']);
  });

  it('are those of findings, or of changes if there are no findings', () => {
    expect(severityOf([{ severity: 'low' }, { severity: 'medium' }, { severity: 'info' }])).toBe('medium');
    expect(severityOf([])).toBe('info');
  });
});
