/** `npm run check` runs the rules of .dependency-cruiser.cjs; here each of them meets an import that it must refuse. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

const NO_COMMON_EVALUATION =
  'neither the embedded STS nor the oracle depends on the evaluation of trust policies, not even indirectly';

/** A file, what it imports, and the rule that refuses it. */
const REFUSED: readonly (readonly [file: string, target: string, rule: string])[] = [
  ['lambda/domain/a.ts', '../text/target', 'domain imports lower folders only'],
  ['lambda/text/a.ts', '../x509/target', 'text imports lower folders only'],
  ['lambda/x509/a.ts', '../checks/target', 'x509 imports lower folders only'],
  ['lambda/iam-policy/a.ts', '../oidc/target', 'iam-policy imports lower folders only'],
  ['lambda/oidc/a.ts', '../config/target', 'oidc imports lower folders only'],
  ['lambda/config/a.ts', '../checks/target', 'config imports lower folders only'],
  ['lambda/permissions.ts', './checks/target', 'permissions.ts imports lower folders only'],
  ['lambda/remedies/a.ts', '../checks/target', 'remedies imports lower folders only'],
  ['lambda/report/a.ts', '../alerting/target', 'report imports lower folders only'],
  ['lambda/alerting/a.ts', '../collect/target', 'alerting imports lower folders only'],
  ['lambda/remediation/a.ts', '../alerting/target', 'remediation imports lower folders only'],
  ['lambda/ports.ts', './checks/target', 'ports.ts imports lower folders only'],
  ['lambda/deadline.ts', './checks/target', 'deadline.ts imports lower folders only'],
  ['lambda/state/a.ts', '../checks/target', 'state imports lower folders only'],
  ['lambda/checks/a.ts', '../alerting/target', 'checks imports lower folders only'],
  ['lambda/collect/a.ts', '../checks/target', 'collect imports lower folders only'],
  ['lambda/inputs.ts', './checks/target', 'inputs.ts imports lower folders only'],
  ['lambda/adapters/a.ts', '../config/target', 'adapters imports lower folders only'],
  ['lambda/decide.ts', './remediation/target', 'decide.ts imports lower folders only'],
  [
    'lambda/checks/b.ts',
    'node:fs',
    'what is pure imports cryptography, compression and two pure packages, nothing else from outside',
  ],
  ['lambda/run.ts', '@aws-sdk/client-iam', 'AWS and HTTP are reached through adapters only'],
  ['lambda/adapters/b.ts', 'undici/lib/core/connect.js', 'one file imports private files of undici'],
  ['lambda/evaluate.ts', './adapters/target', 'only entry points connect adapters to ports'],
  ['infra/a.ts', '../lambda/alerting/target', 'infra imports of the function what is validated at synth'],
  ['infra/b.ts', '../cli/target', 'nothing that is deployed imports command line, demo, bench or tests'],
  ['cli/a.ts', '../infra/target', 'the command line imports neither constructs nor demo'],
  ['demo/a.ts', '../test/target', 'demo and bench import no tests'],
  [
    'test/oracle/a.ts',
    '../../lambda/iam-policy/target',
    'the oracle shares no code with the product that it is compared with',
  ],
  [
    'test/oracle/b.ts',
    '../../demo/aws/sts',
    'the oracle shares no code with the product that it is compared with',
  ],
  ['demo/aws/a.ts', '../../lambda/text/target', 'the embedded AWS imports nothing of the product'],
  ['demo/tokens.ts', '../lambda/oidc/target', 'the embedded AWS imports nothing of the product'],
  ['demo/aws/b.ts', '../../lambda/iam-policy/target', NO_COMMON_EVALUATION],
  ['demo/aws/c.ts', '../../lambda/oidc/profiles/target', NO_COMMON_EVALUATION],
  ['demo/aws/d.ts', '../indirect', NO_COMMON_EVALUATION],
  ['test/oracle/c.ts', '../../lambda/oidc/profiles/target', NO_COMMON_EVALUATION],
];

const VIOLATIONS = v.object({
  summary: v.object({
    violations: v.array(v.object({ from: v.string(), rule: v.object({ name: v.string() }) })),
  }),
});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-imports-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

describe('the rules on imports', () => {
  it('each refuse an import that breaks them', () => {
    for (const [file, target] of REFUSED) {
      if (target.startsWith('.')) write(join(dirname(file), `${target}.ts`), 'export const value = 1;');
      write(file, `import * as imported from '${target}'; export const used = imported;`);
    }
    write('lambda/text/one.ts', "import { two } from './two'; export const one = (): unknown => two;");
    write('lambda/text/two.ts', "import { one } from './one'; export const two = (): unknown => one;");
    write('demo/indirect.ts', "export * from '../lambda/iam-policy/target';");
    const config = join(ROOT, '.dependency-cruiser.cjs');
    const folders = ['lambda', 'cli', 'infra', 'demo', 'test'];
    const { stdout } = spawnSync(
      process.execPath,
      [PROGRAM, ...folders, '--config', config, '--output-type', 'json'],
      { cwd: folder, encoding: 'utf8', maxBuffer: 64_000_000 },
    );
    const { violations } = v.parse(VIOLATIONS, JSON.parse(stdout)).summary;
    const found = violations.map(({ from, rule }) => `${from}: ${rule.name}`);
    expect(found).toEqual(expect.arrayContaining(REFUSED.map(([file, , rule]) => `${file}: ${rule}`)));
    expect(found).toContain('lambda/text/one.ts: no cycles');
  }, 60_000);
});
