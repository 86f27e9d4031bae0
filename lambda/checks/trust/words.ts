/** Texts that findings about trust policies share. */
import { escapeForeign } from '../../text/escape';
import type { Token } from '../../iam-policy/tokens';

/** Part of every finding that says who can log in. */
export const CONTROL_POLICIES = 'Service and resource control policies (SCPs, RCPs) were not evaluated.';

/** "statement 1 and statement 2". */
export const joinWithAnd = (names: readonly string[]): string => names.join(' and ');

/** "statement 1 does not …" or "statement 1 and statement 2 do not …". */
export const doNot = (many: readonly unknown[]): string => (many.length === 1 ? 'does not' : 'do not');

/** Longer examples are not shown: a cut one could not be tried. */
const MAX_EXAMPLE = 2_000;

/** A token that passes, in a sentence. */
export function exampleToken({ sub, claims }: Token): string {
  const session = claims.get('session');
  const chosen = session === undefined ? '' : ` and the session name ${whole(session)}`;
  return sub.length > MAX_EXAMPLE
    ? `An example is a token whose subject has ${sub.length} characters, which is too long to show.`
    : `Example: a token with the subject ${whole(sub)}${chosen}.`;
}

/** In quotes, escaped, and never cut. */
const whole = (text: string): string => `"${escapeForeign(text)}"`;
