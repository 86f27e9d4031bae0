/** Case of ASCII letters only: of other letters it is not known which ones AWS takes for the same. */

/** Folds the case of ASCII letters. */
export const foldCase = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Whether a text has ASCII characters only. */
export const isAscii = (text: string): boolean => !/\P{ASCII}/u.test(text);

/** A character in lower case and, if it is an ASCII letter, in upper case. */
export const casesOf = (character: string): readonly string[] => {
  const lower = foldCase(character);
  return /^[a-z]$/.test(lower) ? [lower, lower.toUpperCase()] : [lower];
};
