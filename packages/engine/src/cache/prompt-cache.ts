import { LRUCache } from 'lru-cache';
import type { EngineOptions, EngineStats, SharedCache } from '../types.ts';
import { type Answer, decodeAnswer, encodeAnswer, textBytesOf } from './answer.ts';
import { ASKING, type CacheBreaker, beginLookup, endLookup, isResting } from './cache-breaker.ts';
import type { PromptKey } from './cache-key.ts';
import type { Sealer } from './sealed-value.ts';

/**
 * By `pnpm bench cache`: of all answers that are found again 96 % are found within ten minutes, and of those five to ten
 * minutes old one in nine is not what the model would say now. From ten to twenty it is one in four, for 0.1 points of hits.
 */
const TTL_MS = 10 * 60 * 1000;
/** Nothing to say may be a replica's bad moment. */
const SILENT_TTL_MS = 30 * 1000;
/** Entries written in one burst must not all expire in another. */
const TTL_JITTER = 0.1;
/** Redis answers in 0.2 ms next door and in 1 to 2 ms in the next zone: what takes longer is not worth waiting for. */
const SHARED_DEADLINE_MS = 5;
/** What an entry takes of the heap besides its texts: 490 bytes by test/bench/cache/heap.ts, a tenth of them the key. */
const ENTRY_BYTES = 500;
/** No answer takes more than this part of the cache, so that an endless one does not empty it. */
const LARGEST_PART = 1 / 32;

export interface PromptCache {
  /** From this process. Counts only when it is there: it may be found elsewhere. */
  recall(key: PromptKey): Answer | undefined;
  /** Counts one that was found nowhere. */
  noteMiss(): void;
  /** From the shared cache, within its deadline and never rejecting; at once while that rests. */
  recallShared(key: PromptKey): Promise<Answer | undefined>;
  /** Keeps `answer`, here and shared; waits for nothing. */
  store(key: PromptKey, answer: Answer): void;
  /** What is kept in this process, and for how many milliseconds more. Counts as no use. */
  peek(key: PromptKey): { readonly answer: Answer; readonly ttlMs: number } | undefined;
  stats(): Pick<
    EngineStats,
    | 'memoryHits'
    | 'sharedHits'
    | 'misses'
    | 'stored'
    | 'sharedErrors'
    | 'sharedTimeouts'
    | 'sharedUnreadable'
    | 'sharedCache'
    | 'sharedWrites'
    | 'sharedWriteError'
    | 'entries'
    | 'bytes'
  >;
}

type PromptCacheOptions = Required<Pick<EngineOptions, 'now' | 'date' | 'random' | 'onCacheError'>> &
  Pick<EngineOptions, 'cache' | 'sharedCache'> & { readonly sealer: Sealer; readonly maxBytes: number };

export function createPromptCache(options: PromptCacheOptions): PromptCache {
  const { cache, maxBytes, sharedCache, sealer, now, date, random, onCacheError } = options;
  const { ttlMs = TTL_MS, sharedDeadlineMs = SHARED_DEADLINE_MS } = cache ?? {};
  const counts = {
    memoryHits: 0,
    sharedHits: 0,
    misses: 0,
    stored: 0,
    sharedErrors: 0,
    sharedTimeouts: 0,
    sharedUnreadable: 0,
  };
  let reads: CacheBreaker = ASKING;
  let writes: CacheBreaker = ASKING;
  let writeError: string | undefined;
  const memory = new LRUCache<string, Answer>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_PART)),
    sizeCalculation: (answer) => ENTRY_BYTES + textBytesOf(answer),
    ttl: ttlMs,
    // The default resolution sets a timer for every millisecond with a lookup.
    ttlResolution: 0,
    perf: { now },
  });

  function report(error: unknown): void {
    counts.sharedErrors += 1;
    onCacheError(error);
  }

  /** How long `answer` may still be used, by the clock of whoever made it: it ages in every cache it passes through. */
  function lifetime(answer: Answer): number {
    const longest = answer.choices.length === 0 ? Math.min(SILENT_TTL_MS, ttlMs) : ttlMs;
    const age = Math.max(0, date() - answer.madeAt);
    return longest * (1 - TTL_JITTER + 2 * TTL_JITTER * random()) - age;
  }

  /** Undefined after the deadline, whatever the shared cache does. */
  async function fetchShared<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const began = now();
    const begun = beginLookup(reads, began);
    if (!begun) return undefined;
    reads = begun;
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
      return await Promise.race([ask(abort.signal), deadline]);
    } catch (error) {
      answered = false;
      report(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      reads = endLookup(reads, answered, began, now());
    }
  }

  /** Under its own name, or one that gateways with a secret from before still use. */
  async function fetchNamed(shared: SharedCache, key: PromptKey, signal: AbortSignal): Promise<Answer | undefined> {
    const names = [key.exact, ...key.previous()];
    const values = await Promise.all(names.map((name) => shared.get(name, signal)));
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue;
      const text = sealer.open(value, { name: names[index]!, org: key.org });
      const answer = text === undefined ? undefined : decodeAnswer(text);
      if (answer) return answer;
      counts.sharedUnreadable += 1;
    }
    return undefined;
  }

  async function offer(shared: SharedCache, { exact: name, org }: PromptKey, answer: Answer): Promise<void> {
    const began = now();
    const begun = beginLookup(writes, began);
    const ttl = lifetime(answer);
    if (!begun || ttl <= 0) return;
    writes = begun;
    let taken = true;
    try {
      await shared.set(name, sealer.seal(encodeAnswer(answer), { name, org }), ttl);
      writeError = undefined;
    } catch (error) {
      taken = false;
      writeError = error instanceof Error ? error.message : String(error);
      report(error);
    } finally {
      writes = endLookup(writes, taken, began, now());
    }
  }

  return {
    recall(key) {
      const answer = memory.get(key.exact);
      if (answer) counts.memoryHits += 1;
      return answer;
    },
    noteMiss() {
      counts.misses += 1;
    },
    async recallShared(key) {
      const answer = sharedCache && (await fetchShared((signal) => fetchNamed(sharedCache, key, signal)));
      const ttl = answer ? lifetime(answer) : 0;
      if (!answer || ttl <= 0) {
        counts.misses += 1;
        return undefined;
      }
      counts.sharedHits += 1;
      memory.set(key.exact, answer, { ttl });
      return answer;
    },
    store(key, answer) {
      counts.stored += 1;
      const ttl = lifetime(answer);
      // To the list a lifetime of nothing is one without end.
      if (ttl > 0) memory.set(key.exact, answer, { ttl });
      // One that does not answer is not written to either: what is sent to it would only pile up.
      if (sharedCache && reads.kind === 'asking') void offer(sharedCache, key, answer);
    },
    peek(key) {
      const answer = memory.peek(key.exact);
      return answer && { answer, ttlMs: memory.getRemainingTTL(key.exact) };
    },
    stats: () => ({
      ...counts,
      sharedCache: isResting(reads, now()) ? 'resting' : 'ok',
      sharedWrites: writes.kind === 'asking' ? 'ok' : 'resting',
      ...(writeError !== undefined && { sharedWriteError: writeError }),
      entries: memory.size,
      bytes: memory.calculatedSize,
    }),
  };
}
