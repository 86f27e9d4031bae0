/** The alarms of the template watch what the deployed bundle really writes. */
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import * as v from 'valibot';
import type { LocalFunction } from '../../demo/function';
import { portOf } from '../../demo/port';
import { startTable } from '../../demo/table';
import type { EmbeddedTable } from '../../demo/table';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { embedded, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { metricLinesOf } from '../support/metric-line';
import { arnText, templateOf } from '../support/stack';

const DIMENSION = v.object({ Name: v.string(), Value: v.unknown() });
const ALARM = v.object({
  Properties: v.object({
    Namespace: v.string(),
    MetricName: v.string(),
    Dimensions: v.array(DIMENSION),
    Unit: v.optional(v.string()),
  }),
});

/** The function's name by default, as Lambda passes it. */
const NAME = 'thumbprint-drift-monitor';

let builder: Build;
let aws: Emulator;
let table: EmbeddedTable;
const monitors: LocalFunction[] = [];

beforeAll(async () => {
  builder = build();
  [aws, table] = [await embedded(), await startTable()];
}, 60_000);

afterAll(async () => {
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  await Promise.all([aws.stop(), table.close()]);
  builder.remove();
});

/** `NAMESPACE METRIC DIMENSION=VALUE,…` of each value that a run writes. */
async function written(config: object, tableUrl = table.url): Promise<readonly string[]> {
  const monitor = await builder.deploy({
    endpoint: aws.url,
    publicRoots: [],
    environment: { AWS_ENDPOINT_URL_DYNAMODB: tableUrl },
    config,
  });
  monitors.push(monitor);
  await monitor.invoke({ action: 'monitor' });
  return metricLinesOf(monitor.log().split('\n')).flatMap(({ _aws, ...values }) =>
    _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.filter(({ Name }) => typeof values[Name] === 'number').flatMap(({ Name }) =>
        Dimensions.map((names) =>
          nameOf(
            Namespace,
            Name,
            names.map((name) => `${name}=${String(values[name])}`),
          ),
        ),
      ),
    ),
  );
}

/** A table of DynamoDB that has no items and takes none. */
async function startReadOnlyTable(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const isRead = String(request.headers['x-amz-target']).endsWith('.GetItem');
    request.resume().on('end', () => {
      response.writeHead(isRead ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(
        isRead ? '{}' : '{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}',
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${portOf(server)}` };
}

const nameOf = (namespace: string, metric: string, dimensions: readonly string[]): string =>
  `${namespace} ${metric} ${dimensions.join(',')}`;

/** The metrics of our own that alarms watch, in the same words; CloudWatch compares them letter by letter. */
function watched(): readonly string[] {
  const alarms = Object.values(templateOf().findResources('AWS::CloudWatch::Alarm'));
  return alarms
    .map((one) => v.parse(ALARM, one).Properties)
    .filter(({ Namespace }) => !Namespace.startsWith('AWS/'))
    .map(({ Namespace, MetricName, Dimensions }) =>
      nameOf(
        Namespace,
        MetricName,
        // Of a function, Ref gives its name.
        Dimensions.map(({ Name, Value }) => `${Name}=${arnText(Value).replace('${MonitorFunction}', NAME)}`),
      ),
    );
}

describe('each alarm of the monitor', () => {
  it('watches the metrics of a run that ends, that fails, or that cannot save its state (fault 43)', async () => {
    const sns = new SNSClient(settings(aws.url));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    sns.destroy();
    const ended = await written({ topicArn: TopicArn, stateTable: table.name });
    const failed = await written({ stateTable: table.name });
    const readOnly = await startReadOnlyTable();
    const notSaved = await written({ topicArn: TopicArn, stateTable: 'read-only' }, readOnly.url);
    readOnly.server.close();
    readOnly.server.closeAllConnections();
    const own = watched();
    expect(own).toHaveLength(5);
    expect([...ended, ...failed, ...notSaved]).toEqual(expect.arrayContaining([...own]));
    // The alarm for missing runs: a run that ended keeps it in state OK, and nothing else does.
    const silence = nameOf('ThumbprintDriftMonitor', 'RunCompleted', [`service=${NAME}`]);
    expect(own).toContain(silence);
    expect(ended).toContain(silence);
    expect(failed).not.toContain(silence);
  }, 60_000);
});
