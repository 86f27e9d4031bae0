import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startFunction } from '../../demo/function';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import { startTable } from '../../demo/table';
import type { EmbeddedTable } from '../../demo/table';
import { buildFunction } from '../../infra/build/build';
import type { BuildResult } from '../../infra/build/build';
import { composition } from '../../infra/build/composition';
import type { Composition } from '../../infra/build/composition';
import { settings } from '../support/emulator';
import { portOf } from '../../demo/port';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** What a run that finds nothing may load, in bytes. */
const MOST = 640_000;
/** The same with a role that trusts a provider. */
const MOST_WITH_ROLES = 700_000;

let folder: string;
let built: BuildResult;
let composed: Composition;
let root: Identity;
let leaf: Identity;
let issuer: Issuer;
let aws: EmbeddedAws;
let table: EmbeddedTable;
let topicArn: string;
const monitors: LocalFunction[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-loaded-'));
  built = buildFunction({ outdir: join(folder, 'whole') });
  composed = composition(built);
  root = await mint({ commonName: 'Public Root', ca: true });
  writeFileSync(join(folder, 'root.pem'), root.pem);
  leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  issuer = await startIssuer({ chain: [leaf, root] });
  aws = await startAws();
  table = await startTable();
  await new IAMClient(settings(aws.url)).send(
    new CreateOpenIDConnectProviderCommand({
      Url: issuer.issuerOf(ORG),
      ThumbprintList: [root.thumbprint],
      ClientIDList: [ORG],
    }),
  );
  const sns = new SNSClient(settings(aws.url));
  topicArn = (await sns.send(new CreateTopicCommand({ Name: 'alerts' }))).TopicArn ?? '';
  const mail = { Protocol: 'email', Endpoint: 'you@example.com' };
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, ...mail }));
  aws.confirm(topicArn, mail.Endpoint);
}, 60_000);

afterAll(async () => {
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  await Promise.all([issuer.close(), aws.close(), table.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function start(entry: string, watched: string): Promise<LocalFunction> {
  const config = { issuers: [watched], allowPrivateNetworks: true, topicArn, stateTable: table.name };
  const monitor = await startFunction({
    bundle: entry,
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      ...withPublicRoots(join(folder, 'root.pem')),
      MONITOR_CONFIG: JSON.stringify(config),
    },
  });
  monitors.push(monitor);
  return monitor;
}

const inSync = {
  ok: true,
  payload: { failures: [], summary: { inSync: 1, drifted: 0, notAudited: 0 } },
};

describe('what a run of the function loads', () => {
  it('is at most 640 KB if it finds nothing', () => {
    expect(composed.loaded).toBeGreaterThan(100_000);
    expect(composed.loaded).toBeLessThanOrEqual(MOST);
  });

  it('is at most 700 KB if the account has a role that trusts a provider', () => {
    const { loaded } = composition(built, true);
    expect(loaded).toBeGreaterThan(composed.loaded + 20_000);
    expect(loaded).toBeLessThanOrEqual(MOST_WITH_ROLES);
  });

  it('is all that such a run needs, once the recipients of the day are counted', async () => {
    const whole = await start(built.entry, issuer.issuerOf(ORG));
    expect(await whole.invoke({ action: 'monitor' })).toMatchObject(inSync);
    const part = join(folder, 'part');
    mkdirSync(part);
    for (const file of composed.loadedFiles) copyFileSync(file, join(part, basename(file)));
    const bare = await start(join(part, basename(built.entry)), issuer.issuerOf(ORG));
    expect(await bare.invoke({ action: 'monitor' })).toMatchObject(inSync);
    expect(aws.published()).toEqual([]);
  });

  it('contains a parser, for issuers that speak HTTP/1.1 alone', async () => {
    const server = createServer({ key: leaf.keyPem, cert: leaf.pem }, (_, response) => {
      const url = `https://localhost:${portOf(server)}`;
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys`, keys: [] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const watched = `https://localhost:${portOf(server)}`;
      const monitor = await start(built.entry, watched);
      expect(await monitor.invoke({ action: 'audit', issuers: [watched] })).toMatchObject({
        ok: true,
        payload: { summary: { providerMissing: 1, notAudited: 0 } },
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
