/** Lines that a CI system would obey instead of showing them. */

/**
 * GitHub's runner reads every line of a log: `::name …::text` at its beginning and `##[name]` anywhere are commands,
 * which forge annotations or hide what follows. https://docs.github.com/actions/reference/workflow-commands
 */
export const withoutCommands = (text: string): string =>
  text.replaceAll(/^(\s*):(?=:.*::)/gm, String.raw`$1\u{3a}`).replaceAll('##[', String.raw`#\u{23}[`);
