/** Short texts, all of them, and what IAM's wildcards mean, by another way than the product's. */
import { randomFrom } from './random';

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

const LETTERS = Array.from('ghijklmnopqrstuvwx');

/** Values whose DFA has a hundred positions at once, others after each letter. */
export const TANGLED: readonly string[] = LETTERS.map((letter) => `*${letter}${'?'.repeat(90)}${letter}*#!`);

/** A long text of the letters in them, without an order. */
export function wanderingText(length: number): string {
  const random = randomFrom('wandering');
  return Array.from({ length }, () => LETTERS[random.between(0, LETTERS.length - 1)] ?? '').join('');
}
