import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const read = (file: string): string => readFileSync(join(__dirname, '..', '..', file), 'utf8');

const VERSIONS = v.record(v.string(), v.string());
const { dependencies } = v.parse(v.object({ dependencies: VERSIONS }), JSON.parse(read('package.json')));
const LOCKED = v.object({
  dependencies: v.optional(VERSIONS, {}),
  optionalDependencies: v.optional(VERSIONS, {}),
  resolved: v.optional(v.string()),
  hasInstallScript: v.optional(v.boolean(), false),
});
const { packages } = v.parse(
  v.object({ packages: v.record(v.string(), LOCKED) }),
  JSON.parse(read('package-lock.json')),
);

/** The path at which Node finds a package that one in this folder imports. */
function placeOf(name: string, from: string): string {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  return from === '' || place in packages
    ? place
    : placeOf(name, from.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, ''));
}

/** The paths of a package and of all that it needs. */
function neededBy(name: string): ReadonlySet<string> {
  const places = new Set([placeOf(name, '')]);
  for (const place of places) {
    const { dependencies: needed = {}, optionalDependencies: wanted = {} } = packages[place] ?? {};
    for (const one of [...Object.keys(needed), ...Object.keys(wanted)]) places.add(placeOf(one, place));
  }
  return places;
}

const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|[^|]+\|[^|]+\| (\d+) \|$/gm)].map(
  ([, name = '', amount]) => [name, Number(amount)] as const,
);
const all = new Set(Object.keys(dependencies).flatMap((name) => [...neededBy(name)]));

describe('docs/dependencies.md', () => {
  it('has a reason for each runtime dependency, and for nothing else', () => {
    expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(dependencies).sort());
  });

  it.each(rows)('counts what %s brings in: %d', (name, amount) => {
    expect(neededBy(name).size - 1).toBe(amount);
  });

  it('counts them all', () => {
    const ofAws = [...all].filter((place) => /node_modules\/@(aws-sdk|smithy|aws)\//.test(place));
    expect(read('docs/dependencies.md')).toContain(
      `Together that is ${all.size} packages, of which ${ofAws.length} are the AWS SDK's own.`,
    );
  });

  it('says correctly that none runs a script when it is installed', () => {
    expect([...all].filter((place) => packages[place]?.hasInstallScript)).toEqual([]);
  });
});

describe('the lock file', () => {
  it('names no registry', () => {
    expect(Object.values(packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
  });
});
