/** The claims that STS checks in a token whose signature is valid. */
import type { Claims } from './jwt';
import { expiredToken, invalidToken, rejectedClaim } from './faults';

/** Clocks differ. AWS documents no tolerance; this is what others allow. */
const SKEW_S = 60;

/** The audience that the provider lists. Throws InvalidIdentityToken. */
export function requireAudience({ aud }: Claims, clientIds: readonly string[]): string {
  const [audience, ...more] = [aud].flat();
  if (audience === undefined || more.length > 0 || !clientIds.includes(audience)) {
    throw invalidToken('Incorrect token audience');
  }
  return audience;
}

/** Throws ExpiredTokenException, IDPRejectedClaim. */
export function requireValidity({ exp, iat, nbf = iat }: Claims, at: Date): void {
  const now = Math.floor(at.getTime() / 1000);
  if (now >= exp) throw expiredToken(now, exp);
  if (iat > now + SKEW_S) throw rejectedClaim(`Token issued in the future: ${iat} is after ${now}`);
  if (nbf > now + SKEW_S) throw rejectedClaim(`Token not valid yet: ${now} is before ${nbf}`);
}
