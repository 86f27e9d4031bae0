/** Short texts, all of them, and what IAM's wildcards mean, by another way than the product's. */

/** Every text of at most `length` of these characters, the empty one first. */
export const allTexts = (characters: string, length: number): readonly string[] =>
  length === 0
    ? ['']
    : [
        '',
        ...allTexts(characters, length - 1).flatMap((text) => Array.from(characters, (one) => one + text)),
      ];

/** A value of StringLike as a regular expression. */
export const expressionOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
