/** The state table on an embedded DynamoDB, in memory: dynalite speaks its protocol. */
import { once } from 'node:events';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { RequestListener } from 'node:http';
import { portOf } from './port';

/** A running store with one table as the stack makes it. */
export interface EmbeddedTable {
  /** Give it to the function as AWS_ENDPOINT_URL_DYNAMODB. */
  readonly url: string;
  /** Answers a request that another server has accepted. */
  readonly handle: RequestListener;
  readonly name: string;
  readonly close: () => Promise<void>;
}

const NAME = 'ThumbprintDriftMonitorState';

/** Starts an empty table on a free port of 127.0.0.1. It forgets everything on `close`. */
export async function startTable(): Promise<EmbeddedTable> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server)}`;
  await createTable(url, NAME);
  return {
    url,
    handle: (request, response) => {
      server.emit('request', request, response);
    },
    name: NAME,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Creates the state table at a DynamoDB endpoint. */
export async function createTable(endpoint: string, name: string): Promise<void> {
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demo' };
  const dynamo = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 10, minDelay: 1 }, { TableName: name });
  dynamo.destroy();
}
