import { describe, expect, it } from '@jest/globals';
import { iamCommand, shellWord, withCommand } from '../../lambda/remedies/command';
import type { Kind } from '../../lambda/remedies/command';

describe('shellWord', () => {
  it.each([
    ['arn:aws:iam::1:oidc-provider/ci.example.com', 'arn:aws:iam::1:oidc-provider/ci.example.com'],
    ['a_B-9@%+=:,./', 'a_B-9@%+=:,./'],
    ['', "''"],
    ['a b', "'a b'"],
    ['a;reboot', "'a;reboot'"],
    [';a', "';a'"],
    ['=ls', "'=ls'"],
    ['~', "'~'"],
    ['$(reboot)', "'$(reboot)'"],
    ["it's 'so'", String.raw`'it'\''s '\''so'\'''`],
  ])('quotes %j, in which a shell could read more', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });

  it.each(['-', '--', '-x', '--endpoint-url=https://attacker.example', 'a\n', 'a\u0000', '\u001b[2J'])(
    'refuses %j, because quotes do not help',
    (text) => {
      expect(shellWord(text)).toBeNull();
    },
  );
});

describe('withCommand: a foreign value in a command', () => {
  const ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com';
  const isPrinted = (kind: Kind, value: string): boolean =>
    iamCommand('update-assume-role-policy', [{ name: '--x', kind, values: [value] }]).ok;

  it.each<readonly [Kind, readonly string[], readonly string[]]>([
    [
      'thumbprint',
      ['0123456789abcdef0123456789abcdef01234567'],
      ['A'.repeat(40), 'a'.repeat(39), `-${'a'.repeat(39)}`],
    ],
    [
      'provider ARN',
      [ARN, `${ARN}/org/a`, `${ARN}:8443/it's`, ARN.replace('aws', 'aws-us-gov'), `${ARN}/a%20b`],
      ['', '--x', `${ARN}/a b`, `${ARN}\n`, `${ARN}/\u00e9`, `${ARN}/%2`, 'arn:aws:iam::1:oidc-provider/x'],
    ],
    [
      'issuer URL',
      ['https://ci.example.com', 'https://[::1]:8443/a/'],
      ['http://ci.example.com', 'https://-x', 'https://ci.example.com/?q', 'https://', 'https://u@h/'],
    ],
    [
      'role name',
      ['deploy-prod', 'a=b,@.+_', '@a'],
      ['', '-a', '--debug', 'a b', 'a/b', 'a'.repeat(65), 'a\n'],
    ],
    [
      'policy file',
      ['file://trust-policy-deploy.json', 'file://trust-policy-a+=,.@-_.json'],
      [
        'trust-policy-a.json',
        'file://trust-policy-.json',
        'file://trust-policy-a/b.json',
        'file://trust-policy-a b.json',
      ],
    ],
    [
      'audience',
      ['sts.amazonaws.com', 'aaaaaaaa-1111-4111-8111-111111111111', 'api://default'],
      ['', '-a', 'file://x', 'FILEB://x', 'http://x', 'https://github.com/org', '[]', '{}', 'a b'],
    ],
  ])('%s', (kind, good, bad) => {
    expect(good.filter((value) => !isPrinted(kind, value))).toEqual([]);
    expect(bad.filter((value) => isPrinted(kind, value))).toEqual([]);
  });

  it('is named, escaped, if it prevents a command (fault 56)', () => {
    const command = iamCommand('update-assume-role-policy', [
      { name: '--role-name', kind: 'role name', values: ['--x\u001b'] },
      { name: '--policy-document', kind: 'policy file', values: ['file://trust-policy-deploy.json'] },
    ]);
    expect(command).toEqual({
      ok: false,
      problem: String.raw`There is no command, because "--x\u{1b}" is not safe in a command (role name).`,
    });
    expect(withCommand('Replace the policy', command)).toBe(
      String.raw`Replace the policy. There is no command, because "--x\u{1b}" is not safe in a command (role name).`,
    );
  });
});

it('a command has one option a line, so that it can be pasted whole', () => {
  const command = iamCommand('update-assume-role-policy', [
    { name: '--role-name', kind: 'role name', values: ['deploy'] },
    { name: '--policy-document', kind: 'policy file', values: ['file://trust-policy-deploy.json'] },
  ]);
  expect(withCommand('Replace the policy', command)).toBe(
    'Replace the policy:\naws iam update-assume-role-policy \\\n  --role-name deploy \\\n  --policy-document file://trust-policy-deploy.json',
  );
});
