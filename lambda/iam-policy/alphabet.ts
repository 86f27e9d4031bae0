/** The characters that a field of a token may have. */
import type { Alphabet } from './grammar';

const USUAL = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');

/** Characters of a closed list. The first ones are preferred in examples. */
export function closed(characters: string): Alphabet {
  const usual = Array.from(characters);
  const all = new Set(usual);
  return { has: (character) => all.has(character), usual, isOpen: false };
}

/** All characters but those that a pattern matches. */
export const open = (never: RegExp): Alphabet => ({
  has: (character) => !never.test(character),
  usual: USUAL,
  isOpen: true,
});

/** Texts that may be anything printable, except the wildcards of IAM. */
export const PRINTABLE = open(/[\p{Cc}*?]/u);
