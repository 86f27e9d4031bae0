import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { readReport } from '../../cli/report-schema';
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
import { ConfigError, ThumbprintMonitor } from 'thumbprint-drift-monitor';

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Mine');
const monitor = new ThumbprintMonitor(stack, 'Monitor', {
  orgs: ['${ORG}'],
  emails: ['you@example.com'],
  dashboard: true,
});
const names: string[] = [monitor.function.functionName, monitor.topic.topicArn, monitor.alarms.blind.alarmName];
monitor.metrics.targetsDrifted.createAlarm(stack, 'Own', { threshold: 1, evaluationPeriods: names.length });
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
  execFileSync(process.execPath, ['--import', 'tsx', join('infra', 'build-package.ts')], { cwd: ROOT });
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
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'thumbprint-package-'));
  install();
}, 300_000);

afterAll(() => {
  rmSync(project, { recursive: true });
});

describe('the packed package', () => {
  it('holds the construct with its types, and the function', () => {
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
    execFileSync(process.execPath, [tsc, ...options, 'app.ts'], { cwd: project, stdio: 'inherit' });
    const said = execFileSync(process.execPath, ['app.js'], { cwd: project, encoding: 'utf8' });
    expect(said.trim()).toBe('orgs[0]');
    const template = readFileSync(join(project, 'cdk.out', 'Mine.template.json'), 'utf8');
    expect(template).toContain('"nodejs24.x"');
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
