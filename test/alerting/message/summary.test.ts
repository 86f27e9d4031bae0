import { describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../lambda/domain/event-types';
import { verdictOf } from '../../../lambda/alerting/message/summary';
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
const nothing = finding('THUMB001', 'low', 'x');
const some = finding('THUMB002', 'low', 'x');

/** The verdict in a batch of an event type on these targets. */
const said = (
  eventType: EventType,
  targets: readonly [TargetReport | null, ...(TargetReport | null)[]],
  findings: readonly Finding[] = [nothing],
): readonly string[] => {
  const [first, ...others] = targets.map((target) => told(eventType, { target, findings }));
  return first === undefined ? [] : verdictOf([first, ...others]);
};

const A = issuerOf('a');
const one = `Your CircleCI provider for ${A}`;
const calm = 'No login is affected today.';

describe('summary of drift', () => {
  it.each<[string, TargetReport, readonly Finding[], string]>([
    ['a list of 2022', drifted('a'), [nothing], `${one} lists a 2022 certificate. ${calm}`],
    [
      'two certificates of one recipe, in any spelling',
      { ...drifted('a'), listed: [OLD.toUpperCase(), GITHUB_2022.replace(/^(..)/, '$1:')] },
      [nothing],
      `${one} lists a 2022 certificate. ${calm}`,
    ],
    [
      'certificates of two recipes',
      { ...drifted('a'), listed: [OLD, GITHUB_2023] },
      [nothing],
      `${one} lists no certificate that oidc.circleci.com serves. ${calm}`,
    ],
    [
      'others',
      elsewhere({ ...drifted('a'), listed: ['1'.repeat(40)] }),
      [nothing],
      `Your provider for https://ci.example.com:8443 lists no certificate that ci.example.com:8443 serves. ${calm}`,
    ],
    ['an empty list', { ...drifted('a'), listed: [] }, [nothing], `${one} lists no certificate. ${calm}`],
    ['a part', drifted('a'), [some], `${one} does not list all that AWS may meet. ${calm}`],
    [
      'a part, and nobody knows',
      { ...drifted('a'), enforced: null },
      [some],
      `${one} does not list all that AWS may meet. Whether logins are affected is not known.`,
    ],
    [
      'a part, which may be met',
      { ...drifted('a'), enforced: true },
      [some],
      `${one} does not list all that AWS may meet. Logins may fail.`,
    ],
    [
      'nothing of what is met',
      { ...drifted('a'), enforced: true },
      [some, { ...nothing, severity: 'critical' }],
      `${one} lists a 2022 certificate. Logins fail.`,
    ],
  ])('contains what is listed, and whether it breaks logins: %s', (_, target, findings, sentence) => {
    expect(said('drift.firing', [target], findings)).toEqual([sentence]);
    expect(said('drift.reminder', [target], findings)).toEqual([`Still so since 2026-11-24: ${sentence}`]);
  });

  it('of several targets is one sentence', () => {
    const both = [drifted('a'), drifted('b')] as const;
    expect(said('drift.firing', both)).toEqual([
      `Your 2 CircleCI providers list a 2022 certificate. ${calm}`,
    ]);
    expect(said('drift.firing', both, [some])).toEqual([
      `Your 2 CircleCI providers do not list all that AWS may meet. ${calm}`,
    ]);
    expect(said('drift.firing', [drifted('a'), elsewhere(drifted('b'))])).toEqual([
      `Your 2 providers list a 2022 certificate. ${calm}`,
    ]);
  });

  it('reports the resolution, or that the provider is gone', () => {
    const gone: TargetReport = { ...inSync('a'), status: 'provider-missing' };
    expect(said('drift.resolved', [inSync('a')])).toEqual([`${one} lists what is served again. It is over.`]);
    expect(said('drift.resolved', [inSync('a'), gone])).toEqual([
      'Your 2 CircleCI providers list what is served again. It is over.',
    ]);
    expect(said('drift.resolved', [gone])).toEqual([`${one} is gone, and its list with it.`]);
    expect(said('drift.resolved', [gone, gone])).toEqual([
      'Your 2 CircleCI providers are gone, and their lists with it.',
    ]);
  });
});

describe('summary of targets that could not be audited', () => {
  const rest =
    'Until it can be checked again, nobody would hear of a change there. What cannot be seen is not called drift.';
  const why = 'oidc.circleci.com did not accept the connection in time (ETIMEDOUT).';
  const since = 'could not be checked since 2026-11-24 06:00 UTC';

  it.each<[string, TargetReport | null, readonly Finding[], string]>([
    ['by its failure', unseen('a'), [finding('DISC001', 'high', 'other words')], `${one} ${since}: ${why}`],
    ['by its finding', inSync('a'), [finding('DISC001', 'high', 'In words.')], `${one} ${since}: In words.`],
    ['by nothing', inSync('a'), [], `${one} ${since}.`],
    ['of the account', null, [], `A part of the account ${since}.`],
  ])('contains target, beginning and reason: %s', (_, target, findings, sentence) => {
    expect(said('unknown.firing', [target], findings)).toEqual([`${sentence} ${rest}`]);
    expect(said('unknown.reminder', [target], findings)).toEqual([`Still so: ${sentence} ${rest}`]);
  });

  it('reports the resolution', () => {
    const end = 'could not be since 2026-11-24 06:00 UTC.';
    expect(said('unknown.resolved', [inSync('a')])).toEqual([`${one} can be checked again. It ${end}`]);
    expect(said('unknown.resolved', [inSync('a'), inSync('b')])).toEqual([
      `Your 2 CircleCI providers can be checked again. They ${end}`,
    ]);
    expect(said('unknown.resolved', [null])).toEqual([`The monitor can be checked again. It ${end}`]);
  });
});

describe('summary of findings', () => {
  const findings = ['First.', 'Second.', 'First.'].map((message) => finding('CERT001', 'high', message));

  it.each<EventType>(['finding.firing', 'keys.changed', 'updated', 'update.refused', 'test'])(
    'is the text of the finding: %s',
    (eventType) => {
      expect(said(eventType, [inSync('a')], findings)).toEqual(['First.', 'Second.']);
      expect(said(eventType, [inSync('a'), inSync('b'), inSync('c')], findings)).toEqual([
        `For ${A} and 2 more:`,
        'First.',
        'Second.',
      ]);
      expect(said(eventType, [null, null], findings)).toEqual(['For this account:', 'First.', 'Second.']);
    },
  );

  it('says that findings are ongoing, and that they are resolved', () => {
    expect(said('finding.reminder', [inSync('a')], findings)).toEqual([
      'Still so since 2026-11-24: First.',
      'Still so since 2026-11-24: Second.',
    ]);
    expect(said('finding.resolved', [inSync('a')], findings)).toEqual([
      `It is over for ${A}: First.`,
      `It is over for ${A}: Second.`,
    ]);
    expect(said('finding.resolved', [inSync('a'), inSync('b')], findings)[0]).toBe(
      `It is over for ${A} and 1 more: First.`,
    );
    expect(said('finding.resolved', [null], findings)[0]).toBe('It is over for this account: First.');
  });
});
