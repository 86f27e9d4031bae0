import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { safeLoad } from 'js-yaml';

/** Commands in the YAML that people copy: what others may choose reaches a shell as a quoted variable, or not at all. */

const ROOT = join(__dirname, '..', '..');

const filesIn = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => ending.test(file))
    .map((file) => join(folder, file));

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Blocks of YAML in documents. */
const blocksOf = (file: string): readonly string[] =>
  [...read(file).matchAll(/^( *)```ya?ml\n(.*?)^\1```/gms)].map(([, , text = '']) => text);

const EXAMPLES: readonly (readonly [string, string])[] = [
  ...filesIn('examples', /\.ya?ml$/).map((file) => [file, read(file)] as const),
  ...['README.md', ...filesIn('docs', /\.md$/)].flatMap((file) =>
    blocksOf(file).map((text) => [file, text] as const),
  ),
];

const COMMAND_KEYS = ['run', 'command', 'script', 'before_script', 'after_script'];

/** Texts that a CI system gives to a shell: `run`, `command` of a step or of an orb, and the lists of GitLab. */
function commandsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!COMMAND_KEYS.includes(key)) return commandsIn(inner);
    const texts: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
    return texts.flatMap((one) => (typeof one === 'string' ? [one] : commandsIn(one)));
  });
}

/** What is wrong with a command. */
function problemsOf(command: string): readonly string[] {
  const interpolated = /(?<!\\)<<[^<>\n]*>>|\$\{\{/.test(command) ? ['interpolated'] : [];
  return [...interpolated, ...(hasUnquotedVariable(command) ? ['unquoted'] : [])];
}

/** A `$` outside of quotes, as far as POSIX quotes go. Command substitutions count, too. */
function hasUnquotedVariable(command: string): boolean {
  const bare = command.replaceAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?<=^|\s)#[^\n]*/gs, '');
  return /[$`]/.test(bare);
}

describe('the check of commands in YAML', () => {
  it.each([
    ['docker login "<< pipeline.parameters.registry >>"', ['interpolated']],
    ['image=<<parameters.image>>', ['interpolated']],
    ['echo "${{ github.event.issue.title }}"', ['interpolated']],
    ['echo $NAME', ['unquoted']],
    ['echo "$A" ${B}', ['unquoted']],
    ["echo 'it''s' $C", ['unquoted']],
    ['echo $(cat x)', ['unquoted']],
    ['echo `cat x`', ['unquoted']],
    ['echo "$NAME" \'$x\' \\$y # $z', []],
    ['cat \\<<EOF >>file', []],
    ['docker push "$REGISTRY/$REPOSITORY:$CIRCLE_SHA1"', []],
  ])('of %j finds %j', (command, problems) => {
    expect(problemsOf(command)).toEqual(problems);
  });

  it('finds the commands of GitLab, in lists', () => {
    const job = { before_script: ['a'], script: ['b'], variables: { script: { value: 'd' } } };
    expect(commandsIn({ job })).toEqual(['a', 'b']);
  });

  it('finds the commands of CircleCI and of GitHub, in steps, orbs and lists', () => {
    const steps = { steps: [{ run: 'a' }, { run: { name: 'x', command: 'b' } }, 'checkout'] };
    expect(commandsIn({ jobs: { one: steps }, on: { 'pre-steps': [{ run: 'c' }] } })).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

describe('every example', () => {
  it('is checked', () => {
    expect(EXAMPLES.map(([file]) => file)).toEqual(
      expect.arrayContaining([
        'examples/circleci/config.yml',
        'examples/github-actions/audit.yml',
        'examples/gitlab/.gitlab-ci.yml',
      ]),
    );
    expect(EXAMPLES.flatMap(([, text]) => commandsIn(safeLoad(text))).length).toBeGreaterThan(8);
  });

  it.each(EXAMPLES)('%s passes no foreign text to a shell (fault 58)', (_, text) => {
    const found = commandsIn(safeLoad(text)).map((command) => ({ command, problems: problemsOf(command) }));
    expect(found.filter(({ problems }) => problems.length > 0)).toEqual([]);
  });

  it.each(EXAMPLES)('%s pipes and redirects the output of npm run only with --silent', (_, text) => {
    const loud = commandsIn(safeLoad(text)).filter((one) => /npm run (?!--silent )[^;&\n]*[|>]/.test(one));
    expect(loud).toEqual([]);
  });

  it.each(EXAMPLES)(
    '%s lets nobody who starts a pipeline choose a role, a registry or anything else',
    (_, text) => {
      expect(text).not.toMatch(/pipeline\.parameters/);
    },
  );
});
