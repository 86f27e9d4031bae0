import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programme } from '../../cli/arguments';

const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
const ignore = (): void => undefined;

const flagsOf = (name: string): readonly string[] =>
  programme(ignore, ignore)
    .commands.filter((command) => command.name() === name)
    .flatMap(({ options }) => options.map(({ flags }) => flags));

describe('the README on the command line', () => {
  it('names exactly the flags that the command line has', () => {
    const named = [...readme.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, flags]) => flags);
    expect([...named].sort()).toEqual([...flagsOf('audit')].sort());
  });

  it('names the actions of invoke', () => {
    expect(flagsOf('invoke')).toContain('--action <action>');
    expect(readme).toContain('`--action` takes `audit`, `monitor` or `test-alert`.');
  });

  it('shows commands that the command line accepts', () => {
    const shown = [...readme.matchAll(/npm run audit -- (.+?)\s+#/g)].flatMap(([, line = '']) =>
      line.split(' ').filter((word) => word.startsWith('--')),
    );
    const known = flagsOf('audit').map((flags) => flags.split(' ')[0]);
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  it.each(['examples/circleci/audit.yml', 'examples/github-actions/audit.yml'])('links to %s', (path) => {
    expect(readme).toContain(`](${path})`);
    expect(readFileSync(join(__dirname, '..', '..', path), 'utf8')).toMatch(/npm run --silent audit -- /);
  });
});
