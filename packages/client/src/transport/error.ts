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

/** What to tell of anything thrown. Other than `TransportError` it is a bug, whose message may quote source text. */
export function failureOf(error: unknown): ClientFailure {
  if (error instanceof TransportError) return error.failure;
  const name = error instanceof Error ? error.name : typeof error;
  return { reason: 'protocol', detail: `Talking to the server failed unexpectedly (${name}).`, retryable: true };
}
