import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startFunction } from '../../demo/function';
import type { LocalFunction } from '../../demo/function';

// Each test starts processes, which takes its time on a busy machine.
jest.setTimeout(30_000);

let folder: string;
const running: LocalFunction[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'function-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

afterAll(() => rm(folder, { recursive: true }));

/** Starts a function of this source. */
async function start(source: string, environment = {}): Promise<LocalFunction> {
  const bundle = join(await mkdtemp(join(folder, 'bundle-')), 'bundle.mjs');
  await writeFile(bundle, source);
  const started = await startFunction({ bundle, environment });
  running.push(started);
  return started;
}

describe('startFunction', () => {
  it('returns what the handler returns, through JSON', async () => {
    const { invoke } = await start(
      'export const handler = async (event) => event && { ...event, at: new Date(0), gone: undefined };',
    );
    const payload = { action: 'audit', at: '1970-01-01T00:00:00.000Z' };
    expect(await invoke({ action: 'audit' })).toEqual({ ok: true, payload });
    expect(await invoke(undefined)).toEqual({ ok: true, payload: null });
  });

  it('stays warm, and serves one invocation at a time', async () => {
    const { invoke } = await start(`
      let count = 0; let busy = false;
      export const handler = async () => {
        if (busy) throw new Error('two at once');
        busy = true; await new Promise((resolve) => setImmediate(resolve)); busy = false;
        return ++count;
      };`);
    const answers = await Promise.all([invoke({}), invoke({}), invoke({})]);
    expect(answers).toEqual([1, 2, 3].map((payload) => ({ ok: true, payload })));
  });

  it('passes the context of Lambda and a clean environment', async () => {
    process.env['LEAKED'] = 'yes';
    const { invoke } = await start(
      `export const handler = async (_, { invokedFunctionArn, getRemainingTimeInMillis }) =>
        [invokedFunctionArn, getRemainingTimeInMillis() > 200_000, Object.keys(process.env).sort()];`,
      { AWS_REGION: 'eu-west-1', MONITOR_CONFIG: '{"orgs":[]}' },
    );
    const answer = await invoke({});
    delete process.env['LEAKED'];
    const names = ['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_REGION'];
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:thumbprint-drift-monitor';
    expect(answer).toEqual({
      ok: true,
      payload: [arn, true, [...names, 'LAMBDA_TASK_ROOT', 'MONITOR_CONFIG', 'PATH', 'TZ']],
    });
  });

  it('collects its log, complete at the end of an invocation', async () => {
    const { invoke, log } = await start(
      'export const handler = async () => { console.log("o".repeat(200000)); console.error("last"); };',
    );
    await invoke({});
    expect(log()).toMatch(/^START RequestId: \S+\no{200000}\nlast\nEND RequestId: \S+\n$/);
  });

  it('returns name and message of an exception', async () => {
    const { invoke, log } = await start(
      'class ConfigError extends Error { name = "ConfigError" }; export const handler = async () => { throw new ConfigError("orgs: is empty"); };',
    );
    expect(await invoke({})).toEqual({ ok: false, errorType: 'ConfigError', errorMessage: 'orgs: is empty' });
    expect(log()).toContain('ConfigError: orgs: is empty\n    at ');
  });

  it('reports that the process ended, and starts a new one next time', async () => {
    const { invoke } = await start(
      'export const handler = async (event) => { if (event.end) process.exit(3); return "well"; };',
    );
    const exit = { ok: false, errorType: 'Runtime.ExitError' };
    const errorMessage = 'Runtime exited with error: exit status 3';
    expect(await invoke({ end: true })).toEqual({ ...exit, errorMessage });
    expect(await invoke({})).toEqual({ ok: true, payload: 'well' });
  });

  it('ends an invocation under way when it is stopped, and accepts no other', async () => {
    const { invoke, log, stop } = await start('export const handler = () => new Promise(() => {});');
    const answer = invoke({});
    while (!log().includes('START')) await new Promise((resolve) => setImmediate(resolve));
    await stop();
    expect(await answer).toMatchObject({ errorMessage: expect.stringContaining('SIGKILL') });
    expect(await invoke({})).toMatchObject({ errorMessage: expect.stringContaining('was stopped') });
  });

  it('reports at the invocation that a bundle cannot be loaded', async () => {
    const { invoke } = await start('import "./gone.mjs";');
    expect(await invoke({})).toMatchObject({
      ok: false,
      errorMessage: expect.stringContaining('Cannot find module'),
    });
  });
});
