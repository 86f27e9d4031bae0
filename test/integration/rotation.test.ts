import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { settings } from '../support/emulator';

const ORGS = ['b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608'];

const Answer = v.object({
  ok: v.literal(true),
  payload: v.object({
    targets: v.array(v.object({ status: v.string(), expected: v.array(v.string()) })),
  }),
});

let builder: Build;
let root: Identity;
let issuer: Issuer;
let aws: EmbeddedAws;
let monitor: LocalFunction;

const chainBelow = async (name: string): Promise<readonly [Identity, Identity]> => {
  const top = await mint({ commonName: name, ca: true, signedBy: root });
  return [await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top }), top];
};

beforeAll(async () => {
  builder = build();
  root = await mint({ commonName: 'Public Root', ca: true });
  const chain = await chainBelow('Intermediate 0');
  issuer = await startIssuer({ chain });
  aws = await startAws();
  for (const org of ORGS) {
    await new IAMClient(settings(aws.url)).send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer.issuerOf(org),
        ThumbprintList: [chain[1].thumbprint],
        ClientIDList: [org],
      }),
    );
  }
  monitor = await builder.deploy({
    endpoint: aws.url,
    config: { issuers: ORGS.map(issuer.issuerOf), allowPrivateNetworks: true },
    publicRoots: [root],
  });
}, 60_000);

afterAll(async () => {
  await monitor.stop();
  await Promise.all([issuer.close(), aws.close()]);
  builder.remove();
});

const audit = async (): Promise<v.InferOutput<typeof Answer>['payload']['targets']> =>
  v.parse(Answer, await monitor.invoke({ action: 'audit' })).payload.targets;

describe('a warm function', () => {
  it('detects every rotation at its next run, as no connection or session outlives one', async () => {
    expect((await audit()).map(({ status }) => status)).toEqual(['in-sync', 'in-sync']);
    for (const round of [1, 2, 3]) {
      const chain = await chainBelow(`Intermediate ${round}`);
      issuer.rotate([chain]);
      const seen = { status: 'drifted', expected: [chain[1].thumbprint] };
      expect(await audit()).toEqual([seen, seen]);
    }
    const starts = monitor.log().match(/^START /gm);
    expect(starts).toHaveLength(4);
  });
});
