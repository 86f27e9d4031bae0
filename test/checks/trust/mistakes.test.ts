import { describe, expect, it } from '@jest/globals';
import { PROFILES, profileOf } from '../../../lambda/oidc/profiles';
import { EVERY_ISSUER, SECTIONS, rolesOf, subjectsOf } from '../../support/issuers/sections';
import { trustFindings } from '../../support/trust-findings';

const ALL = [...SECTIONS, { ...EVERY_ISSUER, title: 'every issuer' }];

describe.each(ALL.map((one) => [one.title, one] as const))('conditions for tokens of %s', (_, section) => {
  it.each(rolesOf(section).map((one) => [one.name, one] as const))('%s', async (_, { role, findings }) => {
    const found = await trustFindings(role);
    expect(found.map(({ check, severity }) => `${check} ${severity}`)).toEqual(findings);
  });

  it('are about the issuers of the profile', () => {
    const found = section.issuers.map((issuer) => profileOf(issuer, subjectsOf(section))?.id ?? null);
    expect(new Set(found)).toEqual(new Set([section.profile]));
  });
});

describe('known mistakes', () => {
  it('are listed for every profile', () => {
    const known = new Set(SECTIONS.map(({ profile }) => profile));
    expect(PROFILES.map(({ id }) => id).filter((id) => !known.has(id))).toEqual([]);
  });
});
