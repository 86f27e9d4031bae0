import { describe, expect, it } from '@jest/globals';
import { describeNotSelected, notSelectedNote } from '../../lambda/collect/not-selected';
import { parseConfig } from '../../lambda/config/config';
import { parseEvent } from '../../lambda/config/event';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const GITHUB = 'https://token.actions.githubusercontent.com';
const OTHERS = [1, 2, 3, 4, 5].map((index) => `https://issuer${index}.example.com/path`);
const arnOf = (issuer: string): string =>
  issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');

const noteOf = (config: object, issuers: readonly string[], event: object = {}): string | null =>
  notSelectedNote({ event: parseEvent(event), config: parseConfig(config) }, issuers.map(arnOf));

describe('the note about providers that were not selected', () => {
  it('names the providers of an account without a selected one, and how to select them', () => {
    expect(noteOf({ discover: 'circleci' }, [GITHUB, ...OTHERS])).toBe(
      '6 OIDC providers of the account were not selected: token.actions.githubusercontent.com, issuer1.example.com/path, issuer2.example.com/path, issuer3.example.com/path, issuer4.example.com/path and 1 more. To monitor them, set "discover" to "all", or add issuer URLs to "issuers".',
    );
  });

  it.each<[string, object, readonly string[], object]>([
    ['the account has no provider', {}, [], {}],
    [
      'another provider is watched',
      { discover: 'circleci' },
      [GITHUB, `https://oidc.circleci.com/org/${ORG}`],
      {},
    ],
    [
      'a configured issuer is watched, with or without a provider',
      { discover: 'circleci', orgs: [ORG] },
      [GITHUB],
      {},
    ],
    ['all are watched', {}, [GITHUB], {}],
    ['the event narrows the run', { discover: 'none' }, [GITHUB], { issuers: ['https://ci.example.com'] }],
  ])('is absent if %s', (_, config, issuers, event) => {
    expect(noteOf(config, issuers, event)).toBeNull();
  });

  it('does not count what is no OIDC provider', () => {
    const config = parseConfig({ discover: 'circleci' });
    const saml = 'arn:aws:iam::123456789012:saml-provider/x';
    expect(notSelectedNote({ event: parseEvent({}), config }, [saml])).toBeNull();
  });

  it('escapes foreign names, and says how to select them in the words of the caller', () => {
    expect(describeNotSelected(['https://a.example/\u202e'], 'use --all')).toBe(
      String.raw`1 OIDC provider of the account was not selected: a.example/\u{202e}. To monitor it, use --all.`,
    );
  });
});
