import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { readReport } from '../../cli/commands/report-schema';
import { mint } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';

const ROOT = join(__dirname, '..', '..');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const run = promisify(execFile);
const PACKED = v.tuple([v.object({ filename: v.string(), files: v.array(v.object({ path: v.string() })) })]);
const MANIFEST = v.object({
  main: v.string(),
  types: v.string(),
  dependencies: v.record(v.string(), v.string()),
  peerDependencies: v.record(v.string(), v.string()),
});

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { CircleCiFederation, CircleCiRole, ConfigError, ThumbprintMonitor } from 'thumbprint-drift-monitor';
import type { CircleCiRoleProps, ICircleCiFederation } from 'thumbprint-drift-monitor';

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Mine');
const monitor = new ThumbprintMonitor(stack, 'Monitor', {
  orgs: ['${ORG}'],
  emails: ['you@example.com'],
  dashboard: true,
});
const names: string[] = [monitor.function.functionName, monitor.topic.topicArn, monitor.alarms.blind.alarmName];
monitor.metrics.targetsDrifted.createAlarm(stack, 'Own', { threshold: 1, evaluationPeriods: names.length });
const federation: ICircleCiFederation = CircleCiFederation.fromProviderArn(
  stack, 'CircleCi', 'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34');
const props: CircleCiRoleProps = { federation, project: '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58' };
monitor.topic.grantPublish(new CircleCiRole(stack, 'Ci', props));
app.synth();
try {
  new ThumbprintMonitor(stack, 'Wrong', { orgs: ['x'] });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.log(error.message.slice(0, 7));
}
`;

let project: string;
let files: readonly string[];

/** An empty project with the packed package in it, and what its manifest says it needs: nothing else is found. */
function install(): void {
  execFileSync(process.execPath, ['--import', 'tsx', join('infra', 'build', 'build-package.ts')], {
    cwd: ROOT,
  });
  const npm = ['pack', '--json', '--pack-destination', project];
  const said = execFileSync('npm', npm, { cwd: ROOT, encoding: 'utf8' });
  const [packed] = v.parse(PACKED, JSON.parse(said));
  files = packed.files.map(({ path }) => path);
  const modules = join(project, 'node_modules');
  const home = join(modules, 'thumbprint-drift-monitor');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed.filename), '-C', home, '--strip-components=1']);
  const manifest = v.parse(MANIFEST, JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));
  const needed = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const name of [...Object.keys(needed), '@types/node']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'app.ts'), APP);
  copyFileSync(join(ROOT, 'examples', 'cdk', 'app.ts'), join(project, 'example.ts'));
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'thumbprint-package-'));
  install();
}, 300_000);

afterAll(() => {
  rmSync(project, { recursive: true });
});

describe('the packed package', () => {
  it('contains the construct with its types, and the function', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/infra/index.js',
        'dist/infra/index.d.ts',
        'dist/function/index.mjs',
        'dist/cli/main.mjs',
        'docs/findings.md',
        'examples/audit.json',
        'README.md',
      ]),
    );
    expect(files.filter((path) => /^(test|demo|bench|lambda|infra)\//.test(path))).toEqual([]);
  });

  it('type-checks, synthesizes and refuses in an empty project', () => {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--module',
      'node16',
      '--target',
      'es2022',
      '--strict',
      '--skipLibCheck',
      '--types',
      'node',
    ];
    const sources = ['app.ts', 'example.ts'];
    execFileSync(process.execPath, [tsc, ...options, ...sources], { cwd: project, stdio: 'inherit' });
    const said = execFileSync(process.execPath, ['app.js'], { cwd: project, encoding: 'utf8' });
    expect(said.trim()).toBe('orgs[0]');
    const template = readFileSync(join(project, 'cdk.out', 'Mine.template.json'), 'utf8');
    expect(template).toContain('"nodejs24.x"');
    expect(template).toContain('"sts:AssumeRoleWithWebIdentity"');
  }, 300_000);

  it('runs the example app', () => {
    // Without an order to write, as `cdk` gives it, the app synthesizes into a folder that it names.
    const env = { ...process.env, CDK_OUTDIR: join(project, 'example.out') };
    execFileSync(process.execPath, ['example.js'], { cwd: project, env, stdio: 'inherit' });
    const template = readFileSync(join(project, 'example.out', 'Ci.template.json'), 'utf8');
    expect(template.match(/"AWS::IAM::OIDCProvider"/g)).toHaveLength(1);
    expect(template).toContain('/vcs-ref/refs/heads/main');
  }, 300_000);

  it('audits from the terminal', async () => {
    const root = await mint({ commonName: 'Root', ca: true });
    const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
    const issuer = await startIssuer({ chain: [leaf, root] });
    try {
      const trusted = join(project, 'root.pem');
      writeFileSync(trusted, root.pem);
      const command = join(project, 'node_modules', 'thumbprint-drift-monitor', 'dist', 'cli', 'main.mjs');
      const flags = ['--no-aws', '--allow-private-networks', '--ca-file', trusted, '--output', 'json'];
      const { stdout } = await run(
        process.execPath,
        [command, 'audit', '--issuer', issuer.issuerOf(ORG), ...flags],
        { cwd: project },
      );
      const { targets } = readReport(JSON.parse(stdout));
      expect(targets.map(({ expected }) => expected)).toEqual([[root.thumbprint]]);
    } finally {
      await issuer.close();
    }
  }, 60_000);
});
