import type { CompletionTimings } from '@ghostline/engine';

/**
 * The `Server-Timing` header of an answer (https://www.w3.org/TR/server-timing/): what is known when its headers leave, which is
 * with the first text. `first` is from the validated request to that text, in milliseconds like the others.
 */
export function serverTiming(authMs: number, timings: Omit<CompletionTimings, 'totalMs'>): string {
  const { promptMs, cacheMs, queueMs, firstTokenMs } = timings;
  return `auth;dur=${tenth(authMs)}, prompt;dur=${tenth(promptMs)}, cache;dur=${tenth(cacheMs)}, queue;dur=${tenth(queueMs)}, first;dur=${tenth(firstTokenMs)}`;
}

/** Finer than this is noise to whoever reads it in a browser's network panel. */
function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
