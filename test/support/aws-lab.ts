/** An emulated account that deploys every resource of our templates: moto_server with additions, in the folder AWS_LAB names. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { run } from './shell';
import { portOf } from '../../demo/port';

/** The folder with start.sh; null without the variable AWS_LAB, and a line on stderr says what is skipped. */
export const AWS_LAB: string | null = findLab();

/** A running lab. `environment`: credentials and endpoint, for programs that use an AWS SDK. */
export interface Lab {
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => void;
}

function findLab(): string | null {
  const folder = process.env['AWS_LAB'] ?? '';
  if (folder !== '') return folder;
  process.stderr.write('SKIPPED: tests that deploy to an emulated account: AWS_LAB is not set.\n');
  return null;
}

/** Starts an empty account. `folder`: for its log. Rejects with its own words. */
export async function startLab(lab: string, folder: string): Promise<Lab> {
  const port = await freePort();
  const { code, stdout, stderr } = await run(join(lab, 'start.sh'), [String(port)], {
    environment: { HOME: process.env['HOME'] ?? folder, TMPDIR: folder },
  });
  if (code !== 0) throw new Error(`start.sh ended with ${String(code)}: ${stderr}`);
  return {
    environment: {
      // The CDK takes buckets by host name, so an address would not do.
      AWS_ENDPOINT_URL: `http://localhost:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-west-1',
    },
    stop: () => {
      process.kill(Number(stdout.trim()));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
