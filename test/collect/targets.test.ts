import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../lambda/config/config';
import { findTargets } from '../../lambda/collect/targets';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `https://oidc.circleci.com/org/${ORG}`;
const SERVER = `https://ci.example.com/org/${ORG}`;
const GITHUB = 'https://token.actions.githubusercontent.com';
const arnOf = (issuer: string): string =>
  issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');
const ALL = [GITHUB, CLOUD, SERVER].map(arnOf);

const found = (issuer: string, configured: boolean): object => ({
  issuer,
  providerArn: arnOf(issuer),
  configured,
});
const missing = (issuer: string): object => ({ issuer, providerArn: null, configured: true });

describe('targets of a run', () => {
  it.each<[string, object, readonly object[]]>([
    ['all that there are, by default', {}, [GITHUB, CLOUD, SERVER].map((issuer) => found(issuer, false))],
    [
      'all that there are',
      { discover: 'all' },
      [GITHUB, CLOUD, SERVER].map((issuer) => found(issuer, false)),
    ],
    ['those of CircleCI', { discover: 'circleci' }, [found(CLOUD, false)]],
    [
      'those whose lists may be updated, which are not configured by that',
      { discover: 'none', updateIssuers: [GITHUB, 'https://gone.example.com'] },
      [found(GITHUB, false)],
    ],
    ['none', { discover: 'none' }, []],
    ['what is configured, and no other', { discover: 'none', issuers: [GITHUB] }, [found(GITHUB, true)]],
    [
      'a configured CircleCI Server beside the cloud',
      { discover: 'circleci', issuers: [SERVER] },
      [found(CLOUD, false), found(SERVER, true)],
    ],
    [
      'what is configured and is not there',
      { discover: 'none', orgs: [ORG], issuers: ['https://gone.example.com'] },
      [found(CLOUD, true), missing('https://gone.example.com')],
    ],
  ])('%s', (_, config, targets) => {
    expect(findTargets(parseConfig(config), ALL)).toEqual(targets);
  });

  it('include every spelling of one issuer, of which only the configured one counts as such', () => {
    const slash = `${arnOf(CLOUD)}/`;
    expect(findTargets(parseConfig({ orgs: [ORG] }), [arnOf(CLOUD), slash])).toEqual([
      found(CLOUD, true),
      { issuer: `${CLOUD}/`, providerArn: slash, configured: false },
    ]);
  });

  it('include nothing that is no OIDC provider', () => {
    const saml = 'arn:aws:iam::123456789012:saml-provider/x';
    expect(findTargets(parseConfig({ discover: 'all' }), [saml])).toEqual([]);
  });
});
