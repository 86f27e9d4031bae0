import { describe, expect, it } from '@jest/globals';
import { OUTPUTS } from '../../../cli/outputs/render';
import { escapeForeign } from '../../../lambda/text/escape';
import { runCommand } from '../../../cli/command';
import { plain } from '../../support/cli-reports';
import { drifted, finding, reportOf } from '../../support/reports';
import { failure } from '../../../lambda/domain/errors';

/** What the runners of GitHub, Azure Pipelines and TeamCity execute when they read a log. */
const OBEYED = /^\s*::.*::|##[a-z]*\[/im;
const COMMANDS = ['::error file=a::x', '##[error]x', '##vso[task.setvariable variable=a]x', '##teamcity[x]'];

describe('CI log commands in foreign text', () => {
  it.each(OUTPUTS)('are escaped in the output %s', (output) => {
    for (const command of COMMANDS) {
      const target = {
        ...drifted('a'),
        issuer: `https://ci.example.com/${command}`,
        listed: [command],
        failure: failure('tls', 'TLS_RESET', command),
        findings: [finding('THUMB001', 'critical', command, `${command}\n${command}\n  ${command}`)],
      };
      const report = reportOf([target], { failures: [failure('tls', 'TLS_RESET', command)] });
      expect(plain(report, output)).not.toMatch(OBEYED);
    }
  });

  it.each(COMMANDS)('are escaped in the message about a wrong command: %s', async (command) => {
    const err: string[] = [];
    const stream = { isTerminal: false, columns: 80, write: () => Promise.resolve() };
    await runCommand(['audit', '--no-aws', '--issuer', `\n${command}`, '--issuer', command], {
      stdout: stream,
      stderr: { ...stream, write: (text) => Promise.resolve(void err.push(text)) },
      environment: {},
      setVariables: () => undefined,
      node: 'v22.0.0',
      now: () => new Date(0),
      interrupted: new AbortController().signal,
    });
    expect(err.join('')).toContain('ssuer');
    expect(err.join('')).not.toMatch(OBEYED);
  });
});

describe('invisible characters', () => {
  it.each([
    0x034f, 0x115f, 0x1160, 0x17b4, 0x180b, 0x200b, 0x2060, 0x2065, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xfeff,
    0xffa0, 0xfff0, 0x1bca0, 0x1d159, 0x1d173, 0xe0001, 0xe0100,
  ])('U+%s is written as its number', (point) => {
    const character = String.fromCodePoint(point);
    expect(escapeForeign(`a${character}b`)).toBe(`a\\u{${point.toString(16)}}b`);
  });

  it('include no white space and no combining characters', () => {
    const seen = 'a b\u00a0c\u3000d e\u0301 日本語 \u1100\u1161 \u{1f600}';
    expect(escapeForeign(seen)).toBe(seen);
  });
});
