import type { CompletionEvent, CompletionTimings } from '../types.ts';
import type { FlightEvent } from './generation.ts';

/** What one subscriber of a flight is told: its own id, its own times. */
export interface Presenter {
  promptBuilt(): void;
  /** Milliseconds since the prompt was built. */
  sincePrompt(): number;
  event(event: FlightEvent, joined: boolean): CompletionEvent;
}

/** `author` is the opaque name of the subscriber's session. */
export function createPresenter(now: () => number, author: string, newCompletionId: () => string): Presenter {
  const began = now();
  let built = began;
  let cacheMs = 0;
  let queueMs = 0;
  let firstTokenMs: number | undefined;

  function timings(): CompletionTimings {
    const totalMs = now() - began;
    return { promptMs: built - began, cacheMs, queueMs, firstTokenMs: firstTokenMs ?? totalMs, totalMs };
  }

  return {
    promptBuilt() {
      built = now();
    },
    sincePrompt: () => now() - built,
    event(event, joined) {
      switch (event.type) {
        case 'source': {
          const { model, region, endpoint, cache } = event;
          // Who joins has waited neither for the cache nor in the queue as long as who came first; unknown how long.
          if (!joined) ({ cacheMs, queueMs } = event);
          const soFar = { promptMs: built - began, cacheMs, queueMs, firstTokenMs: now() - began };
          return {
            type: 'start',
            completionId: newCompletionId(),
            model,
            region,
            endpoint,
            cache: joined ? 'inflight' : cache,
            ownSession: event.author === author,
            timings: soFar,
          };
        }
        case 'delta':
          firstTokenMs ??= now() - began;
          return event;
        case 'finish':
          return event;
        case 'done': {
          const { usage, usageEstimated, reason } = event;
          return {
            type: 'done',
            usage,
            timings: timings(),
            ...(usageEstimated && { usageEstimated }),
            ...(reason && { reason }),
          };
        }
      }
    },
  };
}
