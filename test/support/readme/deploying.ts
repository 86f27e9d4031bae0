/** README on the deployment, as far as that goes without an account. */
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../command-line';
import { settings } from '../emulator';
import { motoIsThere, startMoto } from '../moto';
import { hasTool } from '../tools';
import { credentialsFor } from './account';
import type { ReadmeAccount } from './account';
import { ORG, PROJECT, ROOT, TOPIC, bash, copyCheckout } from './example';
import type { Example } from './example';

const cdk = (line: string, { home }: ReadmeAccount): Promise<Finished> =>
  bash(line, { ...home, CDK_DISABLE_CLI_TELEMETRY: 'true', HTTPS_PROXY: 'http://127.0.0.1:1' });

const MAIL = '"you@example.com"';
const ROLE = `org/${ORG}/project/${PROJECT}/user/`;
const MAIN = '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';

/** README's example of the file, with a project that may log in. */
const FILE = {
  email: ['you@example.com'],
  orgs: [ORG],
  federation: { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: ['refs/heads/main'] },
};

/** The flag for a file in a folder of its own, so that none in the checkout decides. */
function configFlag({ folder }: ReadmeAccount): string {
  const file = join(mkdtempSync(join(folder, 'config-')), 'monitor.config.json');
  writeFileSync(file, JSON.stringify(FILE));
  return `-c config=${file}`;
}

/** A `cdk` command that needs an account, as far as it goes without: the stack's template contains these words. */
const synthesizes = (command: string, shown: string, words: readonly string[]): Example => ({
  lines: [shown],
  test: async (account, line = '') => {
    const out = mkdtempSync(join(account.folder, 'cdk-'));
    const [, stack = ''] = /^npx cdk \w+ (\w+)/.exec(line) ?? [];
    const synth = `${line.replace(command, `npx cdk synth --quiet --output ${out}`)} ${configFlag(account)}`;
    expect(await cdk(synth, account)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('rror') });
    const template = readFileSync(join(out, `${stack}.template.json`), 'utf8');
    for (const word of words) expect(template).toContain(word);
  },
});

/** The copy is a configuration by which the monitor can be deployed. */
const copies: Example = {
  lines: ['cp monitor.config.example.json monitor.config.json'],
  test: async (account, line = '') => {
    const copy = mkdtempSync(join(account.folder, 'copy-'));
    cpSync(join(ROOT, 'monitor.config.example.json'), join(copy, 'monitor.config.example.json'));
    expect(await bash(line, account.home, copy)).toMatchObject({ code: 0, stderr: '' });
    const synth = `npx cdk synth --quiet --output ${join(copy, 'out')} -c config=${join(copy, 'monitor.config.json')}`;
    expect(await cdk(synth, account)).toMatchObject({ code: 0 });
    expect(readFileSync(join(copy, 'out', 'ThumbprintDriftMonitor.template.json'), 'utf8')).toContain(MAIL);
  },
};

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
    const list = `${line.replace('destroy', 'list')} ${configFlag(account)}`;
    expect(await cdk(list, account)).toMatchObject({ code: 0, stdout: 'CircleCiFederation\n' });
  },
};

/** In a copy: other tests pack `dist/` of the checkout. */
const writesTemplate: Example = {
  lines: ['npm run template'],
  test: async ({ folder, home }, line = '') => {
    const copy = mkdtempSync(join(folder, 'checkout-'));
    copyCheckout(copy);
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
  copies,
  synthesizes('npx cdk deploy', 'npx cdk deploy ThumbprintDriftMonitor', [MAIL, ORG]),
  synthesizes('npx cdk deploy', 'npx cdk deploy CircleCiFederation', [ROLE, MAIN]),
  synthesizes(
    'npx cdk diff',
    'npx cdk diff ThumbprintDriftMonitor -c email=you@example.com,ops@example.com -c expiryDays=45',
    [MAIL, '"ops@example.com"'],
  ),
  bootstraps,
  destroys,
  writesTemplate,
  confirms,
];
