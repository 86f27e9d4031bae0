/**
 * The errors of STS, in its words: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.
 * AWS documents the codes. The messages are those that users report.
 */
import { AwsFault } from '../fault';

/** The token cannot be trusted. */
export const invalidToken = (message: string): AwsFault => new AwsFault('InvalidIdentityToken', 400, message);

/** The issuer answers, but not with a key that fits. */
export const noKey = (): AwsFault =>
  invalidToken(
    "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
  );

/** Neither the library of authorities nor the provider's list knows the issuer's certificate. */
export const unknownCertificate = (): AwsFault =>
  invalidToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint");

/** The token was good, once. Both in seconds. */
export const expiredToken = (now: number, expiry: number): AwsFault =>
  new AwsFault(
    'ExpiredTokenException',
    400,
    `Token expired: current date/time ${now} must be before the expiration date/time ${expiry}`,
  );

/** A claim contradicts the time. That AWS uses this code for it is inferred from its description. */
export const rejectedClaim = (message: string): AwsFault => new AwsFault('IDPRejectedClaim', 403, message);

/** The issuer cannot be reached, or is out of order. Clients try again. */
export const noAnswer = (): AwsFault =>
  new AwsFault(
    'IDPCommunicationError',
    400,
    'The identity provider (IDP) that was asked to verify the incoming identity token could not be reached.',
  );

/** No such role, or one whose trust policy does not let the token in: AWS does not say which. */
export const notAuthorized = (): AwsFault =>
  new AwsFault('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
