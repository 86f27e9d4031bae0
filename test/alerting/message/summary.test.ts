import { describe, expect, it } from '@jest/globals';
import { beginningOf, paragraphsOf } from '../../../lambda/alerting/message/summary';
import { topicsOf } from '../../../lambda/alerting/message/topic';
import type { EventType } from '../../../lambda/domain/event-types';
import type { Finding, TargetReport } from '../../../lambda/domain/types';
import { OLD, drifted, finding, inSync, issuerOf, unseen } from '../../support/reports';
import { told } from '../../support/told';

/** Listed by recipes of 2023 and 2022. */
const GITHUB_2023 = '1c58a3a8518e8759bf075b76b750d4f2df264fcd';
const GITHUB_2022 = '6938fd4d98bab03faadb97b34396831e3780aea1';

const elsewhere = (target: TargetReport): TargetReport => ({
  ...target,
  issuer: 'https://ci.example.com:8443',
});
const nothing = finding('THUMB001', 'low', 'Nothing.');
const some = finding('THUMB002', 'low', 'Some.');

/** The paragraphs of each topic of an event type on these targets. */
const said = (
  eventType: EventType,
  targets: readonly (TargetReport | null)[],
  findings: readonly Finding[] = [nothing],
): readonly string[] =>
  topicsOf(targets.map((target) => told(eventType, { target, findings }))).flatMap(paragraphsOf);

const A = issuerOf('a');
const one = `Your CircleCI provider for ${A}`;

describe('summary of drift', () => {
  it.each<[string, TargetReport, string]>([
    [
      'a list of 2022',
      drifted('a'),
      `${one} still lists a thumbprint from 2022 setup guides; no server uses it any more.`,
    ],
    [
      'two certificates of one recipe, in any spelling',
      { ...drifted('a'), listed: [OLD.toUpperCase(), GITHUB_2022.replace(/^(..)/, '$1:')] },
      `${one} still lists a thumbprint from 2022 setup guides; no server uses it any more.`,
    ],
    [
      'certificates of two recipes',
      { ...drifted('a'), listed: [OLD, GITHUB_2023] },
      `${one} lists no certificate that oidc.circleci.com sends.`,
    ],
    [
      'others',
      elsewhere({ ...drifted('a'), listed: ['1'.repeat(40)] }),
      'Your provider for https://ci.example.com:8443 lists no certificate that ci.example.com:8443 sends.',
    ],
    ['an empty list', { ...drifted('a'), listed: [] }, `${one} lists no thumbprint.`],
  ])('says what is listed: %s', (_, target, sentence) => {
    expect(said('drift.firing', [target])).toEqual([sentence, 'Nothing.', 'This is not urgent.']);
    expect(said('drift.reminder', [{ ...target, enforced: true }])).toEqual([sentence, 'Nothing.']);
  });

  it('of a part says that a certificate is missing', () => {
    expect(said('drift.firing', [drifted('a')], [some])).toEqual([
      `${one} is missing a certificate that AWS may compare.`,
      'Some.',
      'This is not urgent.',
    ]);
  });

  it('of several targets is one topic', () => {
    const both = [drifted('a'), drifted('b')];
    expect(said('drift.firing', both)[0]).toBe(
      'Your 2 CircleCI providers still list a thumbprint from 2022 setup guides; no server uses it any more.',
    );
    expect(said('drift.firing', both, [some])[0]).toBe(
      'Your 2 CircleCI providers are missing a certificate that AWS may compare.',
    );
    expect(said('drift.firing', [drifted('a'), elsewhere(drifted('b'))])[0]).toMatch(/^Your 2 providers /);
  });

  it('reports the resolution, or that the provider was deleted', () => {
    const gone = (digit: string): TargetReport => ({ ...inSync(digit), status: 'provider-missing' });
    expect(said('drift.resolved', [inSync('a')])).toEqual([
      `Resolved: the thumbprint list of your CircleCI provider for ${A} is complete again.`,
    ]);
    expect(said('drift.resolved', [inSync('a'), inSync('b')])).toEqual([
      'Resolved: the thumbprint lists of your 2 CircleCI providers are complete again.',
    ]);
    expect(said('drift.resolved', [gone('a')])).toEqual([
      `${one} was deleted, so the outdated list no longer exists.`,
    ]);
    expect(said('drift.resolved', [gone('a'), gone('b')])).toEqual([
      'Your 2 CircleCI providers were deleted, so the outdated lists no longer exist.',
    ]);
  });
});

