/** A remedy in its parts. In a finding it is one text, which is a public contract. */

/** One sentence or more for a person, and the command that belongs directly under it. */
export interface RemedyStep {
  readonly prose: string;
  /** Not escaped. Null: there is none. */
  readonly command: string | null;
}

/**
 * The steps of a remedy, in their order: paragraphs are separated by a blank line, and what follows the first
 * line break of a paragraph is its command.
 */
export const remedySteps = (remedy: string): readonly RemedyStep[] =>
  remedy
    .split('\n\n')
    .map((paragraph): RemedyStep => {
      const end = paragraph.indexOf('\n');
      return end === -1
        ? { prose: paragraph, command: null }
        : { prose: paragraph.slice(0, end), command: paragraph.slice(end + 1) };
    })
    .filter(({ prose, command }) => prose !== '' || command !== null);

/** Whether a command writes a file: it ends at a line that is nothing but its delimiter, so it is never indented. */
export const isHereDocument = (command: string | null): boolean =>
  command !== null && /^[^\n]*<<'EOF'\n/.test(command);
