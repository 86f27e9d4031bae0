/** The one type of what may fail for a reason that the caller must look at. Such a reason is a value, never an exception. */

/** A value, or why there is none: `F` has what is known of the reason. */
export type Result<T, F extends object> =
  { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Readonly<F>);

/** What somebody wrote, validated; or what is wrong with it and what to do, in words. */
export type Parsed<T> = Result<T, { readonly problem: string }>;
