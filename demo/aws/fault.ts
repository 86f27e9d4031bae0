/** An answer of AWS that is an error. `code` is what clients show; `status` is HTTP. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
