import type { ContextOverflow } from './openai/context-overflow.ts';

/**
 * Why no tokens came. `retryable`: the same request may well be answered later; decided once, here.
 * - `connect`: no connection, or it broke before the first token
 * - `status`: an HTTP status other than 200
 * - `timeout`: no first token, or no next one, in time
 * - `protocol`: the answer is not what the endpoint kind speaks
 * - `overloaded`: every endpoint is at its `maxConcurrent` or its queue is full
 * - `broken`: the stream ended or failed after its first token
 */
export type InferenceFailure = 'connect' | 'status' | 'timeout' | 'protocol' | 'overloaded' | 'broken';

export class InferenceError extends Error {
  override readonly name = 'InferenceError';
  readonly failure: InferenceFailure;
  readonly retryable: boolean;
  readonly endpoint: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The prompt is longer than the endpoint reads: a shorter one may be answered. */
  readonly overflow: ContextOverflow | undefined;

  constructor(
    failure: InferenceFailure,
    endpoint: string,
    message: string,
    options: { status?: number; retryAfterMs?: number; overflow?: ContextOverflow; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.endpoint = endpoint;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.overflow = options.overflow;
    this.retryable = failure === 'status' ? isRetryableStatus(options.status ?? 0) : failure !== 'broken';
  }
}

/** 5xx and 429 pass. Any other status would be the same the next time, for the request or for the key and the url. */
function isRetryableStatus(status: number): boolean {
  return status >= 500 || status === 429;
}
