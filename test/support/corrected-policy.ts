/** The corrected trust policies that remedies print. */
import { remedySteps } from '../../lambda/remedies/steps';

/** A printed policy. */
export interface PrintedPolicy {
  /** The sentence above it. */
  readonly prose: string;
  /** The name of the file that it is written to. */
  readonly file: string;
  /** The names of its placeholders, each once, in order. */
  readonly placeholders: readonly string[];
  /** The policy with values in their place. */
  readonly filledIn: (values?: Readonly<Record<string, string>>) => string;
}

const HERE_DOCUMENT = /^cat > (\S+) <<'EOF'\n([\s\S]*)\nEOF$/;
/** A text of JSON, or a placeholder. */
const TEXT_OR_PLACEHOLDER = /"(?:[^"\\]|\\.)*"|[A-Z][A-Z_]+/g;

class NoValue extends Error {}

/** The policies of a remedy: at most one. */
export function policiesIn(remedy: string): readonly PrintedPolicy[] {
  return remedySteps(remedy).flatMap(({ prose, command }) => {
    const [, file, document] = HERE_DOCUMENT.exec(command ?? '') ?? [];
    if (file === undefined || document === undefined) return [];
    const words = document.match(TEXT_OR_PLACEHOLDER) ?? [];
    return [
      {
        prose,
        file,
        placeholders: [...new Set(words.filter((word) => !word.startsWith('"')))],
        filledIn: (values = {}) => {
          const text = document.replaceAll(TEXT_OR_PLACEHOLDER, (word) => {
            if (word.startsWith('"')) return word;
            const value = values[word];
            if (value === undefined) throw new NoValue(word);
            return JSON.stringify(value);
          });
          // A document that is no JSON fails here.
          return JSON.stringify(JSON.parse(text));
        },
      },
    ];
  });
}
