import { type createStateTracker, failureIn } from './state.ts';
import type { SetTimer } from './timer.ts';
import { failureOf } from './transport/error.ts';
import type { ClientState, Transport } from './types.ts';

/** As long as a server takes to restart, doubling to a minute: somebody who has mended it does not wait longer. */
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;

export interface ServerWatch {
  /** Looks now; the state tells what it found. */
  look(): void;
  /** Forgets the look under way and the next one, as when the server is another. */
  stop(): void;
}

/** Looks for the server again while it cannot be reached, so that its return shows without a keystroke. */
export function watchServer(
  transport: Pick<Transport, 'check'>,
  state: Pick<ReturnType<typeof createStateTracker>, 'current' | 'subscribe' | 'reached' | 'failed'>,
  setTimer: SetTimer,
): ServerWatch {
  let waits = 0;
  let cancelTimer: (() => void) | undefined;
  let looking: AbortController | undefined;

  function look(): void {
    stop();
    const { signal } = (looking = new AbortController());
    const unlessStopped = (report: () => void) => {
      if (signal.aborted) return;
      looking = undefined;
      report();
      follow();
    };
    transport.check(signal).then(
      () => unlessStopped(() => state.reached()),
      (error: unknown) => unlessStopped(() => state.failed(failureOf(error))),
    );
  }

  function follow(): void {
    const retryAfterMs = awayFor(state.current());
    if (retryAfterMs === undefined) {
      waits = 0;
      cancelTimer?.();
      cancelTimer = undefined;
    } else if (!cancelTimer && !looking) {
      cancelTimer = setTimer(look, Math.max(retryAfterMs, Math.min(LONGEST_MS, FIRST_MS * 2 ** waits)));
      waits += 1;
    }
  }

  function stop(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    looking?.abort();
    looking = undefined;
  }

  state.subscribe(follow);
  return { look, stop };
}

/** How long to wait at least, in ms; undefined unless the server may come back by itself, which a wrong URL will not. */
function awayFor(state: ClientState): number | undefined {
  const failure = failureIn(state);
  if (failure?.reason !== 'unreachable' || !failure.retryable) return undefined;
  return failure.retryAfterMs ?? 0;
}
