import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { run } from '../support/shell';
import { hasTool } from '../support/tools';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

const withBash = hasTool('bash', 'the example scripts') ? it : it.skip;
const withShellcheck = hasTool('shellcheck', 'the lint of the example scripts') ? it : it.skip;

describe.each(['circleci', 'github-actions', 'gitlab'])('%s/assume-role.sh', (folder) => {
  const script = join(EXAMPLES, folder, 'assume-role.sh');

  withBash('is bash', async () => {
    expect(await run('bash', ['-n', script], { environment: {} })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  withShellcheck('has nothing that shellcheck finds', async () => {
    expect(await run('shellcheck', [script], { environment: {} })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
