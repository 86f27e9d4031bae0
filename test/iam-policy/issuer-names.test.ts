import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SECTIONS } from '../support/issuers/sections';

const FOLDER = join(__dirname, '..', '..', 'lambda', 'iam-policy');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

/** Vendors, products and what their conditions are about. */
const NAMES =
  /circle|github|gitlab|hcp|terraform|hashicorp|buildkite|bitbucket|atlassian|vercel|pulumi|kubernetes|serviceaccount|\beks\b|okta|auth0|google|cognito|facebook|azure|entra\b|spacelift|scalr|codefresh|keycloak/i;
/** Documentation of AWS itself. */
const OF_AWS = /https:\/\/(?:docs\.aws\.amazon\.com|repost\.aws)\/\S*/g;
const HOST = /\b[a-z0-9-]+\.(?:com|io|org|net|aws|dev|app)\b/i;

describe.each(FILES)('lambda/iam-policy/%s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8').replaceAll(OF_AWS, '');

  it('names no issuer and no host', () => {
    const lines = text.split('\n').filter((line) => NAMES.test(line) || HOST.test(line));
    expect(lines).toEqual([]);
  });
});

describe('the names of issuers', () => {
  it.each(SECTIONS.filter(({ profile }) => profile !== null).map(({ title, issuers }) => [title, issuers]))(
    'are recognized: %s',
    (title, issuers) => {
      expect(title).toMatch(NAMES);
      for (const issuer of issuers) expect(issuer).toMatch(HOST);
    },
  );
});
