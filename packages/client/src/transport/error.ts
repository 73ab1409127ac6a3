import type { ClientFailure } from '../types.ts';

/** Why a request to the server failed. `status` is there when an HTTP answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: ClientFailure;
  readonly status: number | undefined;
  constructor(failure: ClientFailure, options: { status?: number; cause?: unknown } = {}) {
    super(failure.detail, { cause: options.cause });
    this.failure = failure;
    this.status = options.status;
  }
}
