import { describe, expect, it } from '@jest/globals';
import { groupByCause, groupRemedies } from '../../lambda/report/group';
import type { TargetReport } from '../../lambda/domain/types';
import { drifted, finding, inSync, unseen } from '../support/reports';

const ends = finding('CERT001', 'medium', 'It ends.');
const alike = { ...drifted('a'), findings: [ends] };

describe('groupByCause: targets are one group', () => {
  const groupsOf = (...targets: readonly TargetReport[]): readonly (readonly TargetReport[])[] =>
    groupByCause(targets);

  it.each<[string, Partial<TargetReport>]>([
    ['issuer', { issuer: 'https://ci.example.com' }],
    ['provider', { providerArn: 'arn' }],
    ['basis', { enforcedBasis: 'unknown' }],
    ['keys and roles', { signingKeys: ['a'], roles: ['b'] }],
    ['words', { findings: [{ ...ends, message: 'Soon.', remedy: 'x', subject: 'y' }] }],
    ['chains of the same hosts', { chains: alike.chains.map((each) => ({ ...each, tls: 'TLSv1.2' })) }],
  ])('for any value of their %s', (_, change) => {
    const other = { ...alike, ...change };
    expect(groupsOf(alike, other)).toEqual([[alike, other]]);
  });

  it.each<[string, Partial<TargetReport>]>([
    ['status', { status: 'in-sync' }],
    ['enforcement', { enforced: true }],
    ['list', { listed: [] }],
    ['expected values', { expected: [] }],
    ['checks', { findings: [{ ...ends, check: 'CERT002' }] }],
    ['severity', { findings: [{ ...ends, severity: 'high' }] }],
    ['acceptance', { findings: [{ ...ends, accepted: { reason: 'x', until: '2027-01-31' } }] }],
    ['failure', { failure: { step: 'iam', code: 'AWS_THROTTLED', message: 'x' } }],
    ['hosts', { chains: alike.chains.map((each) => ({ ...each, host: 'keys.example.com' })) }],
  ])('unless their %s differs', (_, change) => {
    const other = { ...alike, ...change };
    expect(groupsOf(alike, other)).toHaveLength(2);
  });

  it('by cause: the most severe first, then by status, in the order of the report', () => {
    const missing: TargetReport = { ...inSync('b'), status: 'provider-missing' };
    const [one, two, three] = [drifted('c'), drifted('d'), drifted('e')];
    expect(groupsOf(inSync('a'), unseen('f'), missing, one, two, three)).toEqual([
      [unseen('f')],
      [one, two, three],
      [missing],
      [inSync('a')],
    ]);
  });
});

describe('groupRemedies', () => {
  const command = (name: string): string => `Do it:\naws iam ${name} \\\n  --a`;

  it('has each sentence once, and directly below it the commands of each target', () => {
    expect(groupRemedies([[command('a'), 'Renew it.', ''], [command('b')], [command('a')]])).toEqual([
      'Do it:',
      '  aws iam a \\\n    --a',
      '  aws iam b \\\n    --a',
      'Renew it.',
    ]);
    expect(groupRemedies([[], ['\naws iam c']])).toEqual(['  aws iam c']);
    expect(groupRemedies([['word '.repeat(20)]])[0]).toMatch(/^(word ){14}word\n(word ?){5}$/);
  });

  it('has the commands of five, and the number of others', () => {
    const many = Array.from({ length: 7 }, (_, index) => [command(String(index))]);
    expect(groupRemedies(many).at(-1)).toBe('Do the same for the other 2.');
    expect(groupRemedies(many)).toHaveLength(7);
    expect(groupRemedies(many.slice(0, 6)).at(-1)).toBe('Do the same for the other 1.');
    expect(groupRemedies(many.slice(0, 5)).at(-1)).toBe('  aws iam 4 \\\n    --a');
    expect(groupRemedies(many.map(() => ['Renew it.']))).toEqual(['Renew it.']);
  });
});
