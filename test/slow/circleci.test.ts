import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { run } from '../support/shell';
import { hasTool } from '../support/tools';

const SCRIPT = join(__dirname, '..', '..', 'examples', 'circleci', 'assume-role.sh');

const withBash = hasTool('bash', 'the example script') ? it : it.skip;
const withShellcheck = hasTool('shellcheck', 'the lint of the example script') ? it : it.skip;

describe('assume-role.sh', () => {
  withBash('is bash', async () => {
    expect(await run('bash', ['-n', SCRIPT], { environment: {} })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  withShellcheck('has nothing that shellcheck finds', async () => {
    expect(await run('shellcheck', [SCRIPT], { environment: {} })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
