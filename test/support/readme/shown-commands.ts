/** The command lines that a Markdown text shows. */

const COMMAND = /^(?:npm|npx|aws|jq|cp) /;

/** Those of its indented and fenced blocks and of its inline code, each once, without comments and line breaks. */
export function shownCommands(markdown: string): readonly string[] {
  const lines = markdown.replaceAll(/ *\\\n */g, ' ').split('\n');
  const isShown = (line: string, index: number): boolean => line.startsWith('    ') || isFenced(lines, index);
  const shown = lines
    .filter(isShown)
    .map((line) => line.trim().replace(/ {2,}#.*$/, ''))
    .filter(isCommand);
  const prose = lines.filter((line, index) => !isShown(line, index)).join('\n');
  const inline = [...prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)]
    .map(([, code = '']) => code.replaceAll('\n', ' '))
    .filter(isCommand);
  // Inline code that is the beginning of a shown line refers to that line.
  const others = inline.filter((code) => !shown.some((line) => `${line} `.startsWith(`${code} `)));
  return [...new Set([...shown, ...others])];
}

const isCommand = (text: string): boolean => COMMAND.test(text);

const isFenced = (lines: readonly string[], index: number): boolean =>
  lines.slice(0, index).filter((line) => line.startsWith('```')).length % 2 === 1;
