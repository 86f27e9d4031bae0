import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/shell';

const ROOT = join(__dirname, '..', '..');

describe('examples/cdk/roles.ts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-roles-'));

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('synthesizes a role for each, without a warning', async () => {
    const { code, stderr } = await run(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'examples', 'cdk', 'roles.ts')],
      { environment: { CDK_OUTDIR: folder, CDK_VALIDATION: 'false', NODE_NO_WARNINGS: '1' }, folder: ROOT },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const metadata = readFileSync(join(folder, 'Roles.metadata.json'), 'utf8');
    expect(metadata).not.toContain('aws:cdk:warning');
    const template = readFileSync(join(folder, 'Roles.template.json'), 'utf8');
    expect(template.match(/"sts:AssumeRoleWithWebIdentity"/g)).toHaveLength(6);
  }, 120_000);
});
