import { ProblemError, problem } from '@ghostline/protocol';

/** Why a request was not let in: a closed list, as it labels a metric. */
export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'damaged-key'
  | 'unknown-key'
  | 'expired-key'
  | 'revoked-key'
  | 'token-malformed'
  | 'token-algorithm'
  | 'token-issuer'
  | 'token-signature'
  | 'token-expired'
  | 'token-not-yet-valid'
  | 'token-audience'
  | 'token-claims'
  | 'slowed'
  | 'unavailable';

/**
 * A credential that is none (401, or 429 while its address is slowed), or that cannot be judged now (503). `detail` says what
 * to do about it.
 */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly detail: string;
  readonly retryAfterMs?: number;
}

export function refusalProblem({ reason, detail, retryAfterMs }: Refusal): ProblemError {
  if (reason === 'slowed') return new ProblemError(problem('rate-limited', detail, { retry_after_ms: retryAfterMs }));
  if (reason === 'unavailable') {
    return new ProblemError(problem('identity-unavailable', detail, { retry_after_ms: retryAfterMs }));
  }
  return new ProblemError(problem('unauthenticated', detail));
}
