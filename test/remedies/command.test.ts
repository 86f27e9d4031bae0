import { describe, expect, it } from '@jest/globals';
import { command, shellWord } from '../../lambda/remedies/command';

describe('a shell command', () => {
  it('has one argument group a line, so that it can be pasted whole', () => {
    expect(command(['aws iam x'])).toBe('aws iam x');
    expect(command(['aws iam x', '--a 1', '--b 2'])).toBe('aws iam x \\\n  --a 1 \\\n  --b 2');
    expect(command(['aws iam x', '--a 1'], '    ')).toBe('    aws iam x \\\n      --a 1');
  });

  it.each([
    ['arn:aws:iam::1:oidc-provider/ci.example.com', 'arn:aws:iam::1:oidc-provider/ci.example.com'],
    ['a_B-9@%+=:,./', 'a_B-9@%+=:,./'],
    ['', "''"],
    ['a b', "'a b'"],
    ['a;reboot', "'a;reboot'"],
    [';a', "';a'"],
    ['a\n', "'a\n'"],
    ['$(reboot)', "'$(reboot)'"],
    ["it's 'so'", String.raw`'it'\''s '\''so'\'''`],
  ])('quotes the word %j where a shell could read more in it', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
