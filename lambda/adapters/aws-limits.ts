/** What bounds the calls of one AWS client. */

/** Times are milliseconds; `requestMs` is one attempt, `attempts` counts the first. */
export interface AwsLimits {
  readonly attempts: number;
  /** `adaptive`: the client slows down by itself once it is throttled. */
  readonly retryMode: 'adaptive' | 'standard';
  readonly connectMs: number;
  readonly requestMs: number;
}

/** The limits as the SDK's clients take them. `sockets`: connections to keep; null: as many as the SDK sees fit. */
export const boundedBy = (
  { attempts, retryMode, connectMs, requestMs }: AwsLimits,
  sockets: number | null = null,
) => ({
  maxAttempts: attempts,
  retryMode,
  requestHandler: {
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    // Else a request timeout is a warning in the log.
    throwOnRequestTimeout: true,
    ...(sockets === null
      ? {}
      : {
          httpsAgent: { keepAlive: true, maxSockets: sockets },
          httpAgent: { keepAlive: true, maxSockets: sockets },
        }),
  },
});
