/** The signer of a call, and its region and service. Signatures themselves are not checked. */
import { AwsFault } from './fault';

/** What Signature Version 4 shows in its header. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
}

/** Of a call that needs no signature and has none. */
const NOBODY: Signature = { accessKeyId: '', region: 'us-east-1' };

/** Refuses a call without one, as AWS does, unless it needs none. Throws MissingAuthenticationToken. */
export function signatureOf(authorization: string, mayBeMissing: boolean): Signature {
  const [, accessKeyId, region] =
    /^AWS4-HMAC-SHA256 .*Credential=([^/,]+)\/\d{8}\/([a-z0-9-]+)\//.exec(authorization) ?? [];
  if (accessKeyId !== undefined && region !== undefined) return { accessKeyId, region };
  if (mayBeMissing) return NOBODY;
  throw new AwsFault('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
}
