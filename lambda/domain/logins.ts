/** What a finding means for logins, in three fixed statements that every text uses verbatim. */

/** No token of the issuer can be exchanged for credentials. */
export const LOGINS_FAIL = 'Logins fail.';
/** Every login works as before. */
export const NO_LOGIN_AFFECTED = 'No login is affected.';
/** The run could not find out. */
export const LOGINS_UNKNOWN = 'It is not known whether logins are affected.';

/** What a finding means for logins. */
export type LoginEffect = 'fail' | 'none' | 'unknown';

/** The statement of each effect. */
export const STATEMENTS: Readonly<Record<LoginEffect, string>> = {
  fail: LOGINS_FAIL,
  none: NO_LOGIN_AFFECTED,
  unknown: LOGINS_UNKNOWN,
};
