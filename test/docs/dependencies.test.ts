import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { readDocument } from '../support/headings';

const PACKAGE = v.object({
  dev: v.optional(v.boolean(), false),
  resolved: v.optional(v.string()),
  hasInstallScript: v.optional(v.boolean(), false),
});
const { dependencies } = v.parse(
  v.object({ dependencies: v.record(v.string(), v.string()) }),
  JSON.parse(readDocument('package.json')),
);
const { packages } = v.parse(
  v.object({ packages: v.record(v.string(), PACKAGE) }),
  JSON.parse(readDocument('package-lock.json')),
);

describe('docs/dependencies.md', () => {
  it('has a reason for each runtime dependency', () => {
    const text = readDocument('docs/dependencies.md');
    expect(Object.keys(dependencies).filter((name) => !text.includes(`\n| \`${name}\` |`))).toEqual([]);
  });
});

describe('the lock file', () => {
  it('has no runtime package that runs a script when it is installed', () => {
    const scripts = Object.entries(packages).filter(
      ([, { dev, hasInstallScript }]) => !dev && hasInstallScript,
    );
    expect(scripts).toEqual([]);
  });

  it('names no registry', () => {
    expect(Object.values(packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
  });
});
