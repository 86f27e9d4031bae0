import { describe, expect, it } from '@jest/globals';
import { wantsColour } from '../../../cli/colour';
import { fit, pad, widthOf, wrapTo } from '../../../cli/outputs/columns';
import { exitCodeOf } from '../../../cli/exit';
import type { Threshold } from '../../../cli/exit';
import { newBoard, progressLine, wantsProgress, watch } from '../../../cli/progress';
import type { Shell } from '../../../cli/shell';
import { markAccepted } from '../../support/accepted';
import { parseConfig } from '../../../lambda/config/config';
import type { Report } from '../../../lambda/domain/types';
import { observed } from '../../support/observed';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../../support/reports';
import { withoutAws } from '../../support/cli-reports';

const accepted = markAccepted(
  drifted('a'),
  [{ check: 'THUMB001', issuer: issuerOf('a'), reason: 'known', until: '2027-01-31' }],
  new Date('2026-11-23'),
);
const high = finding('OPS001', 'high', 'Nobody is subscribed.');
const throttled = { step: 'iam', code: 'AWS_THROTTLED', message: 'AWS throttled it.' } as const;

describe('exitCodeOf', () => {
  it.each<[string, Report, Threshold, number]>([
    ['nothing', reportOf([]), 'low', 0],
    ['all in sync', reportOf([inSync('a')]), 'low', 0],
    ['a low finding, from low on', reportOf([drifted('a')]), 'low', 1],
    ['a low finding, from medium on', reportOf([drifted('a')]), 'medium', 0],
    ['an accepted finding', reportOf([accepted]), 'low', 0],
    ['a finding of the run', reportOf([], { findings: [high] }), 'high', 1],
    ['a finding of the run below', reportOf([], { findings: [high] }), 'critical', 0],
    ['a target not audited', reportOf([unseen('a')]), 'critical', 2],
    ['a target not audited beside findings', reportOf([unseen('a'), drifted('b')]), 'low', 2],
    ['a failure of the run', reportOf([inSync('a')], { failures: [throttled] }), 'high', 2],
    ['IAM left out', withoutAws, 'low', 0],
  ])('%s', (_, report, failOn, code) => {
    expect(exitCodeOf(report, failOn)).toBe(code);
  });
});

describe('wantsColour', () => {
  it.each<[string, Parameters<typeof wantsColour>[0], boolean]>([
    ['a terminal', { flag: true, environment: {}, isTerminal: true }, true],
    ['a pipe', { flag: true, environment: {}, isTerminal: false }, false],
    ['a dumb terminal', { flag: true, environment: { TERM: 'dumb' }, isTerminal: true }, false],
    ['--no-color', { flag: false, environment: { FORCE_COLOR: '1' }, isTerminal: true }, false],
    ['NO_COLOR', { flag: true, environment: { NO_COLOR: '1' }, isTerminal: true }, false],
    ['an empty NO_COLOR', { flag: true, environment: { NO_COLOR: '' }, isTerminal: true }, true],
    ['FORCE_COLOR', { flag: true, environment: { FORCE_COLOR: '1' }, isTerminal: false }, true],
    ['FORCE_COLOR=0', { flag: true, environment: { FORCE_COLOR: '0' }, isTerminal: true }, false],
    ['both', { flag: true, environment: { FORCE_COLOR: '1', NO_COLOR: '1' }, isTerminal: true }, false],
  ])('%s', (_, question, answer) => {
    expect(wantsColour(question)).toBe(answer);
  });
});

describe('columns of a terminal', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['e\u0301', 1],
    ['\u{1f600}', 2],
    ['—', 1],
  ])('%s takes %s', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
    expect(widthOf(pad(text, 10))).toBe(10);
  });

  it('cuts the middle out, and keeps what fits', () => {
    expect(fit('abcdefghij', 10)).toBe('abcdefghij');
    expect(fit('abcdefghij', 7)).toBe('ab…ghij');
    expect(widthOf(fit('日本語日本語日本語', 8))).toBeLessThanOrEqual(8);
  });

  it('wraps, and breaks words that are longer than a line', () => {
    expect(wrapTo('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapTo('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrapTo('日本語', 1)).toEqual(['日', '本', '語']);
  });
});

describe('progress of a run', () => {
  const time = { value: 0 };
  const now = (): Date => new Date(time.value);

  it('counts the finished targets, and names the slow request', async () => {
    const board = newBoard();
    const config = parseConfig({ issuers: [issuerOf('a'), issuerOf('b')] });
    const answers: (() => void)[] = [];
    const later = <T>(value: T): Promise<T> =>
      new Promise((resolve) =>
        answers.push(() => {
          resolve(value);
        }),
      );
    const ports = watch(
      {
        listProviders: () => Promise.resolve({ ok: true, value: [] }),
        readProvider: (arn) =>
          Promise.resolve({ ok: true, value: { arn, url: '', thumbprints: [], audiences: [] } }),
        listRoles: () => Promise.resolve({ ok: true, value: [] }),
        attachedPolicies: () => Promise.resolve({ ok: true, value: [] }),
        fetchDocument: () => later({ ok: true, value: { text: '{}', milliseconds: 1, missed: 0 } } as const),
        probeHost: () => Promise.resolve(observed('oidc.circleci.com', [])),
      },
      board,
      config,
      now,
    );
    expect(progressLine(board, now())).toBe('Listing the providers');
    await ports.listProviders();
    await ports.probeHost({ name: 'oidc.circleci.com', port: 443 }, false);
    const first = ports.fetchDocument(
      new URL(`${issuerOf('a')}/.well-known/openid-configuration`),
      'discovery',
      false,
    );
    void ports.fetchDocument(
      new URL(`${issuerOf('b')}/.well-known/openid-configuration`),
      'discovery',
      false,
    );
    expect(progressLine(board, now())).toBe('0 of 2 targets');
    answers[0]?.();
    await first;
    expect(progressLine(board, now())).toBe('1 of 2 targets');
    time.value = 5_400;
    expect(progressLine(board, now())).toBe('1 of 2 targets, waiting for oidc.circleci.com (5 s)');
  });

  it.each<[string, boolean, boolean, Shell['environment'], boolean]>([
    ['a terminal', true, false, {}, true],
    ['a pipe', false, false, {}, false],
    ['--quiet', true, true, {}, false],
    ['a CI system with a terminal', true, false, { CI: 'true' }, false],
    ['a dumb terminal', true, false, { TERM: 'dumb' }, false],
  ])('is shown on %s: %s', (_, isTerminal, quiet, environment, shown) => {
    const stream = { isTerminal, columns: 80, write: () => Promise.resolve() };
    const shell = {
      environment,
      setVariables: () => undefined,
      node: 'v22.0.0',
      stdout: stream,
      stderr: stream,
      now,
      interrupted: new AbortController().signal,
    };
    expect(wantsProgress(shell, quiet)).toBe(shown);
  });
});
