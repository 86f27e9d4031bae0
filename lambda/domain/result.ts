/**
 * The one type for results that may be failures. The caller must check for the failure, which is a value,
 * never an exception.
 */

/** A value, or the reason why there is none, as the fields of `F`. */
export type Result<T, F extends object> =
  { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Readonly<F>);

/** Validated user input; or what is wrong with it and what to do, in words. */
export type Parsed<T> = Result<T, { readonly problem: string }>;
