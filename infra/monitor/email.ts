/** E-mail addresses of subscribers. */

/** Good enough to catch a slip; SNS itself sends the confirmation that proves the address. */
export const EMAIL = /^[^\s@,<>()]+@[^\s@,<>().]+(\.[^\s@,<>().]+)+$/;

/** One problem for each invalid address. `key`: how messages name the list. */
export const validateEmails = (key: string, emails: readonly string[]): readonly string[] =>
  emails.flatMap((email, index) =>
    EMAIL.test(email)
      ? []
      : [`${key}[${index}]: ${JSON.stringify(email)} is not an e-mail address such as you@example.com.`],
  );
