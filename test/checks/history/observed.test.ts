import { beforeAll, describe, expect, it } from '@jest/globals';
import { failure } from '../../../lambda/domain/errors';
import type { Observation } from '../../../lambda/checks/target';
import { observedIn } from '../../../lambda/checks/history/observed';
import { hierarchy, judged } from '../../support/observed';
import type { Hierarchy } from '../../support/observed';
import { inSync, issuerOf } from '../../support/reports';

let one: Hierarchy;
let other: Hierarchy;

beforeAll(async () => {
  [one, other] = [await hierarchy('keys.example.com', 'One'), await hierarchy('ci.example.com', 'Other')];
});

const report = inSync('a');
const observation: Observation = {
  target: { issuer: issuerOf('a'), providerArn: 'arn', configured: true },
  discovery: { ok: true, value: { issuer: issuerOf('a'), jwksUri: 'https://keys.example.com:8443/a' } },
  jwks: null,
  milliseconds: 10,
  provider: { ok: true, value: { arn: 'arn', url: '', thumbprints: [], audiences: ['org'] } },
  hosts: [],
};
const DECIDED = { isAcceptedHost: () => false, mayUpdate: true };
const lost = { ok: false, failure: failure('iam', 'AWS_THROTTLED', 'x') } as const;

describe('observedIn: the saved facts of a target', () => {
  it('contain the report and the content of provider and documents', () => {
    expect(
      observedIn(observation, report, {
        isAcceptedHost: (host) => host === 'keys.example.com:8443',
        mayUpdate: false,
      }),
    ).toEqual({
      report,
      audiences: ['org'],
      jwksHost: 'keys.example.com:8443',
      jwks: null,
      milliseconds: 10,
      verified: [],
      moveAccepted: true,
      mayUpdate: false,
    });
  });

  it('contain nothing that could not be read', () => {
    const blind = { ...observation, discovery: lost, provider: lost };
    expect(observedIn(blind, report, { isAcceptedHost: () => false, mayUpdate: true })).toMatchObject({
      audiences: null,
      jwksHost: null,
      moveAccepted: false,
      mayUpdate: true,
    });
    expect(observedIn({ ...observation, provider: null }, report, DECIDED).audiences).toBeNull();
  });

  it('contain the served certificates on a path to a public or configured anchor', () => {
    const verified = (trusted: boolean, anchored: boolean): readonly string[] =>
      observedIn(
        {
          ...observation,
          hosts: [
            judged('keys.example.com', [{ chain: [...one.chain, other.root], trusted, anchored }]),
            judged('ci.example.com', [{ chain: other.chain, trusted: false }]),
          ],
        },
        report,
        DECIDED,
      ).verified;
    const path = one.chain.map(({ thumbprint }) => thumbprint);
    expect(verified(true, false)).toEqual(path);
    expect(verified(false, true)).toEqual(path);
    expect(verified(false, false)).toEqual([]);
  });
});
