import { describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { safeLoad } from 'js-yaml';
import * as v from 'valibot';

const FOLDER = join(__dirname, '..', '..', 'examples', 'github-actions');
const TEXT = readFileSync(join(FOLDER, 'login.yml'), 'utf8');

const STEP = v.union([
  v.strictObject({ name: v.optional(v.string()), run: v.string() }),
  v.strictObject({ uses: v.string(), with: v.record(v.string(), v.unknown()) }),
]);
const JOB = v.strictObject({
  'runs-on': v.string(),
  permissions: v.record(v.string(), v.picklist(['read', 'write'])),
  steps: v.array(STEP),
});

/** As far as https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax lets parts name each other. */
const WORKFLOW = v.strictObject({
  name: v.string(),
  on: v.record(v.string(), v.unknown()),
  permissions: v.strictObject({}),
  env: v.record(v.string(), v.string()),
  jobs: v.record(v.string(), JOB),
});

describe('login.yml', () => {
  const { env, jobs } = v.parse(WORKFLOW, safeLoad(TEXT));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('pins each action to a commit, with its version beside it', () => {
    const used = steps.flatMap((step) => ('uses' in step ? [step.uses] : []));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((one) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(one))).toEqual([]);
    expect(TEXT.match(/^ +- uses: \S+ # v\d+\.\d+\.\d+$/gm)).toHaveLength(used.length);
  });

  it('lets each job request a token, and change nothing in the repository', () => {
    for (const { permissions } of Object.values(jobs)) {
      const { contents = 'read', ...others } = permissions;
      expect(contents).toBe('read');
      expect(others).toEqual({ 'id-token': 'write' });
    }
  });

  it('runs for no pull request', () => {
    expect(Object.keys(v.parse(WORKFLOW, safeLoad(TEXT)).on)).toEqual(['push']);
  });

  it('gives the action inputs that it has, and the variables of the workflow', () => {
    const inputs = steps.flatMap((step) =>
      'uses' in step && step.uses.startsWith('aws-actions/') ? [step.with] : [],
    );
    expect(inputs).toEqual([
      {
        'role-to-assume': '${{ env.AWS_ROLE_ARN }}',
        'aws-region': '${{ env.AWS_REGION }}',
        'role-session-name': expect.any(String),
      },
    ]);
    expect(Object.keys(env)).toEqual(['AWS_REGION', 'AWS_ROLE_ARN']);
  });

  it('has a script that can be executed', () => {
    expect(statSync(join(FOLDER, 'assume-role.sh')).mode & 0o111).toBe(0o111);
  });
});
