import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunction } from '../../infra/build/build';
import { MonitorStack } from '../../infra/monitor/monitor-stack';
import { readConfigFile } from '../../lambda/adapters/config-file';
import { wholeConfigText } from '../../lambda/config/config-file';
import { environmentOf } from '../support/stack';

describe('the stack of the monitor', () => {
  it('puts 700 orgs into a file beside the code, and the invocation validates them', async () => {
    buildFunction();
    const orgs = Array.from({ length: 700 }, () => randomUUID());
    const app = new App();
    const stack = new MonitorStack(app, 'Many', { orgs });
    const environment = environmentOf(Template.fromStack(stack));
    expect(environment).toBe(
      '{"configFile":"config.json","topicArn":"${MonitorAlerts}","stateTable":"${MonitorState}"}',
    );
    const longest = 'x'.repeat(330);
    expect(Buffer.byteLength(environment.replaceAll(/\$\{\w+\}/g, longest)) + 1000).toBeLessThan(4096);
    const { outdir } = app;
    const folder = readdirSync(outdir).find((name) => existsSync(join(outdir, name, 'config.json')));
    const text = await wholeConfigText(environment.replaceAll(/\$\{\w+\}/g, 'T'), (name) =>
      readConfigFile(name, join(outdir, folder ?? '')),
    );
    expect(JSON.parse(text ?? '')).toEqual({ orgs, topicArn: 'T', stateTable: 'T' });
    expect(existsSync(join(outdir, folder ?? '', 'index.mjs'))).toBe(true);
  }, 120_000);
});
