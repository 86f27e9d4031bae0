/** The deployed bundle repairs a list: the good path, on real sockets and real AWS protocols, with a clock that runs ahead. */
import {
  GetOpenIDConnectProviderCommand,
  IAMClient,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { createTable, startTable } from '../../demo/table';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { embedded, moto, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { letIn } from '../support/let-in';
import { motoIsThere } from '../support/moto';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const STEP_MS = 6 * 3_600_000;

let builder: Build;
let root: Identity;

beforeAll(async () => {
  builder = build();
  root = await mint({ commonName: 'Public Root', ca: true });
});

afterAll(() => {
  builder.remove();
});

async function chainOf(name: string): Promise<readonly [Identity, Identity]> {
  const top = await mint({ commonName: name, ca: true, signedBy: root });
  return [await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top }), top];
}

/** `ownTable`: the emulator has no DynamoDB, so one is started. */
function suite(start: () => Promise<Emulator>, ownTable: boolean): void {
  let emulator: Emulator;
  let issuer: Issuer;
  let monitor: LocalFunction;
  let received: Awaited<ReturnType<Emulator['watch']>>;
  let iam: IAMClient;
  let arn: string;
  let before: readonly [Identity, Identity];
  let after: readonly [Identity, Identity];
  let closeTable: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    [before, after] = [await chainOf('Before'), await chainOf('After')];
    issuer = await startIssuer({ chain: before });
    emulator = await start();
    iam = new IAMClient(settings(emulator.url));
    arn = await letIn(iam, {
      issuer: issuer.issuerOf(ORG),
      audiences: [ORG],
      thumbprints: [before[1].thumbprint],
    });
    const table = ownTable ? await startTable() : { name: 'State', url: emulator.url };
    if ('close' in table) closeTable = table.close;
    else await createTable(table.url, table.name);
    const topic = await new SNSClient(settings(emulator.url)).send(
      new CreateTopicCommand({ Name: 'alerts' }),
    );
    received = await emulator.watch(topic.TopicArn ?? '');
    monitor = await builder.deploy({
      endpoint: emulator.url,
      publicRoots: [root],
      environment: { AWS_ENDPOINT_URL_DYNAMODB: table.url },
      config: {
        issuers: [issuer.issuerOf(ORG)],
        allowPrivateNetworks: true,
        topicArn: topic.TopicArn,
        stateTable: table.name,
        update: 'guarded',
        // Between two runs: the function's clock goes on within one, so a day to the millisecond would be a matter of luck.
        holdDownHours: 20,
      },
    });
  }, 90_000);

  afterAll(async () => {
    await monitor.stop();
    await Promise.all([emulator.stop(), issuer.close(), closeTable()]);
  });

  const listed = async (): Promise<readonly string[]> => {
    const answer = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return answer.ThumbprintList ?? [];
  };

  it('after the hold-down, once, and never again what somebody reverted (fault 48)', async () => {
    const begin = Date.now();
    const told: string[] = [];
    for (let run = 0; run < 52; run += 1) {
      if (run === 2) issuer.rotate([after]);
      // The command of the mail, ten days before the end.
      if (run === 12) {
        await iam.send(
          new UpdateOpenIDConnectProviderThumbprintCommand({
            OpenIDConnectProviderArn: arn,
            ThumbprintList: [before[1].thumbprint],
          }),
        );
      }
      const invocation = await monitor.invoke({ action: 'monitor' }, new Date(begin + run * STEP_MS));
      expect(invocation).toMatchObject({ ok: true });
      for (const message of await received()) {
        told.push(`${run}: ${message.MessageAttributes['eventTypes']?.Value ?? ''}`);
      }
      if (run === 6) expect(await listed()).toEqual([before[1].thumbprint, after[1].thumbprint]);
    }
    expect(await listed()).toEqual([before[1].thumbprint]);
    expect(told).toEqual([
      '3: ["drift.firing"]',
      '6: ["updated"]',
      '8: ["drift.resolved"]',
      // Somebody reverted it: alerted at once, and the drift that follows from it.
      '12: ["finding.firing"]',
      '13: ["drift.firing"]',
    ]);
  }, 120_000);
}

describe('the deployed bundle updates a list, on the embedded AWS', () => {
  suite(embedded, true);
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('the deployed bundle updates a list, on moto_server', () => {
  suite(moto, false);
});
