import { describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { safeLoad } from 'js-yaml';
import * as v from 'valibot';

const FOLDER = join(__dirname, '..', '..', 'examples', 'circleci');

/** A thing with parameters, by its name, or its name alone. */
const NAMED = v.union([v.string(), v.record(v.string(), v.unknown())]);
const JOB = v.looseObject({ executor: v.optional(v.string()), steps: v.array(NAMED) });

/** As far as https://circleci.com/docs/configuration-reference/ lets parts of a file name each other. */
const CONFIG = v.looseObject({
  version: v.literal(2.1),
  orbs: v.optional(v.record(v.string(), v.string()), {}),
  parameters: v.optional(v.record(v.string(), v.looseObject({ type: v.string(), default: v.string() })), {}),
  executors: v.optional(v.record(v.string(), v.looseObject({})), {}),
  jobs: v.record(v.string(), JOB),
  workflows: v.record(v.string(), v.looseObject({ jobs: v.array(NAMED) })),
});

const AFTER = v.looseObject({
  name: v.optional(v.string()),
  requires: v.optional(v.array(v.string()), []),
  auth: v.optional(v.array(NAMED), []),
});

const BUILT_IN = ['run', 'checkout', 'setup_remote_docker', 'store_test_results'];

/** What of its orbs an example may use, and the parameters that it may give. */
const OF_ORBS: Readonly<Record<string, readonly string[]>> = {
  'aws-cli/setup': ['role_arn', 'region', 'role_session_name', 'session_duration'],
  'aws-ecr/build_and_push_image': ['name', 'requires', 'filters', 'auth', 'region', 'repo', 'tag'],
};

const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const read = (name: string): v.InferOutput<typeof CONFIG> => v.parse(CONFIG, safeLoad(text(name)));

const nameOf = (one: v.InferOutput<typeof NAMED>): string =>
  typeof one === 'string' ? one : (Object.keys(one)[0] ?? '');
const detailsOf = (one: v.InferOutput<typeof NAMED>): v.InferOutput<typeof AFTER> =>
  v.parse(AFTER, typeof one === 'string' ? {} : (Object.values(one)[0] ?? {}));

describe.each(['config.yml', 'audit.yml'])('%s', (name) => {
  const { orbs, parameters, executors, jobs, workflows } = read(name);
  const started = Object.values(workflows).flatMap((workflow) => workflow.jobs);
  const steps = [
    ...Object.values(jobs).flatMap((job) => job.steps),
    ...started.flatMap((one) => detailsOf(one).auth),
  ];

  it('pins its orbs to a version', () => {
    expect(Object.values(orbs).filter((orb) => !/^circleci\/[\w-]+@\d+\.\d+\.\d+$/.test(orb))).toEqual([]);
  });

  it('starts exactly the jobs that it has', () => {
    const own = started.map(nameOf).filter((job) => !job.includes('/'));
    expect([...own].sort()).toEqual(Object.keys(jobs).sort());
  });

  it('makes jobs require jobs of the same workflow only', () => {
    for (const workflow of Object.values(workflows)) {
      const known = workflow.jobs.map((one) => detailsOf(one).name ?? nameOf(one));
      const wanted = workflow.jobs.flatMap((one) => detailsOf(one).requires);
      expect(known).toEqual(expect.arrayContaining(wanted));
    }
  });

  it('uses steps and jobs that exist, with parameters that these take', () => {
    const used = [...steps, ...started.filter((one) => nameOf(one).includes('/'))];
    for (const one of used) {
      const of = nameOf(one);
      if (BUILT_IN.includes(of)) continue;
      expect(Object.keys(orbs)).toContain(of.split('/')[0]);
      expect(OF_ORBS[of]).toEqual(expect.arrayContaining(Object.keys(detailsOf(one)).filter(isGiven(one))));
    }
    expect(steps.length).toBeGreaterThan(0);
  });

  it('uses executors and parameters that it defines', () => {
    const wanted = Object.values(jobs).flatMap(({ executor }) => (executor === undefined ? [] : [executor]));
    expect(Object.keys(executors)).toEqual(expect.arrayContaining(wanted));
    const named = [...text(name).matchAll(/<<\s*pipeline\.parameters\.(\w+)\s*>>/g)].map(([, one]) => one);
    expect(Object.keys(parameters).sort()).toEqual([...new Set(named)].sort());
  });
});

/** The content of the file, without the defaults of its parser. */
const isGiven =
  (one: v.InferOutput<typeof NAMED>) =>
  (key: string): boolean => {
    const given = typeof one === 'string' ? {} : Object.values(one)[0];
    return typeof given === 'object' && given !== null && key in given;
  };

describe('assume-role.sh', () => {
  it('can be executed', () => {
    expect(statSync(join(FOLDER, 'assume-role.sh')).mode & 0o111).toBe(0o111);
  });
});
