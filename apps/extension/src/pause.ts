import type { SetTimer } from '@ghostline/client';
import { realTimer } from './timer.ts';

/** `everywhere`: by the setting, in every window. The others are this window's; `at` is in ms since 1970. */
export type Pause =
  | { readonly kind: 'none' }
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'until'; readonly at: number }
  | { readonly kind: 'until-restart' };

export interface PauseOptions {
  /** Of this window, and kept when it is loaded anew. */
  readonly memory: { get(key: string): unknown; update(key: string, value: number | undefined): Thenable<void> };
  readonly pausedEverywhere: () => boolean;
  /** A pause of this window began or is over. */
  readonly onChange: () => void;
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
}

/** The pause of one window. */
export interface PauseControl {
  current(): Pause;
  forMinutes(minutes: number): void;
  untilRestart(): void;
  /** Ends the pause of this window; that of the setting is not ours. */
  resume(): void;
  dispose(): void;
}

const REMEMBERED = 'paused-until';

export function createPause(options: PauseOptions): PauseControl {
  const { memory, pausedEverywhere, onChange, now = Date.now, setTimer = realTimer } = options;
  let own: Exclude<Pause, { kind: 'everywhere' }> = remembered(memory.get(REMEMBERED));
  let cancelTimer: (() => void) | undefined;

  function set(next: typeof own): void {
    own = next;
    void memory.update(REMEMBERED, next.kind === 'until' ? next.at : undefined);
    follow();
    onChange();
  }
  /** A machine that slept lets a timer come late and a clock that was set back early: the clock decides, not the timer. */
  function follow(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (own.kind !== 'until') return;
    const leftMs = own.at - now();
    if (leftMs <= 0) set({ kind: 'none' });
    else cancelTimer = setTimer(follow, leftMs);
  }
  follow();

  return {
    current() {
      if (pausedEverywhere()) return { kind: 'everywhere' };
      return own.kind === 'until' && own.at <= now() ? { kind: 'none' } : own;
    },
    forMinutes: (minutes) => set({ kind: 'until', at: now() + minutes * 60_000 }),
    untilRestart: () => set({ kind: 'until-restart' }),
    resume() {
      if (own.kind !== 'none') set({ kind: 'none' });
    },
    dispose: () => cancelTimer?.(),
  };
}

function remembered(at: unknown): { kind: 'none' } | { kind: 'until'; at: number } {
  return typeof at === 'number' ? { kind: 'until', at } : { kind: 'none' };
}
