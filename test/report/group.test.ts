import { describe, expect, it } from '@jest/globals';
import { groupByCause, groupRemedies } from '../../lambda/report/group';
import { MORE_POLICIES } from '../../lambda/remedies/policies';
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
      'Do it:\n\n  aws iam a \\\n    --a\n\n  aws iam b \\\n    --a',
      'Renew it.',
    ]);
    expect(groupRemedies([[], ['\naws iam c']])).toEqual(['  aws iam c']);
    expect(groupRemedies([['word '.repeat(20)]])[0]).toMatch(/^(word ){14}word\n(word ?){5}$/);
  });

  it('has the commands of five, and the number of others', () => {
    const many = Array.from({ length: 7 }, (_, index) => [command(String(index))]);
    expect(groupRemedies(many).at(-1)).toBe('Do the same for the other 2.');
    expect(groupRemedies(many)).toHaveLength(2);
    expect(groupRemedies(many)[0]?.match(/aws iam \d/g)).toHaveLength(5);
    expect(groupRemedies(many.slice(0, 6)).at(-1)).toBe('Do the same for the other 1.');
    expect(groupRemedies(many.slice(0, 5)).at(-1)).toMatch(/\n\n {2}aws iam 4 \\\n {4}--a$/);
    expect(groupRemedies(many.map(() => ['Renew it.']))).toEqual(['Renew it.']);
  });

  it('indents no here-document: its last line would not end it', () => {
    const save = 'Save it:\ncat > a.json <<\'EOF\'\n{\n  "b": 1\n}\nEOF';
    expect(groupRemedies([[`${save}\n\n${command('a')}`]])).toEqual([
      save.replace('\n', '\n\n'),
      'Do it:\n\n  aws iam a \\\n    --a',
    ]);
  });

  it('names the command for the policies of others', () => {
    const many = Array.from({ length: 7 }, (_, index) => [`Limit it.\n\n${command(String(index))}`]);
    const limited = [...many.slice(0, 6), [`Limit it.\n\n${MORE_POLICIES}`]];
    expect(
      groupRemedies(limited)
        .map((part) => part.replaceAll(/\s+/g, ' '))
        .at(-1),
    ).toBe(MORE_POLICIES);
    expect(groupRemedies(limited.slice(2))).toHaveLength(3);
  });
});
