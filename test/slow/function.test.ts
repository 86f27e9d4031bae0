import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startFunction } from '../../demo/function';
import type { FunctionOptions, LocalFunction } from '../../demo/function';

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

/** Starts a function of this source; `.mjs` unless the name says otherwise. */
async function start(
  source: string,
  options: Partial<FunctionOptions> = {},
  name = 'bundle.mjs',
): Promise<LocalFunction> {
  const bundle = join(await mkdtemp(join(folder, 'bundle-')), name);
  await writeFile(bundle, source);
  const started = await startFunction({ bundle, environment: {}, ...options });
  running.push(started);
  return started;
}

const ID = /^RequestId: [0-9a-f-]{36} Error: /;

describe('startFunction', () => {
  it('returns what the handler returns, through JSON', async () => {
    const { invoke } = await start(
      'export const handler = async (event) => ({ ...event, at: new Date(0), gone: undefined });',
    );
    expect(await invoke({ action: 'audit' })).toEqual({
      ok: true,
      payload: { action: 'audit', at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('returns null for no result, and accepts null and no event', async () => {
    const { invoke } = await start(
      'export const handler = async (event) => { if (event !== null) throw new Error("!"); };',
    );
    expect(await invoke(null)).toEqual({ ok: true, payload: null });
    expect(await invoke(undefined)).toEqual({ ok: true, payload: null });
  });

  it('runs CommonJS, too', async () => {
    const { invoke } = await start('exports.handler = async () => "cjs";', {}, 'bundle.cjs');
    expect(await invoke({})).toEqual({ ok: true, payload: 'cjs' });
    const older = await start('module.exports = { handler: () => "js" };', {}, 'bundle.js');
    expect(await older.invoke({})).toEqual({ ok: true, payload: 'js' });
  });

  it('stays warm, and serves one invocation at a time', async () => {
    const { invoke } = await start(`
      let count = 0; let busy = false;
      export const handler = async () => {
        if (busy) throw new Error('two at once');
        busy = true; await new Promise((resolve) => setImmediate(resolve)); busy = false;
        return [process.pid, ++count];
      };`);
    const answers = await Promise.all([invoke({}), invoke({}), invoke({})]);
    const payloads = answers.map((answer) => (answer.ok ? answer.payload : answer));
    expect(payloads).toEqual([
      [expect.any(Number), 1],
      [expect.any(Number), 2],
      [expect.any(Number), 3],
    ]);
    expect(new Set(payloads.map(String).map((pair) => pair.split(',')[0])).size).toBe(1);
  });

  it('receives the context that Lambda passes', async () => {
    const arn = 'arn:aws-cn:lambda:cn-north-1:210987654321:function:watcher';
    const { invoke } = await start(
      `export const handler = async (_, context) => {
        const left = context.getRemainingTimeInMillis();
        return { ...context, inTime: left > 30_000 && left <= 60_000 };
      };`,
      { arn, timeoutSeconds: 60 },
    );
    expect(await invoke({})).toMatchObject({
      payload: {
        invokedFunctionArn: arn,
        functionName: 'watcher',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        inTime: true,
      },
    });
  });

  it('receives a clean environment', async () => {
    process.env['LEAKED'] = 'yes';
    const { invoke } = await start(
      `export const handler = async () => {
        const { MONITOR_CONFIG, LAMBDA_TASK_ROOT } = process.env;
        return [Object.keys(process.env).sort(), MONITOR_CONFIG, LAMBDA_TASK_ROOT === process.cwd()];
      };`,
      { environment: { AWS_REGION: 'eu-west-1', MONITOR_CONFIG: '{"orgs":[]}' } },
    );
    const answer = await invoke({});
    delete process.env['LEAKED'];
    const names = [
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_REGION',
      'LAMBDA_TASK_ROOT',
      'MONITOR_CONFIG',
      'PATH',
      'TZ',
    ];
    expect(answer).toEqual({ ok: true, payload: [names, '{"orgs":[]}', true] });
  });

  it('collects its log, complete at the end of an invocation', async () => {
    const { invoke, log } = await start(
      'export const handler = async () => { console.log("o".repeat(200000)); console.error("last"); };',
    );
    await invoke({});
    expect(log()).toMatch(/^START RequestId: \S+\no{200000}\nlast\nEND RequestId: \S+\n$/);
  });
});

describe('startFunction: a function that fails', () => {
  it('returns name and message of the exception', async () => {
    const { invoke, log } = await start(
      'class ConfigError extends Error { name = "ConfigError" }; export const handler = async () => { throw new ConfigError("orgs: is empty"); };',
    );
    expect(await invoke({})).toEqual({ ok: false, errorType: 'ConfigError', errorMessage: 'orgs: is empty' });
    expect(log()).toContain('ConfigError: orgs: is empty\n    at ');
    expect(await invoke({})).toMatchObject({ ok: false, errorType: 'ConfigError' });
  });

  it.each([
    ['a text', 'throw "no"', 'string', 'no'],
    ['an answer that JSON cannot hold', 'return 1n', 'TypeError', 'Do not know how to serialize a BigInt'],
    [
      'an answer beyond 6 MB',
      'return "x".repeat(6_291_555)',
      'Function.ResponseSizeTooLarge',
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    ],
  ])('returns %s', async (_, body, errorType, errorMessage) => {
    const { invoke } = await start(`export const handler = async () => { ${body}; };`);
    expect(await invoke({})).toEqual({ ok: false, errorType, errorMessage });
  });

  it.each([
    ['exits', 'process.exit(3)', 'Runtime exited with error: exit status 3'],
    ['exits without a fault', 'process.exit(0)', 'Runtime exited without providing a reason'],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', 'Runtime exited with error: signal: SIGKILL'],
    [
      'throws outside the handler',
      'setImmediate(() => { throw new Error("late") }); await new Promise(() => {})',
      'Runtime exited with error: exit status 1',
    ],
  ])('reports that the process %s, and starts a new one next time', async (_, body, reason) => {
    const { invoke } = await start(
      `export const handler = async (event) => { if (event.end) { ${body}; } return "well"; };`,
    );
    expect(await invoke({ end: true })).toEqual({
      ok: false,
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(ID),
    });
    const again = await invoke({ end: true });
    expect(again).toMatchObject({ errorMessage: expect.stringContaining(` Error: ${reason}`) });
    expect(await invoke({})).toEqual({ ok: true, payload: 'well' });
  });

  it('is cut off at its timeout, even in a loop', async () => {
    const { invoke } = await start(
      'export const handler = async (event) => { while (event.loop); return "well"; };',
      { timeoutSeconds: 1 },
    );
    const answer = await invoke({ loop: true });
    expect(answer).toEqual({
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/ Error: Task timed out after 1\.00 seconds$/),
    });
    expect(await invoke({})).toEqual({ ok: true, payload: 'well' });
  });

  it('ends an invocation under way when it is stopped', async () => {
    const { invoke, log, stop } = await start('export const handler = () => new Promise(() => {});');
    const answer = invoke({});
    while (!log().includes('START')) await new Promise((resolve) => setImmediate(resolve));
    await stop();
    expect(await answer).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: SIGKILL'),
    });
  });

  it('accepts no invocation once it is stopped', async () => {
    const { invoke, log, stop } = await start('export const handler = async () => 1;');
    const early = invoke({});
    await stop();
    const stopped = { ok: false, errorType: 'Runtime.ExitError', errorMessage: 'The function was stopped.' };
    expect(await early).toEqual(stopped);
    expect(await invoke({})).toEqual(stopped);
    expect(log()).toBe('');
  });

  it.each([
    [
      'no handler',
      'export const other = 1;',
      'Runtime.HandlerNotFound',
      'exports no function called handler.',
    ],
    ['a syntax error', 'export const handler = (', 'SyntaxError', 'Unexpected'],
    ['an import that is not there', 'import "./gone.mjs";', 'Error', 'Cannot find module'],
  ])('reports at the invocation that the bundle has %s', async (_, source, errorType, message) => {
    const { invoke } = await start(source);
    expect(await invoke({})).toMatchObject({
      ok: false,
      errorType,
      errorMessage: expect.stringContaining(message),
    });
  });

  it('reports that there is no such bundle, or no such Node', async () => {
    const nowhere = startFunction({ bundle: join(folder, 'gone.mjs'), environment: {} });
    await expect(nowhere).rejects.toThrow(
      `There is no bundle at ${join(folder, 'gone.mjs')}. Build it first: npm run build`,
    );
    const { invoke } = await start('export const handler = async () => 1;', {
      node: join(folder, 'no-node'),
    });
    expect(await invoke({})).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('could not start: spawn'),
    });
  });
});
