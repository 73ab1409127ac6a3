import type { ClientState, SetTimer } from '@ghostline/client';
import { realTimer } from './timer.ts';

/** Answers faster than this feel immediate; announcing them would only flicker at every keystroke. */
const THINKING_AFTER_MS = 150;

/** Passes states on, but `thinking` only once it has lasted. */
export interface CalmState {
  next(state: ClientState): void;
  dispose(): void;
}

export function createCalmState(show: (state: ClientState) => void, setTimer: SetTimer = realTimer): CalmState {
  let cancel: (() => void) | undefined;
  return {
    next(state) {
      cancel?.();
      cancel = undefined;
      if (state.kind === 'thinking') cancel = setTimer(() => show(state), THINKING_AFTER_MS);
      else show(state);
    },
    dispose: () => cancel?.(),
  };
}
