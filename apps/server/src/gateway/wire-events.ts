import type { Principal } from '@ghostline/access';
import type { CompletionEvent } from '@ghostline/engine';
import type { DoneEvent, StartEvent, StreamEvent } from '@ghostline/protocol';

/** Principals to whom `cache` says what it is, whoever made the answer. */
const SEES_CACHE = 'admin';

/** An event of the engine as clients get it. */
export function toWire(event: CompletionEvent, authMs: number, { roles }: Principal): StreamEvent {
  switch (event.type) {
    case 'start': {
      const { completionId, model, region, endpoint, ownSession } = event;
      const cache = ownSession || roles.includes(SEES_CACHE) ? event.cache : 'miss';
      return { event: 'start', data: { completion_id: completionId, model, region, endpoint, cache } };
    }
    case 'delta':
      return { event: 'delta', data: { index: event.index, text: event.text } };
    case 'finish':
      return { event: 'finish', data: { index: event.index, reason: event.reason } };
    case 'done': {
      const { promptMs, cacheMs, queueMs, firstTokenMs, totalMs } = event.timings;
      const timings = {
        auth_ms: round(authMs),
        prompt_ms: round(promptMs),
        cache_ms: round(cacheMs),
        queue_ms: round(queueMs),
        first_token_ms: round(firstTokenMs),
        total_ms: round(totalMs + authMs),
      };
      return { event: 'done', data: { usage: event.usage, timings, ...(event.reason && { reason: event.reason }) } };
    }
  }
}

/** Of an answer that nobody was asked for. */
export function emptyStart(completionId: string, region: string): StartEvent {
  return { completion_id: completionId, model: 'none', region, endpoint: 'none', cache: 'miss' };
}

/** The end of an answer that was ended before its own. `began` is in milliseconds of `performance.now`. */
export function endOfCut(authMs: number, began: number, reason: DoneEvent['reason']): DoneEvent {
  const total_ms = round(performance.now() - began + authMs);
  return {
    usage: { prompt_tokens: 0, completion_tokens: 0 },
    timings: { auth_ms: round(authMs), prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms },
    ...(reason && { reason }),
  };
}

/** Microseconds are as fine as these clocks are honest. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
