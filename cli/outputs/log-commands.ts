/** Lines that a CI system would execute instead of showing them. */

/**
 * GitHub's runner reads every line of a log: `::name …::text` at its beginning and `##[name]` anywhere are commands,
 * which forge annotations or hide what follows. https://docs.github.com/actions/reference/workflow-commands
 * Azure Pipelines obeys `##vso[area.action]text`, and TeamCity `##teamcity[name]`.
 * https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 */
const MARKED = /##(?=[a-z]*\[)/gi;
const LED = /^(\s*):(?=:.*::)/gm;

/** How a format writes a number sign and a colon in another way. */
interface Escapes {
  readonly hash: string;
  readonly colon: string;
}

const AS_TEXT: Escapes = { hash: String.raw`\u{23}`, colon: String.raw`\u{3a}` };

/** A text in which no line is such a command. */
export const withoutCommands = (text: string, { hash, colon }: Escapes = AS_TEXT): string =>
  text.replaceAll(LED, (_, space: string) => `${space}${colon}`).replaceAll(MARKED, () => `#${hash}`);
