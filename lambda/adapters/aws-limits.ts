/** Limits for the calls of one AWS client. */

/** Times are milliseconds; `requestMs` is one attempt, `attempts` counts the first. */
export interface AwsLimits {
  readonly attempts: number;
  /** `adaptive`: the client slows down by itself once it is throttled. */
  readonly retryMode: 'adaptive' | 'standard';
  readonly connectMs: number;
  readonly requestMs: number;
}

/**
 * The limits as configuration of the SDK's clients. `sockets`: maximum number of connections; null: the SDK's
 * default.
 */
export const boundedBy = (
  { attempts, retryMode, connectMs, requestMs }: AwsLimits,
  sockets: number | null = null,
) => ({
  maxAttempts: attempts,
  retryMode,
  requestHandler: {
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    // The request timeout ends with the first byte of the answer: this one limits the wait for each further
    // byte.
    socketTimeout: requestMs,
    // Otherwise a request timeout is only a warning in the log.
    throwOnRequestTimeout: true,
    ...(sockets === null
      ? {}
      : {
          httpsAgent: { keepAlive: true, maxSockets: sockets },
          httpAgent: { keepAlive: true, maxSockets: sockets },
        }),
  },
});
