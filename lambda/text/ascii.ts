/** Case of ASCII letters only: of other letters it is not known which ones AWS takes for the same. */

/** Folds the case of ASCII letters. */
export const foldCase = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Whether a text has ASCII characters only. */
export const isAscii = (text: string): boolean => !/\P{ASCII}/u.test(text);
