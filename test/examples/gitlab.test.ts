import { describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { safeLoad } from 'js-yaml';
import * as v from 'valibot';

const FOLDER = join(__dirname, '..', '..', 'examples', 'gitlab');

const JOB = v.strictObject({
  extends: v.literal('.logged-in'),
  rules: v.array(v.strictObject({ if: v.string() })),
  script: v.array(v.string()),
});

/** As far as https://docs.gitlab.com/ci/yaml/ lets parts of a file name each other. */
const PIPELINE = v.objectWithRest(
  {
    default: v.strictObject({ image: v.strictObject({ name: v.string(), entrypoint: v.array(v.string()) }) }),
    variables: v.record(v.string(), v.string()),
    '.logged-in': v.strictObject({
      id_tokens: v.strictObject({ AWS_ID_TOKEN: v.strictObject({ aud: v.string() }) }),
      before_script: v.array(v.string()),
    }),
  },
  JOB,
);

describe('.gitlab-ci.yml', () => {
  const {
    default: usual,
    variables,
    ...jobs
  } = v.parse(PIPELINE, safeLoad(readFileSync(join(FOLDER, '.gitlab-ci.yml'), 'utf8')));

  it('pins its image to a version', () => {
    expect(usual.image.name).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it('names one audience, which is not that of another use of the tokens', () => {
    expect(jobs['.logged-in'].id_tokens.AWS_ID_TOKEN.aud).toBe('sts.amazonaws.com');
  });

  it('logs in before the commands of each job, by the variables of the pipeline', () => {
    expect(jobs['.logged-in'].before_script).toEqual(['. ci/assume-role.sh']);
    expect(Object.keys(variables)).toEqual(['AWS_REGION', 'AWS_ROLE_ARN']);
    expect(Object.keys(jobs)).toEqual(['.logged-in', 'who-am-i']);
  });

  it('has a script that can be executed, to say how it is used', () => {
    expect(statSync(join(FOLDER, 'assume-role.sh')).mode & 0o111).toBe(0o111);
  });
});
