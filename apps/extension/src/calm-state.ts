import type { ClientState } from '@ghostline/client';

/** Answers faster than this feel immediate; announcing them would only flicker at every keystroke. */
const THINKING_AFTER_MS = 150;

/** Passes states on, but `thinking` only once it has lasted. */
export interface CalmState {
  next(state: ClientState): void;
  dispose(): void;
}

export function createCalmState(
  show: (state: ClientState) => void,
  schedule: (work: () => void, ms: number) => () => void = afterTimeout,
): CalmState {
  let cancel: (() => void) | undefined;
  return {
    next(state) {
      cancel?.();
      cancel = undefined;
      if (state.kind === 'thinking') cancel = schedule(() => show(state), THINKING_AFTER_MS);
      else show(state);
    },
    dispose: () => cancel?.(),
  };
}

function afterTimeout(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
