import type { ClientFailure } from '../types.ts';

/** Why a request to the server failed. `status` is there when an HTTP answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: ClientFailure;
  readonly status: number | undefined;
  /** Connection or answer broke on the way, so that the same request may go well at once. */
  readonly interrupted: boolean;
  constructor(failure: ClientFailure, options: { status?: number; cause?: unknown; interrupted?: boolean } = {}) {
    super(failure.detail, { cause: options.cause });
    this.failure = failure;
    this.status = options.status;
    this.interrupted = options.interrupted ?? false;
  }
}

/** What to tell of anything thrown. Other than `TransportError` it is a bug, whose message may quote source text. */
export function failureOf(error: unknown): ClientFailure {
  if (error instanceof TransportError) return error.failure;
  const name = error instanceof Error ? error.name : typeof error;
  return { reason: 'protocol', detail: `Talking to the server failed unexpectedly (${name}).`, retryable: true };
}
