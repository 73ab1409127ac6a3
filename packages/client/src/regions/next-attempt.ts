import type { Progress } from '../transport/continuation.ts';
import type { TransportError } from '../transport/error.ts';
import { PROXY_STATUSES, systemCode } from '../transport/failures.ts';
import type { Severity } from './circuit.ts';

/** What to do about a completion that failed. */
export type NextAttempt =
  | { readonly kind: 'give-up' }
  /** All text is there; only the last word of the server is missing. */
  | { readonly kind: 'end' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'elsewhere' };

export interface Failed {
  readonly error: TransportError;
  readonly progress: Progress;
  /** It happened at the server of the settings. */
  readonly atHome: boolean;
  /** Another region is left to try. */
  readonly hasAlternative: boolean;
  /** How often this completion was asked for again at the same place, text or not. */
  readonly repeats: number;
  /** How often it was asked for in all. */
  readonly attempts: number;
  /** Since the first text was shown, in ms. */
  readonly sinceTextMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** Of one completion: three regions, or two and a broken stream. Nobody waits for more. */
const MOST_ATTEMPTS = 4;
/** One that breaks twice at the same place breaks for a reason. */
const MOST_REPEATS = 2;
/** As long as the server lets a stream go on: nobody watches ghost text grow for longer. */
export const USEFUL_MS = 5_000;
/** The windows of a gateway that restarts lose their streams together: they come back over a tenth of a second. */
const FIRST_PAUSE_MS = 30;
const JITTER_MS = 100;

export function nextAttempt(failed: Failed): NextAttempt {
  const { error, progress, hasAlternative, repeats, attempts, sinceTextMs, random } = failed;
  if (progress === 'ended') return { kind: 'end' };
  if (progress === 'stuck' || attempts >= MOST_ATTEMPTS) return { kind: 'give-up' };
  if (progress === 'text' && (sinceTextMs >= USEFUL_MS || !isOfTheMoment(error))) return { kind: 'give-up' };
  const pauseMs = FIRST_PAUSE_MS * 4 ** repeats + random * JITTER_MS;
  if (error.interrupted && repeats === 0) {
    // A connection that went before it said anything was kept open for too long: no need to spread that out.
    return { kind: 'again', afterMs: progress === 'nothing' && error.failure.reason === 'unreachable' ? 0 : pauseMs };
  }
  if (hasAlternative && mayGoWellElsewhere(failed)) return { kind: 'elsewhere' };
  const afterMs = Math.max(pauseMs, error.failure.retryAfterMs ?? 0);
  const inTime = sinceTextMs + afterMs < USEFUL_MS;
  if (progress === 'text' && repeats < MOST_REPEATS && inTime) return { kind: 'again', afterMs };
  return { kind: 'give-up' };
}

/** What a failure says about the region, if anything. */
export function severityOf(
  { failure, status, interrupted, cause }: TransportError,
  atHome: boolean,
): Severity | undefined {
  if (interrupted) return 'cheap';
  switch (failure.reason) {
    case 'unreachable':
      // Nobody there is known at once, a name that does not resolve or a silence only after a while.
      return status === undefined && systemCode(cause) !== 'ECONNREFUSED' ? 'costly' : 'cheap';
    case 'server':
      return failure.retryable ? 'cheap' : undefined;
    case 'unauthenticated':
    case 'protocol':
      // At home that is for the user to mend; elsewhere the region does not belong to this server.
      return atHome ? undefined : 'costly';
    case 'rate-limited':
    case 'rejected':
      return status === 403 && !atHome ? 'costly' : undefined;
  }
}

/** What broke may go on: not so when the server has answered and does not want to. */
function isOfTheMoment({ failure, interrupted }: TransportError): boolean {
  return interrupted || (failure.retryable && (failure.reason === 'unreachable' || failure.reason === 'server'));
}

function mayGoWellElsewhere({ error, atHome }: Failed): boolean {
  const { failure, status, interrupted } = error;
  if (interrupted || failure.reason === 'unreachable') return interrupted || failure.retryable || !atHome;
  if (failure.reason === 'server') return failure.retryable && status !== undefined && PROXY_STATUSES.has(status);
  return severityOf(error, atHome) === 'costly';
}
