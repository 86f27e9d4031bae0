import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { HOSTILE, REPORTS, plain, strange } from '../support/cli-reports';
import { hasTool } from '../support/tools';

const withTerraform = hasTool('terraform', 'the format of terraform') ? it : it.skip;

describe('output terraform', () => {
  withTerraform.each(REPORTS)('is as terraform fmt writes it: %s', (_, report) => {
    const { status, stdout } = spawnSync('terraform', ['fmt', '-check', '-diff', '-'], {
      input: plain(report, 'terraform'),
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  withTerraform('can be read whatever others wrote', () => {
    const blocks = plain(strange(HOSTILE), 'terraform');
    expect(spawnSync('terraform', ['fmt', '-check', '-'], { input: blocks }).status).toBe(0);
  });
});
