import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SELECT_BY, inFlags, reportInFlags } from '../../cli/flag-names';
import { failure } from '../../lambda/domain/errors';
import { finding, inSync, reportOf } from '../support/reports';

const ROOT = join(__dirname, '..', '..', 'lambda');
/** Keys that are no English words: a person would search for them in vain among the flags. */
const KEYS = /\b(trustAnchors|allowPrivateNetworks)\b|\b(in|to) issuers\b/;

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

/** Texts with white space: sentences. */
const sentencesOf = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(['"`])((?:(?!\1|\n).)* (?:(?!\1|\n).)*)\1/g)].map(
    ([, , text = '']) => text,
  );

/** What an audit can print. Problems of the configuration have the name of the flag in front. */
const SENTENCES = ['adapters', 'checks', 'config', 'oidc', 'remedies', 'report', 'x509']
  .flatMap((folder) => filesIn(join(ROOT, folder)))
  .flatMap(sentencesOf)
  .filter((text) => KEYS.test(text));

describe('inFlags', () => {
  it('knows every sentence of the product that names a key', () => {
    expect(SENTENCES.length).toBeGreaterThan(5);
    expect(SENTENCES.map(inFlags).filter((text) => KEYS.test(text))).toEqual([]);
  });

  it.each([
    ['Name the private CA in trustAnchors.', 'Name the private CA with --ca-file.'],
    [
      'Name it in issuers and set allowPrivateNetworks.',
      'Name it with --issuer and add --allow-private-networks.',
    ],
    ['arn:aws:iam::123456789012:role/trustAnchors', 'arn:aws:iam::123456789012:role/trustAnchors'],
  ])('changes keys in sentences, not in names: %s', (text, expected) => {
    expect(inFlags(text)).toBe(expected);
  });
});

describe('the report of an audit', () => {
  it('names flags in every text, and has the notes of the command line', () => {
    const key = 'Name the private CA in trustAnchors.';
    const report = reportOf(
      [
        {
          ...inSync('a'),
          findings: [finding('CERT006', 'high', key, key)],
          failure: failure('tls', 'TLS_UNTRUSTED', key),
          skipped: [{ check: 'JWKS003', code: 'not-read', reason: key }],
        },
      ],
      {
        findings: [finding('OPS001', 'high', key, key)],
        failures: [failure('iam', 'AWS_THROTTLED', key)],
        notes: [key],
        skipped: [{ check: 'OPS001', code: 'not-read', reason: key }],
      },
    );
    const changed = reportInFlags(report, [SELECT_BY]);
    expect(JSON.stringify(changed)).not.toContain('trustAnchors');
    expect(changed.notes).toEqual([inFlags(key), SELECT_BY]);
    expect(changed.text).toContain(SELECT_BY);
    expect({ ...changed, text: '' }).toMatchObject({
      targets: [{ status: 'in-sync' }],
      summary: report.summary,
    });
  });

  it('has no notes if there are none', () => {
    expect(reportInFlags(reportOf([inSync('a')]), [])).toEqual(reportOf([inSync('a')]));
  });
});
