import { describe, expect, it } from '@jest/globals';
import { SEVERITIES, atLeast, compareSeverity, gravest, severityOf } from '../../lambda/domain/severity';

describe('severities', () => {
  it('are at least as grave as those before them and themselves, and no graver', () => {
    const reached = SEVERITIES.map((severity) => SEVERITIES.filter((each) => atLeast(severity, each)));
    expect(reached).toEqual(SEVERITIES.map((_, index) => SEVERITIES.slice(0, index + 1)));
    expect(compareSeverity('low', 'critical')).toBeLessThan(0);
  });

  it('have a gravest among several, wherever it stands, and none among none', () => {
    for (const several of [['critical', 'info', 'high'] as const, ['info', 'high', 'critical'] as const])
      expect(gravest(several)).toBe('critical');
    expect(gravest([])).toBeNull();
  });

  it('leave several as they were', () => {
    const several = ['high', 'info'] as const;
    gravest(several);
    expect(several).toEqual(['high', 'info']);
  });

  it('are those of things, news where there are none', () => {
    expect(severityOf([{ severity: 'low' }, { severity: 'medium' }, { severity: 'info' }])).toBe('medium');
    expect(severityOf([])).toBe('info');
  });
});
