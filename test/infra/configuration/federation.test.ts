import { describe, expect, it } from '@jest/globals';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../../infra/configuration/configuration';
import type { FederationStackProps } from '../../../infra/federation/federation-stack';
import { ConfigError } from '../../../lambda/domain/errors';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const ARN = `arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/${ORG}`;
const SERVER = `https://ci.example.com/org/${ORG}`;
const NEEDED = 'is missing. The stack CircleCiFederation requires org and project.';

/** A folder that does not exist has no monitor.config.json. */
const federationFromFlags = (context: Readonly<Record<string, unknown>>): FederationStackProps | null =>
  readConfiguration(context, join(tmpdir(), 'no-such-folder')).federation;

describe('flags of the stack CircleCiFederation', () => {
  it('request no stack without one of its keys', () => {
    expect(federationFromFlags({ orgs: ORG, email: 'you@example.com', '@aws-cdk/x': true })).toBeNull();
  });

  it.each([
    [
      { org: ORG, project: PROJECT },
      { org: ORG, project: PROJECT },
    ],
    [
      { org: ORG, project: PROJECT, issuer: SERVER, repository: 'team/app' },
      { org: ORG, project: PROJECT, issuer: SERVER, repository: 'team/app' },
    ],
    [
      { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: 'refs/heads/main, refs/tags/v*' },
      { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: ['refs/heads/main', 'refs/tags/v*'] },
    ],
    [
      { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: ['refs/heads/main'] },
      { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: ['refs/heads/main'] },
    ],
    [
      { provider: ARN, project: PROJECT },
      { provider: ARN, project: PROJECT },
    ],
    [
      { provider: ARN, org: ORG.toUpperCase(), project: PROJECT, email: 'you@example.com' },
      { provider: ARN, project: PROJECT },
    ],
  ])('accept %j', (context, props) => {
    expect(federationFromFlags(context)).toEqual(props);
  });

  it.each<[Record<string, unknown>, string | readonly string[]]>([
    [{ org: ORG }, `project: ${NEEDED} To monitor it without this stack, use orgs.`],
    [{ project: PROJECT }, `org: ${NEEDED}`],
    [
      { issuer: SERVER },
      ['org', 'project'].map((key) => `${key}: ${NEEDED} To monitor it without this stack, use issuers.`),
    ],
    [{ provider: ARN }, `project: ${NEEDED}`],
    [
      { org: 5, project: PROJECT, ref: true },
      ['org: must be a string; it is 5.', 'ref: must be a string; it is true.'],
    ],
    [
      { org: OTHER, project: PROJECT, provider: ARN },
      `provider: "${ARN}" belongs to another organization or issuer than the configured ones. Remove org and issuer.`,
    ],
    [
      { issuer: SERVER, project: PROJECT, provider: ARN },
      `provider: "${ARN}" belongs to another organization or issuer than the configured ones. Remove org and issuer.`,
    ],
    [
      { org: ORG, project: PROJECT, repository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/App:1' },
      'repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/App:1" is not the name of an ECR repository such as team/app. Remove the registry and the tag.',
    ],
    [
      { org: 'x', ref: 'main' },
      [
        `project: ${NEEDED}`,
        'org: "x" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
        'ref: requires origin. Without it, a fork could log in with a branch of the same name, or with a branch whose name ends in this ref. Set origin.',
        'ref: "main" is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.',
      ],
    ],
  ])('refuse %j', (context, message) => {
    expect(() => federationFromFlags(context)).toThrow(new ConfigError([message].flat().join('\n')));
  });
});