describe('summary of targets that could not be audited', () => {
  const why = 'oidc.circleci.com did not accept the connection in time (ETIMEDOUT).';

  it.each<[string, TargetReport | null, readonly Finding[], string]>([
    [
      'by its failure',
      unseen('a'),
      [finding('DISC001', 'high', 'other words')],
      `${one} could not be checked: ${why}`,
    ],
    [
      'by its finding',
      inSync('a'),
      [finding('DISC001', 'high', 'In words.')],
      `${one} could not be checked: In words.`,
    ],
    ['by nothing', inSync('a'), [], `${one} could not be checked.`],
    ['of the account', null, [], 'A part of the account could not be checked.'],
  ])('contains target and reason, and that it is no drift: %s', (_, target, findings, sentence) => {
    for (const eventType of ['unknown.firing', 'unknown.reminder'] as const) {
      const [first, second, ...others] = said(eventType, [target], findings);
      expect([first, others]).toEqual([sentence, []]);
      expect(second).toContain('This is not a drift alert');
    }
  });

  it('reports the resolution', () => {
    expect(said('unknown.resolved', [inSync('a')])).toEqual([
      `Resolved: your CircleCI provider for ${A} can be checked again.`,
    ]);
    expect(said('unknown.resolved', [inSync('a'), inSync('b')])).toEqual([
      'Resolved: your 2 CircleCI providers can be checked again.',
    ]);
    expect(said('unknown.resolved', [null])).toEqual(['Resolved: the account can be checked again.']);
  });
});

describe('summary of findings', () => {
  const of = (...messages: readonly string[]): readonly Finding[] =>
    messages.map((message) => finding('CERT001', 'high', message));

  it.each<EventType>([
    'finding.firing',
    'finding.reminder',
    'finding.resolved',
    'keys.changed',
    'updated',
    'update.refused',
  ])('is the text of each finding, once: %s', (eventType) => {
    expect(said(eventType, [inSync('a'), inSync('b')], of('First.', 'Second.', 'First.'))).toEqual([
      'First.',
      'Second.',
    ]);
  });

  it('is one paragraph for many similar findings', () => {
    expect(said('finding.firing', [inSync('a')], of('1.', '2.', '3.'))).toEqual(['1.', '2.', '3.']);
    expect(said('finding.firing', [inSync('a')], of('1.', '2.', '3.', '4.'))).toEqual([
      '4 similar findings (CERT001: certificate expires soon). For example: 1.',
    ]);
  });

  it('separates checks and severities', () => {
    const findings = [
      ...of('1.', '2.', '3.'),
      finding('CERT002', 'high', '4.'),
      finding('CERT001', 'low', '5.'),
    ];
    expect(said('finding.firing', [inSync('a')], findings)).toEqual(['1.', '2.', '3.', '4.', '5.']);
  });
});

describe('since when', () => {
  const began = (eventType: EventType, ...since: readonly string[]): readonly (string | null)[] =>
    topicsOf(
      since.map((each) =>
        told(eventType, { since: '2026-11-24T06:00:00.000Z', findings: [{ ...nothing, since: each }] }),
      ),
    ).map(beginningOf);

  it.each<[EventType, string | null]>([
    ['finding.firing', 'First found at 2026-11-20 06:00 UTC.'],
    ['finding.reminder', 'Ongoing since 2026-11-20 06:00 UTC.'],
    ['finding.resolved', 'The problem began at 2026-11-20 06:00 UTC.'],
    ['drift.firing', 'First found at 2026-11-24 06:00 UTC.'],
    ['test', null],
    ['updated', null],
  ])('of %s is the earliest time of its findings', (eventType, sentence) => {
    expect(began(eventType, '2026-11-23T06:00:00.000Z', '2026-11-20T06:00:00.000Z')).toEqual([sentence]);
  });
});
