import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startFunction } from '../../demo/function';
import type { Invocation } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import { settings } from '../support/emulator';
import { motoIsThere, startMoto } from '../support/moto';
import type { Moto } from '../support/moto';
import { subscribeQueue, takeMessages } from '../support/published';

const ROOT = join(__dirname, '..', '..');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const STALE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const MINUTES = 60_000;

const CONFIG = v.looseObject({ topicArn: v.string(), stateTable: v.string() });
const TELLING = v.object({ events: v.array(v.looseObject({ eventType: v.string() })) });

interface Deployed {
  readonly environment: Readonly<Record<string, string>>;
  readonly config: v.InferOutput<typeof CONFIG>;
  /** The file that exports the handler. */
  readonly bundle: string;
}

/**
 * moto_server makes function, role, topic, table and queue of a template. It ignores subscriptions, topic
 * policies, schedules and alarms and says that they exist: the tests of the template cover those.
 */
const withMoto = motoIsThere ? describe : describe.skip;
withMoto('cdk deploy', () => {
  let moto: Moto;
  let issuer: Issuer;
  let root: Identity;
  let top: Identity;
  let folder: string;

  const cdk = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const program = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
      const config = join(ROOT, 'test', 'support', 'empty.config.json');
      const flags = ['-c', `config=${config}`, '--output', join(folder, 'cdk.out')];
      const child = spawn(process.execPath, [program, ...args, ...flags], {
        cwd: ROOT,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          AWS_ENDPOINT_URL: moto.url.replace('127.0.0.1', 'localhost'),
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_REGION: 'eu-west-1',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
        },
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(said);
        else reject(new Error(`cdk ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${said}`));
      });
    });

  const deploy = (...context: readonly string[]): Promise<string> =>
    cdk(
      'deploy',
      '--method',
      'direct',
      '--require-approval',
      'never',
      ...context.flatMap((pair) => ['-c', pair]),
    );

  /** moto_server cannot update a stack, so a changed deployment is checked by what it would change. */
  const diff = (...context: readonly string[]): Promise<string> =>
    cdk('diff', '--method', 'template', ...context.flatMap((pair) => ['-c', pair]));

  const functions = async (): Promise<readonly FunctionConfiguration[]> =>
    (await new LambdaClient(settings(moto.url)).send(new ListFunctionsCommand())).Functions ?? [];

  /** What Lambda holds now, and the bundle that was uploaded. */
  const deployed = async (): Promise<Deployed> => {
    const environment = (await functions())[0]?.Environment?.Variables ?? {};
    const config = v.parse(CONFIG, JSON.parse(environment['MONITOR_CONFIG'] ?? ''));
    const bundles = readdirSync(join(folder, 'cdk.out')).filter((name) => name.startsWith('asset.'));
    expect(bundles).toHaveLength(1);
    const bundle = join(folder, 'cdk.out', bundles[0] ?? '', 'index.mjs');
    return { environment, config, bundle };
  };

  const invoke = async (event: unknown): Promise<Invocation> => {
    const { environment, bundle } = await deployed();
    const running = await startFunction({
      bundle,
      environment: {
        ...environment,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: moto.url,
        ...withPublicRoots(join(folder, 'root.pem')),
      },
    });
    const invocation = await running.invoke(event);
    await running.stop();
    return invocation;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'thumbprint-deploy-'));
    moto = await startMoto();
    root = await mint({ commonName: 'Public Root', ca: true });
    top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
    const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
    issuer = await startIssuer({ chain: [leaf, top] });
    writeFileSync(join(folder, 'root.pem'), root.pem);
    await new IAMClient(settings(moto.url)).send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer.issuerOf(ORG),
        ThumbprintList: [STALE],
        ClientIDList: [ORG],
      }),
    );
    await cdk('bootstrap', 'aws://123456789012/eu-west-1');
  }, 5 * MINUTES);

  afterAll(async () => {
    await issuer.close();
    await moto.stop();
    rmSync(folder, { recursive: true });
  });

  it(
    'deploys what runs: its bundle, with its environment, notifies its topic; a change replaces nothing; it can be destroyed',
    async () => {
      const watched = [`issuers=${issuer.issuerOf(ORG)}`, 'allowPrivateNetworks=true'];
      await deploy('email=you@example.com', ...watched);
      const { config } = await deployed();
      const client = settings(moto.url);
      const sqs = new SQSClient(client);
      const queue = await subscribeQueue(new SNSClient(client), sqs, config.topicArn, 'subscriber');

      const first = await invoke({ action: 'monitor' });
      expect(first).toMatchObject({ ok: true, payload: { summary: { drifted: 1 }, failures: [] } });
      const [message, ...more] = await takeMessages(sqs, queue);
      expect(more).toEqual([]);
      expect(message?.TopicArn).toBe(config.topicArn);
      const { events } = v.parse(TELLING, JSON.parse(message?.Message ?? '{}'));
      expect(events).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ eventType: 'drift.firing', listed: [STALE], expected: [top.thumbprint] }),
        ]),
      );

      const changes = await diff('email=you@example.com', 'chat=true', `orgs=${ORG}`, ...watched);
      expect(changes).toMatch(/\[\+\] AWS::SNS::Topic Monitor\/Chat /);
      expect(changes).toMatch(/\[~\] AWS::Lambda::Function Monitor\/Function /);
      expect(changes).not.toMatch(/replace|destroy|AWS::DynamoDB::Table|AWS::Scheduler/);

      await cdk('destroy', '--force');
      expect(await functions()).toEqual([]);
    },
    10 * MINUTES,
  );
});
