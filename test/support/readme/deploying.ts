/** README on the deployment, as far as that goes without an account. */
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../command-line';
import { settings } from '../emulator';
import { motoIsThere, startMoto } from '../moto';
import { hasTool } from '../tools';
import { credentialsFor } from './account';
import type { ReadmeAccount } from './account';
import { ORG, PROJECT, ROOT, TOPIC, bash } from './example';
import type { Example } from './example';

const cdk = (line: string, { home }: ReadmeAccount): Promise<Finished> =>
  bash(line, { ...home, CDK_DISABLE_CLI_TELEMETRY: 'true', HTTPS_PROXY: 'http://127.0.0.1:1' });

const MAIL = '"you@example.com"';
const ROLE = `org/${ORG}/project/${PROJECT}/user/`;
const MAIN = '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';

type Stack = 'ThumbprintDriftMonitor' | 'CircleCiFederation';

/** `npx cdk deploy` with these arguments, of which those after the first come to the same: a stack that holds these words. */
const deploys = (args: readonly string[], stack: Stack, words: readonly string[]): Example => ({
  lines: args.map((each) => `npx cdk deploy ${each}`),
  test: async (account, line = '', ...same) => {
    for (const other of same) expect(other).toBe(line);
    const out = mkdtempSync(join(account.folder, 'cdk-'));
    const synth = line.replace('npx cdk deploy', `npx cdk synth --quiet --output ${out}`);
    expect(await cdk(synth, account)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('rror') });
    // Where no stack is named, there is but one.
    const stacks = [...new Set<Stack>([stack, 'ThumbprintDriftMonitor'])];
    const written = readdirSync(out).filter((file) => file.endsWith('.template.json'));
    expect(written.sort()).toEqual(stacks.map((name) => `${name}.template.json`));
    const template = readFileSync(join(out, `${stack}.template.json`), 'utf8');
    for (const word of words) expect(template).toContain(word);
  },
});

const bootstraps: Example = {
  lines: ['npx cdk bootstrap'],
  test: async (account, line = '') => {
    const { code, stdout } = await cdk(`${line} --show-template`, account);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}StagingBucket:$/m);
  },
};

/** What `destroy` would take is what `list` names. */
const destroys: Example = {
  lines: ['npx cdk destroy CircleCiFederation'],
  test: async (account, line = '') => {
    const list = `${line.replace('destroy', 'list')} -c org=${ORG} -c project=${PROJECT}`;
    expect(await cdk(list, account)).toMatchObject({ code: 0, stdout: 'CircleCiFederation\n' });
  },
};

/** In a copy: other tests pack `dist/` of the checkout. */
const writesTemplate: Example = {
  lines: ['npm run template'],
  test: async ({ folder, home }, line = '') => {
    const copy = mkdtempSync(join(folder, 'checkout-'));
    for (const name of ['package.json', 'tsconfig.json', 'infra', 'lambda', 'cli'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    expect(await bash(line, home, copy)).toMatchObject({ code: 0, stderr: '' });
    const template = readFileSync(join(copy, 'dist', 'thumbprint-drift-monitor.template.json'), 'utf8');
    expect(JSON.parse(template)).toHaveProperty('Parameters.Email.Type', 'String');
  },
};

/** moto_server takes any token. */
const confirms: Example = {
  lines: ['aws sns confirm-subscription --topic-arn TOPIC --token TOKEN --authenticate-on-unsubscribe true'],
  runs: hasTool('aws', 'the test of `aws sns` in README') && motoIsThere,
  test: async ({ home }, line = '') => {
    const { url, stop } = await startMoto();
    try {
      await new SNSClient(settings(url)).send(new CreateTopicCommand({ Name: 'Alerts' }));
      const { code, stdout } = await bash(line, { ...home, ...credentialsFor(url) });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ SubscriptionArn: expect.stringContaining(`${TOPIC}:`) });
    } finally {
      await stop();
    }
  },
};

/** All of them. */
export const deploying: readonly Example[] = [
  deploys(['-c email=you@example.com'], 'ThumbprintDriftMonitor', [MAIL]),
  deploys(
    ['-c email=you@example.com -c orgs=ORG_ID', `-c email=you@example.com -c orgs=${ORG}`],
    'ThumbprintDriftMonitor',
    [MAIL, ORG],
  ),
  deploys(['CircleCiFederation -c org=ORG_ID -c project=PROJECT_ID'], 'CircleCiFederation', [ROLE]),
  deploys(
    [
      'CircleCiFederation -c org=ORG_ID -c project=PROJECT_ID -c origin=github.com/acme/app -c ref=refs/heads/main -c repository=team/app',
    ],
    'CircleCiFederation',
    [ROLE, MAIN, ':repository/team/app"'],
  ),
  bootstraps,
  destroys,
  writesTemplate,
  confirms,
];
