/** The section "Upgrade" of docs/deployment.md, as its reader runs it: a monitor that was deployed with flags moves to a file. */
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AWS_LAB, startLab } from '../support/aws-lab';
import type { Lab } from '../support/aws-lab';
import type { Finished } from '../support/command-line';
import { settings } from '../support/emulator';
import { readDocument } from '../support/headings';
import { bash, copyCheckout } from '../support/readme/example';
import { shownCommands } from '../support/readme/shown-commands';

const MINUTES = 60_000;
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const FLAGS = `-c email=you@example.com -c orgs=${ORG} -c dashboard=true -c expiryDays=45`;

/** The commands of the section "Upgrade" of a document. */
function upgradeIn(file: string): readonly string[] {
  const [, section = ''] = /\n## Upgrade\n(.*?)\n## /s.exec(readDocument(file)) ?? [];
  return shownCommands(section);
}

const withLab = AWS_LAB === null ? describe.skip : describe;
withLab('the section Upgrade of docs/deployment.md', () => {
  let folder: string;
  let lab: Lab;

  const inCopy = (line: string): Promise<Finished> =>
    bash(line, { HOME: folder, CDK_DISABLE_CLI_TELEMETRY: 'true', ...lab.environment }, join(folder, 'app'));

  const succeed = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await inCopy(line);
    expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' });
    return `${stdout}\n${stderr}`;
  };

  /** Logical id and physical id of every resource of the monitor. */
  const resources = async (): Promise<Readonly<Record<string, string>>> => {
    const client = new CloudFormationClient(settings(lab.environment['AWS_ENDPOINT_URL'] ?? ''));
    const { StackResourceSummaries = [] } = await client.send(
      new ListStackResourcesCommand({ StackName: 'ThumbprintDriftMonitor' }),
    );
    client.destroy();
    return Object.fromEntries(
      StackResourceSummaries.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
        LogicalResourceId,
        PhysicalResourceId,
      ]),
    );
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'thumbprint-upgrade-'));
    copyCheckout(join(folder, 'app'));
    lab = await startLab(AWS_LAB ?? '', folder);
    await succeed('npx cdk bootstrap aws://123456789012/eu-west-1');
  }, 3 * MINUTES);

  afterAll(() => {
    lab.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'moves a deployment with flags to a file, and destroys nothing (fault 61)',
    async () => {
      const outputs = await succeed(`npx cdk deploy --require-approval never ${FLAGS}`);
      const [, name = ''] = /MonitorFunctionName = (\S+)/.exec(outputs) ?? [];
      const before = await resources();

      // Without flags and without a file the deployment is refused, not emptied.
      const refused = await inCopy('npx cdk deploy --require-approval never');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('No recipient is configured');
      expect(await resources()).toEqual(before);

      const commands = upgradeIn('docs/deployment.md').map((line) => line.replace('NAME', name));
      expect(commands).toEqual([
        `npx tsx cli/main.ts doctor ${name} --write-config`,
        'npx cdk diff ThumbprintDriftMonitor',
        'npx cdk deploy ThumbprintDriftMonitor',
      ]);
      expect(upgradeIn('README.md').map((line) => line.replace('NAME', name))).toEqual(commands);
      const [doctor = '', diff = '', deploy = ''] = commands;
      await succeed(doctor);
      expect(JSON.parse(readFileSync(join(folder, 'app', 'monitor.config.json'), 'utf8'))).toEqual({
        email: ['you@example.com'],
        schedule: 'rate(6 hours)',
        orgs: [ORG],
        expiryDays: 45,
        dashboard: true,
      });
      const changes = await succeed(diff);
      expect(changes).toContain('There were no differences');
      expect(changes).not.toMatch(/\[-\]|destroy/);
      await succeed(`${deploy} --require-approval never`);
      expect(await resources()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    'shows what the file leaves out as destroyed, so the test above can fail',
    async () => {
      writeFileSync(join(folder, 'app', 'less.json'), JSON.stringify({ email: 'you@example.com' }));
      const changes = await succeed('npx cdk diff ThumbprintDriftMonitor -c config=less.json');
      expect(changes).toMatch(/\[-\] AWS::CloudWatch::Dashboard .* destroy/);
    },
    5 * MINUTES,
  );
});
