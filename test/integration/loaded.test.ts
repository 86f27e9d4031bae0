import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mint } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startFunction } from '../../demo/function';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { buildFunction } from '../../infra/build';
import { composition } from '../../infra/composition';
import type { Composition } from '../../infra/composition';
import { settings } from '../support/emulator';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** What a start may load, in bytes. */
const MOST = 500_000;

let folder: string;
let composed: Composition;
let issuer: Issuer;
let aws: EmbeddedAws;
let monitor: LocalFunction;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-loaded-'));
  const built = buildFunction({ outdir: join(folder, 'whole') });
  composed = composition(built);
  const part = join(folder, 'part');
  mkdirSync(part);
  for (const file of composed.loadedFiles) copyFileSync(file, join(part, basename(file)));
  const root = await mint({ commonName: 'Public Root', ca: true });
  writeFileSync(join(folder, 'root.pem'), root.pem);
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  issuer = await startIssuer({ chain: [leaf, root] });
  aws = await startAws();
  await new IAMClient(settings(aws.url)).send(
    new CreateOpenIDConnectProviderCommand({
      Url: issuer.issuerOf(ORG),
      ThumbprintList: [root.thumbprint],
      ClientIDList: [ORG],
    }),
  );
  const sns = new SNSClient(settings(aws.url));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const config = { issuers: [issuer.issuerOf(ORG)], allowPrivateNetworks: true, topicArn: TopicArn };
  monitor = await startFunction({
    bundle: join(part, basename(built.entry)),
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      NODE_EXTRA_CA_CERTS: join(folder, 'root.pem'),
      MONITOR_CONFIG: JSON.stringify(config),
    },
  });
}, 60_000);

afterAll(async () => {
  await monitor.stop();
  await Promise.all([issuer.close(), aws.close()]);
  rmSync(folder, { recursive: true, force: true });
});

describe('what a start of the function loads', () => {
  it('is at most 500 KB', () => {
    expect(composed.loaded).toBeGreaterThan(100_000);
    expect(composed.loaded).toBeLessThanOrEqual(MOST);
  });

  it('is all that a run needs which finds nothing', async () => {
    expect(await monitor.invoke({ action: 'monitor' })).toMatchObject({
      ok: true,
      payload: { summary: { inSync: 1, drifted: 0, notAudited: 0 } },
    });
    expect(aws.published()).toEqual([]);
  });
});
