import type { SharedCache } from '../types.ts';

export interface MemorySharedCache extends SharedCache {
  readonly entries: Map<string, { readonly value: Uint8Array; readonly ttlMs: number; readonly setAt: number }>;
  /** What calls do from now on: answer, never answer until their signal aborts, or fail. */
  mode: 'ok' | 'hang' | 'fail';
}

/** The second cache level in this process, which can also be as bad as a real one. `now` is in milliseconds. */
export function createMemorySharedCache(now: () => number = () => 0): MemorySharedCache {
  const cache: MemorySharedCache = {
    entries: new Map(),
    mode: 'ok',
    async get(key, signal) {
      await misbehave(signal);
      const entry = cache.entries.get(key);
      return entry && now() - entry.setAt < entry.ttlMs ? Uint8Array.from(entry.value) : undefined;
    },
    async set(key, value, ttlMs) {
      await misbehave(undefined);
      cache.entries.set(key, { value: Uint8Array.from(value), ttlMs, setAt: now() });
    },
  };

  async function misbehave(signal: AbortSignal | undefined): Promise<void> {
    if (cache.mode === 'fail') throw new Error('the shared cache is broken');
    if (cache.mode === 'hang')
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
  }

  return cache;
}
