import { describe, expect, it } from '@jest/globals';
import { findProvidersOfSameOrg } from '../../../lambda/checks/trust/providers';

const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const ORG = `${IAM}oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34`;
const OTHER = `${IAM}oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608`;

describe('findProvidersOfSameOrg', () => {
  it.each([
    ['in capitals', ORG.replace('oidc.circleci', 'OIDC.CircleCI')],
    ['with a slash', `${ORG}/`],
    ['with slashes', `${ORG}//`],
    ['with the usual port', ORG.replace('.com/', '.com:443/')],
  ])('finds the same org written %s', (_how, twin) => {
    const twinsOf = findProvidersOfSameOrg([OTHER, ORG, twin]);
    expect([twinsOf(ORG), twinsOf(twin), twinsOf(OTHER)]).toEqual([[twin], [ORG], []]);
  });

  it.each([
    ['another org', OTHER],
    ['another port', ORG.replace('.com/', '.com:4430/')],
    ['another host', ORG.replace('oidc', 'xoidc')],
  ])('does not report %s', (_what, other) => {
    const twinsOf = findProvidersOfSameOrg([ORG, other]);
    expect([twinsOf(ORG), twinsOf(other)]).toEqual([[], []]);
  });

  it('ignores providers that are no CircleCI org', () => {
    const github = `${IAM}token.actions.githubusercontent.com`;
    const twinsOf = findProvidersOfSameOrg([github, `${github}/`, ORG]);
    expect([twinsOf(github), twinsOf('arn:aws:iam::123456789012:saml-provider/x')]).toEqual([[], []]);
  });
});
