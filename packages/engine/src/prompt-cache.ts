import { LRUCache } from 'lru-cache';
import { type Answer, decodeAnswer, encodeAnswer } from './answer.ts';
import { ASKING, beginLookup, endLookup, isResting } from './cache-breaker.ts';
import type { EngineOptions, EngineStats, SharedCache } from './types.ts';

/** About 60,000 answers of 250 characters. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Deleting and typing again, or two people at one place: minutes. The files a prompt shows change within the hour. */
const TTL_MS = 10 * 60 * 1000;
/** Nothing to say may be a replica's bad moment. */
const SILENT_TTL_MS = 30 * 1000;
/** Entries written in one burst must not all expire in another. */
const TTL_JITTER = 0.1;
/** Redis answers in 0.2 ms next door and in 1 to 2 ms in the next zone: what takes longer is not worth waiting for. */
const SHARED_DEADLINE_MS = 5;
/** What an entry takes besides its texts, roughly: key, objects, the list's links. */
const ENTRY_BYTES = 400;

export interface PromptCache {
  /** From this process. */
  recall(key: string): Answer | undefined;
  /** From the shared cache, within its deadline and never rejecting; at once while that rests. */
  recallShared(key: string): Promise<Answer | undefined>;
  /** Keeps `answer`, here and shared; waits for nothing. */
  store(key: string, answer: Answer): void;
  stats(): Pick<
    EngineStats,
    | 'memoryHits'
    | 'sharedHits'
    | 'misses'
    | 'stored'
    | 'sharedErrors'
    | 'sharedTimeouts'
    | 'sharedCache'
    | 'entries'
    | 'bytes'
  >;
}

type PromptCacheOptions = Required<Pick<EngineOptions, 'now' | 'random' | 'onCacheError'>> &
  Pick<EngineOptions, 'cache' | 'sharedCache'>;

export function createPromptCache({ cache, sharedCache, now, random, onCacheError }: PromptCacheOptions): PromptCache {
  const { maxBytes = MAX_BYTES, ttlMs = TTL_MS, sharedDeadlineMs = SHARED_DEADLINE_MS } = cache ?? {};
  const counts = { memoryHits: 0, sharedHits: 0, misses: 0, stored: 0, sharedErrors: 0, sharedTimeouts: 0 };
  let breaker = ASKING;
  const memory = new LRUCache<string, Answer>({
    maxSize: maxBytes,
    sizeCalculation: sizeOf,
    ttl: ttlMs,
    // The default resolution sets a timer for every millisecond with a lookup.
    ttlResolution: 0,
    perf: { now },
  });

  function report(error: unknown): void {
    counts.sharedErrors += 1;
    onCacheError(error);
  }

  function lifetime(answer: Answer): number {
    const longest = answer.choices.length === 0 ? Math.min(SILENT_TTL_MS, ttlMs) : ttlMs;
    return longest * (1 - TTL_JITTER + 2 * TTL_JITTER * random());
  }

  /** Undefined after the deadline, whatever the shared cache does. */
  async function fetchShared(shared: SharedCache, key: string): Promise<string | undefined> {
    const began = now();
    const begun = beginLookup(breaker, began);
    if (!begun) return undefined;
    breaker = begun;
    let answered = true;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        answered = false;
        counts.sharedTimeouts += 1;
        const late = new DOMException(`the shared cache did not answer within ${sharedDeadlineMs} ms`, 'TimeoutError');
        resolve(undefined);
        abort.abort(late);
        onCacheError(late);
      }, sharedDeadlineMs);
    });
    try {
      return await Promise.race([shared.get(key, abort.signal), deadline]);
    } catch (error) {
      answered = false;
      report(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      breaker = endLookup(breaker, answered, began, now());
    }
  }

  async function offer(shared: SharedCache, key: string, answer: Answer, ttlMs: number): Promise<void> {
    try {
      await shared.set(key, encodeAnswer(answer), ttlMs);
    } catch (error) {
      report(error);
    }
  }

  return {
    recall(key) {
      const answer = memory.get(key);
      if (answer) counts.memoryHits += 1;
      else if (!sharedCache) counts.misses += 1;
      return answer;
    },
    async recallShared(key) {
      const value = sharedCache && (await fetchShared(sharedCache, key));
      const answer = value === undefined ? undefined : decodeAnswer(value);
      if (!answer) {
        counts.misses += 1;
        return undefined;
      }
      counts.sharedHits += 1;
      memory.set(key, answer, { ttl: lifetime(answer) });
      return answer;
    },
    store(key, answer) {
      const ttl = lifetime(answer);
      counts.stored += 1;
      memory.set(key, answer, { ttl });
      // Every answer was looked up before it was made, so lookups alone say whether the shared cache answers.
      if (sharedCache && breaker.kind === 'asking') void offer(sharedCache, key, answer, ttl);
    },
    stats: () => ({
      ...counts,
      sharedCache: isResting(breaker, now()) ? 'resting' : 'ok',
      entries: memory.size,
      bytes: memory.calculatedSize,
    }),
  };
}

function sizeOf(answer: Answer): number {
  return answer.choices.reduce((bytes, { text }) => bytes + text.length * 2, ENTRY_BYTES);
}
