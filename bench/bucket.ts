/** How IAM throttles. */
import type { OrderedFault } from '../demo/aws';

/** `burst` calls at once, and `perSecond` from then on. */
export interface Bucket {
  readonly perSecond: number;
  readonly burst: number;
}

/** The error of IAM: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const THROTTLED: OrderedFault = { code: 'Throttling', status: 400, message: 'Rate exceeded' };

/** Applies to GetOpenIDConnectProvider alone. */
export function tokenBucket({ perSecond, burst }: Bucket): (action: string) => OrderedFault | undefined {
  let tokens = burst;
  let last = performance.now();
  return (action) => {
    if (action !== 'GetOpenIDConnectProvider') return undefined;
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond);
    last = now;
    if (tokens < 1) return THROTTLED;
    tokens -= 1;
    return undefined;
  };
}

/** The least time in which `calls` calls can pass, in milliseconds. */
export const bucketTime = ({ perSecond, burst }: Bucket, calls: number): number =>
  (Math.max(0, calls - burst) / perSecond) * 1000;
