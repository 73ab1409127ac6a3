import type { Trigger } from '@ghostline/protocol';
import type { Origin } from './policy/answer.ts';
import type { ClientFailure, ClientState } from './types.ts';

const READY: ClientState = { kind: 'ready' };
const THINKING: ClientState = { kind: 'thinking' };

export interface StateTrackerOptions {
  readonly now: () => number;
  /** Whether the local model suggests where the server does not. */
  readonly standsIn: () => boolean;
}

/** What the status bar shows, as a consequence of what requests report. Listeners hear changes only. */
export function createStateTracker({ now, standsIn }: StateTrackerOptions) {
  const listeners = new Set<(state: ClientState) => void>();
  let waiting = 0;
  let failure: ClientFailure | undefined;
  let heldBackUntil = 0;
  /** The server's last word was that the local model is to answer. */
  let leftToLocal = false;
  let current = READY;

  function update(): void {
    const next = stateNow();
    if (isSame(current, next)) return;
    current = next;
    for (const listener of listeners) listener(next);
  }
  function stateNow(): ClientState {
    if (failure) return { kind: passesByItself(failure) && standsIn() ? 'local' : 'offline', failure };
    if (leftToLocal && standsIn()) return { kind: 'local' };
    return waiting > 0 ? THINKING : READY;
  }
  function heldBack(): ClientFailure | undefined {
    return failure?.reason === 'rate-limited' && now() < heldBackUntil ? failure : undefined;
  }

  return {
    current: () => current,
    subscribe(listener: (state: ClientState) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** A call waits for the server, until the returned function is called once. */
    wait(): () => void {
      waiting += 1;
      update();
      return () => {
        waiting -= 1;
        update();
      };
    },
    /** The server answers as it should. */
    reached(): void {
      failure = undefined;
      update();
    },
    /** A completion came to its end: made by the server, or left to the local model. */
    answered(by: Origin): void {
      leftToLocal = by === 'local';
      update();
    },
    failed(reported: ClientFailure): void {
      // A rejected request says that this document cannot be completed, and of the server only that it is there.
      if (reported.reason !== 'rejected') failure = reported;
      else if (failure?.reason === 'unreachable') failure = undefined;
      if (reported.reason === 'rate-limited') heldBackUntil = now() + (reported.retryAfterMs ?? 0);
      update();
    },
    /** The failure to give at once, while the server has asked not to be asked. */
    heldBack,
    /** Why the server will not answer this question, as far as that is known without asking. */
    away(trigger: Trigger): ClientFailure | undefined {
      if (failure?.reason === 'unreachable' && failure.retryable) return failure;
      // Who asks by hand is worth an attempt.
      return trigger === 'manual' ? undefined : heldBack();
    },
    /** Only the user can bring the server's suggestions back. */
    needsUser: () => failure !== undefined && !passesByItself(failure),
    /** Whether the local model stands in may have changed. */
    update,
    reset(): void {
      failure = undefined;
      leftToLocal = false;
      update();
    },
    dispose: () => listeners.clear(),
  };
}

/**
 * True of what ends without the user: another model may stand in meanwhile. A wrong key or URL must not hide behind
 * weaker suggestions, and a rejected request says nothing against the server.
 */
export function passesByItself({ reason, retryable }: ClientFailure): boolean {
  return retryable && reason !== 'unauthenticated' && reason !== 'rejected';
}

/** What keeps suggestions from the server away, if anything does. */
export function failureIn(state: ClientState): ClientFailure | undefined {
  return state.kind === 'offline' || state.kind === 'local' ? state.failure : undefined;
}

function isSame(a: ClientState, b: ClientState): boolean {
  const [before, after] = [failureIn(a), failureIn(b)];
  return a.kind === b.kind && before?.reason === after?.reason && before?.detail === after?.detail;
}
