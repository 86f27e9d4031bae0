/**
 * A month of the deployed bundle at the default schedule, on real sockets and real AWS protocols, with every kind of
 * event that a month can bring. The exact list of messages is what counts: one too many is a bug like one too few.
 */
import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  IAMClient,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer, Override } from '../../demo/issuer';
import { createTable, startTable } from '../../demo/table';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { embedded, moto, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { createProvider, letIn } from '../support/let-in';
import { motoIsThere } from '../support/moto';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const HOUR_MS = 3_600_000;
const STEP_MS = 6 * HOUR_MS;
const RUNS = 124;

const EVENTS = v.object({
  events: v.array(
    v.object({
      eventType: v.string(),
      issuer: v.nullable(v.string()),
      findings: v.array(v.object({ check: v.string() })),
    }),
  ),
});

/** A store for the function: its address if it is not the emulator's own. */
interface Table {
  readonly name: string;
  readonly url: string | null;
  readonly close: () => Promise<void>;
}

let builder: Build;
let issuer: Issuer;
let root: Identity;

beforeAll(async () => {
  builder = build();
  root = await mint({
    commonName: 'Public Root',
    ca: true,
    notAfter: new Date(Date.now() + 900 * 24 * HOUR_MS),
  });
});

afterAll(() => {
  builder.remove();
});

/** An issuer that answers nothing of use. */
const broken: Override = (_, response) => {
  response.writeHead(500).end();
  return true;
};

/** A chain of a public host below an intermediate of this name. */
async function chainOf(name: string): Promise<readonly [Identity, Identity]> {
  const notAfter = new Date(Date.now() + 800 * 24 * HOUR_MS);
  const top = await mint({ commonName: name, ca: true, signedBy: root, notAfter });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top, notAfter });
  return [leaf, top];
}

function suite(start: () => Promise<Emulator>, openTable: (emulator: Emulator) => Promise<Table>): void {
  let emulator: Emulator;
  let table: Table;
  let monitor: LocalFunction;
  let received: Awaited<ReturnType<Emulator['watch']>>;
  let iam: IAMClient;
  let first: readonly [Identity, Identity];
  let second: readonly [Identity, Identity];
  const begin = Date.now();

  beforeAll(async () => {
    [first, second] = [await chainOf('Intermediate 1'), await chainOf('Intermediate 2')];
    issuer = await startIssuer({ chain: first });
    emulator = await start();
    table = await openTable(emulator);
    iam = new IAMClient(settings(emulator.url));
    for (const org of [ORG, OTHER_ORG]) {
      await letIn(iam, {
        issuer: issuer.issuerOf(org),
        audiences: [org],
        thumbprints: [first[1].thumbprint],
      });
    }
    const sns = new SNSClient(settings(emulator.url));
    const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    received = await emulator.watch(topicArn);
    monitor = await builder.deploy({
      endpoint: emulator.url,
      config: {
        issuers: [issuer.issuerOf(ORG), issuer.issuerOf(OTHER_ORG)],
        // The provider of GitHub, which is added on the way, has no host here.
        discover: 'circleci',
        allowPrivateNetworks: true,
        topicArn,
        stateTable: table.name,
      },
      publicRoots: [root],
      environment: table.url === null ? {} : { AWS_ENDPOINT_URL_DYNAMODB: table.url },
    });
  }, 90_000);

  afterAll(async () => {
    await monitor.stop();
    await Promise.all([emulator.stop(), issuer.close(), table.close()]);
  });

  const arnOf = (org: string): string =>
    `arn:aws:iam::123456789012:oidc-provider/localhost:${issuer.port}/org/${org}`;

  const list = async (org: string, ...thumbprints: readonly string[]): Promise<void> => {
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: arnOf(org),
        ThumbprintList: [...thumbprints],
      }),
    );
  };

  /** Which org an issuer is. */
  const nameOf = (url: string | null): string => (url?.endsWith(ORG) === true ? 'one' : 'two');

  /** What happens before which run. Runs are six hours apart. */
  const incidents: ReadonlyMap<number, () => Promise<void> | void> = new Map([
    [10, () => issuer.rotate([second])],
    [20, () => list(ORG, first[1].thumbprint, second[1].thumbprint)],
    [21, () => list(OTHER_ORG, first[1].thumbprint, second[1].thumbprint)],
    // Edges that alternate: everything is listed, so nobody is notified.
    [30, () => issuer.rotate([first])],
    [31, () => issuer.rotate([second])],
    [32, () => issuer.rotate([first])],
    [33, () => issuer.rotate([second])],
    // An outage of one run passes; one of four is alerted.
    [40, () => issuer.onRequest(broken)],
    [41, () => issuer.onRequest(undefined)],
    [50, () => issuer.onRequest(broken)],
    [54, () => issuer.onRequest(undefined)],
    [70, () => issuer.replaceKeys()],
    [
      80,
      async () => {
        // moto_server cannot add an audience to a provider that is there.
        await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arnOf(ORG) }));
        await createProvider(iam, {
          issuer: issuer.issuerOf(ORG),
          audiences: [ORG, 'sts.amazonaws.com'],
          thumbprints: [first[1].thumbprint, second[1].thumbprint],
        });
      },
    ],
    [90, () => list(ORG, 'a'.repeat(40), first[1].thumbprint, second[1].thumbprint)],
    [
      100,
      async () => {
        await iam.send(
          new CreateOpenIDConnectProviderCommand({
            Url: 'https://token.actions.githubusercontent.com',
            ThumbprintList: ['b'.repeat(40)],
            ClientIDList: ['sts.amazonaws.com'],
          }),
        );
      },
    ],
  ]);

  it('sends these messages and no others', async () => {
    const told: string[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await incidents.get(run)?.();
      const invocation = await monitor.invoke({ action: 'monitor' }, new Date(begin + run * STEP_MS));
      expect(invocation).toMatchObject({ ok: true });
      for (const message of await received()) {
        const { events } = v.parse(EVENTS, JSON.parse(message.Message));
        const words = events.map(({ eventType, issuer: url, findings }) =>
          [eventType, url === null ? 'account' : nameOf(url), ...findings.map(({ check }) => check)].join(
            ' ',
          ),
        );
        told.push(`${run}: ${words.sort().join(', ')}`);
      }
    }
    expect(told).toEqual([
      '11: drift.firing one THUMB001, drift.firing two THUMB001',
      // The correction of the other list is attached, too.
      '21: drift.resolved one THUMB001, finding.firing one THUMB008, finding.firing two THUMB008',
      '22: drift.resolved two THUMB001',
      '52: unknown.firing one DISC001, unknown.firing two DISC001',
      '55: unknown.resolved one DISC001, unknown.resolved two DISC001',
      // So is the old certificate, which no chain has had for seven days.
      '71: finding.firing one THUMB003, finding.firing two THUMB003, keys.changed one JWKS002, keys.changed two JWKS002',
      '80: finding.firing one PROV007',
      // And the second audience, which is only an info finding.
      '90: finding.firing one PROV002, finding.firing one THUMB008',
      '100: finding.firing account PROV006',
    ]);
  }, 180_000);
}

describe('a month of the deployed bundle, on the embedded AWS', () => {
  suite(embedded, () => startTable());
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('a month of the deployed bundle, on moto_server', () => {
  suite(moto, async ({ url }) => {
    await createTable(url, 'State');
    return { name: 'State', url: null, close: () => Promise.resolve() };
  });
});
