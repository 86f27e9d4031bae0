import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FederationStack } from '../../infra/federation/federation-stack';
import { buildTemplate } from '../../infra/build/template';
import { templateOf } from '../support/stack';
import { isOnPath } from '../support/tools';
import { FEDERATIONS, VARIANTS } from '../support/variants';

const withCfnLint = isOnPath('cfn-lint') ? describe : describe.skip;
withCfnLint('cfn-lint', () => {
  /** W3005: the CDK writes dependencies that a reference implies already. */
  const lint = (template: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'thumbprint-lint-'));
    const file = join(folder, 'template.json');
    writeFileSync(file, template);
    const { status, stdout, stderr } = spawnSync('cfn-lint', ['--ignore-checks', 'W3005', '--', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    return `${status ?? 'killed'} ${stdout}${stderr}`.trim();
  };

  it.each(VARIANTS)(
    'finds nothing in %s',
    (_, props) => {
      expect(lint(JSON.stringify(templateOf(props).toJSON()))).toBe('0');
    },
    120_000,
  );

  it.each(FEDERATIONS)(
    'finds nothing in a federation with %s',
    (_, props) => {
      const stack = new FederationStack(new App(), 'Checked', props);
      expect(lint(JSON.stringify(Template.fromStack(stack).toJSON()))).toBe('0');
    },
    120_000,
  );

  it('finds nothing in the template for people without CDK', () => {
    expect(lint(buildTemplate())).toBe('0');
  }, 120_000);
});
