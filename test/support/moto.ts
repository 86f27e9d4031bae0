/** moto_server, a Python emulator of AWS: on CI's machines, seldom on users'. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { isOnPath } from './tools';

/** Start-up takes 1.5 s on an idle machine. */
const START_MS = 60_000;

/** Whether moto_server is on the PATH. If it is not, a line on stderr says that its tests are skipped. */
export const motoIsThere: boolean = findMoto();

/** A running moto_server. */
export interface Moto {
  /** `http://127.0.0.1:PORT`: give it to clients as endpoint. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts an empty account, once for a test file: it takes seconds. Rejects with moto's own words. */
export async function startMoto(): Promise<Moto> {
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    const url = await readUrl(child);
    await requireAnswer(url);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function findMoto(): boolean {
  const there = isOnPath('moto_server');
  if (!there)
    process.stderr.write(
      'SKIPPED: tests against moto_server, which is not on the PATH (pip install "moto[server]").\n',
    );
  return there;
}

/** Asked for port 0, moto says on stderr which port it got. */
function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => {
      reject(new Error(`moto_server ${why}. It said: ${said}`));
    };
    const timer = setTimeout(() => {
      fail(`did not start within ${START_MS} ms`);
    }, START_MS);
    child.once('error', ({ message }) => {
      fail(message);
    });
    child.once('close', () => {
      clearTimeout(timer);
      fail('stopped');
    });
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      const url = /Running on (http:\S+:\d+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

/** The line is printed after the socket listens, so one attempt is enough. */
async function requireAnswer(url: string): Promise<void> {
  const response = await fetch(`${url}/moto-api/data.json`, { signal: AbortSignal.timeout(START_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`moto_server answers ${response.status}.`);
}
