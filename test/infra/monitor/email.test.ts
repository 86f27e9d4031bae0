import { describe, expect, it } from '@jest/globals';
import { validateEmails } from '../../../infra/monitor/email';

describe('validateEmails', () => {
  it.each([
    'you@example.com',
    'first.last+tag@mail.example.co.uk',
    "o'hara@example.com",
    'ops@bücher.example',
  ])('accepts %s', (email) => {
    expect(validateEmails('emails', [email])).toEqual([]);
  });

  it.each([
    '',
    'you',
    'you@',
    '@example.com',
    'you@localhost',
    'you@example..com',
    'you@example.com.',
    'you@example.com, me@example.com',
    'You <you@example.com>',
    'you@example.com\n',
    'mailto:you@example@com',
  ])('refuses %j', (email) => {
    expect(validateEmails('emails', ['ok@example.com', email])).toEqual([
      `emails[1]: ${JSON.stringify(email)} is not an e-mail address such as you@example.com.`,
    ]);
  });
});
