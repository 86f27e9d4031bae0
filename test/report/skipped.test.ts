import { describe, expect, it } from '@jest/globals';
import { skipAll } from '../../lambda/domain/skipped';
import type { SkippedCheck } from '../../lambda/domain/types';
import { namesOfChecks, skippedInReport, skippedSentences } from '../../lambda/report/skipped';
import { inSync, issuerOf } from '../support/reports';

const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/ci/${name}`;
const unsupported = (roles: readonly string[]): readonly SkippedCheck[] =>
  skipAll(['TRUST001', 'TRUST002'], { code: 'step-limit', reason: 'Not known.', roles });

describe('namesOfChecks', () => {
  it.each([
    [['TRUST001'], 'TRUST001'],
    [['TRUST002', 'TRUST001'], 'TRUST001 and TRUST002'],
    [['TRUST001', 'TRUST002', 'TRUST003'], 'TRUST001 to TRUST003'],
    [
      ['PROV002', 'PROV003', 'TRUST001', 'TRUST002', 'TRUST003', 'TRUST005', 'TRUST005'],
      'PROV002, PROV003, TRUST001 to TRUST003 and TRUST005',
    ],
    [['PROV007', 'TRUST001', 'JWKS001', 'JWKS003'], 'JWKS001, JWKS003, PROV007 and TRUST001'],
  ] as const)('%j are %s', (checks, names) => {
    expect(namesOfChecks(checks)).toBe(names);
  });
});

describe('skippedSentences', () => {
  it('are one for each reason, with the names of the roles', () => {
    expect(
      skippedSentences([
        ...skipAll(['PROV002'], { code: 'step-limit', reason: 'Not known.' }),
        ...skipAll(['TRUST001'], {
          code: 'step-limit',
          reason: 'Not known.',
          roles: [roleArn('a')],
        }),
        ...skipAll(['TRUST001', 'TRUST002'], { code: 'no-time', reason: 'No time.', roles: [roleArn('b')] }),
      ]),
    ).toEqual([
      'Skipped: PROV002 and TRUST001. Not known. Roles: a.',
      'Skipped: TRUST001 and TRUST002. No time. Roles: b.',
    ]);
  });

  it('repeat no reason that a note or a failure of the report gives', () => {
    for (const code of ['aws-not-read', 'audit-trust-off', 'roles-not-read'] as const) {
      expect(skippedSentences(skipAll(['TRUST001'], { code, reason: 'x' }))).toEqual([]);
    }
  });
});

describe('skippedInReport', () => {
  const a = { ...inSync('a'), skipped: unsupported([roleArn('a')]) };

  it('names the provider of one target', () => {
    expect(skippedInReport({ targets: [a, inSync('b')] })).toEqual([
      `Skipped for ${issuerOf('a')}: TRUST001 and TRUST002. Not known. Roles: a.`,
    ]);
  });

  it('is one sentence for many targets, and counts roles beyond three', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      ...inSync('c'),
      issuer: `https://ci.example.com/${index}`,
      skipped: unsupported([roleArn(`r${index}`)]),
    }));
    expect(skippedInReport({ targets: many })).toEqual([
      'Skipped for 20 providers: TRUST001 and TRUST002. Not known. Roles: r0, r1, r2 and 17 more.',
    ]);
  });

  it('has an example of different reasons with one code, and what belongs to the account', () => {
    const targets = ['a', 'b'].map((digit) => ({
      ...inSync(digit),
      skipped: skipAll(['JWKS003'], { code: 'not-read', reason: `${digit} did not answer.` }),
    }));
    const skipped = skipAll(['PROV006'], { code: 'no-state', reason: 'No state.' });
    expect(skippedInReport({ skipped, targets })).toEqual([
      'Skipped: PROV006. No state.',
      'Skipped for 2 providers: JWKS003. For example: a did not answer.',
    ]);
    expect(skippedInReport({ skipped, targets }, ['no-state', 'not-read'])).toEqual([]);
  });
});
