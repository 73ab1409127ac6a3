import type { ClientFailure, ClientState } from './types.ts';

const READY: ClientState = { kind: 'ready' };
const THINKING: ClientState = { kind: 'thinking' };

/** What the status bar shows, as a consequence of what requests report. Listeners hear changes only. */
export function createStateTracker(now: () => number) {
  const listeners = new Set<(state: ClientState) => void>();
  let waiting = 0;
  let failure: ClientFailure | undefined;
  let heldBackUntil = 0;
  let current = READY;

  function update(): void {
    const next: ClientState = failure ? { kind: 'offline', failure } : waiting > 0 ? THINKING : READY;
    if (isSame(current, next)) return;
    current = next;
    for (const listener of listeners) listener(next);
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
    failed(reported: ClientFailure): void {
      // A rejected request says that this document cannot be completed, and of the server only that it is there.
      if (reported.reason !== 'rejected') failure = reported;
      else if (failure?.reason === 'unreachable') failure = undefined;
      if (reported.reason === 'rate-limited') heldBackUntil = now() + (reported.retryAfterMs ?? 0);
      update();
    },
    /** The failure to give at once, while the server has asked not to be asked. */
    heldBack(): ClientFailure | undefined {
      return failure?.reason === 'rate-limited' && now() < heldBackUntil ? failure : undefined;
    },
    reset(): void {
      failure = undefined;
      update();
    },
    dispose: () => listeners.clear(),
  };
}

function isSame(a: ClientState, b: ClientState): boolean {
  if (a.kind !== 'offline' || b.kind !== 'offline') return a.kind === b.kind;
  return a.failure.reason === b.failure.reason && a.failure.detail === b.failure.detail;
}
