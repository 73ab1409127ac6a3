import { ProblemError, problem } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './principal.ts';

export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/**
 * One request taken from a token bucket of `capacity` that refills at `perMs`. Returns the bucket afterwards, and how long to
 * wait when there was no whole token; a denial drains nothing.
 */
export function take(
  bucket: Bucket | undefined,
  now: number,
  capacity: number,
  perMs: number,
): { bucket: Bucket; waitMs: number } {
  const tokens = bucket ? Math.min(capacity, bucket.tokens + Math.max(0, now - bucket.at) * perMs) : capacity;
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: now }, waitMs: 0 };
  return { bucket: { tokens, at: now }, waitMs: Math.ceil((1 - tokens) / perMs) };
}

/** Beyond this many keys the full buckets (which say nothing) are forgotten. */
const SWEEP_AT = 10_000;

/** At most `perMinute` requests per key, in bursts of up to a tenth of a minute's allowance; 429 with the time to wait. */
export function rateLimit({ perMinute, now = Date.now }: { perMinute: number; now?: () => number }) {
  const perMs = perMinute / 60_000;
  const capacity = Math.max(1, Math.ceil(perMinute / 10));
  const buckets = new Map<string, Bucket>();
  return createMiddleware<AppEnv>(async (c, next) => {
    const { keyId } = c.get('principal');
    const at = now();
    const taken = take(buckets.get(keyId), at, capacity, perMs);
    if (buckets.size >= SWEEP_AT) {
      for (const [key, bucket] of buckets)
        if (bucket.tokens + (at - bucket.at) * perMs >= capacity) buckets.delete(key);
    }
    buckets.set(keyId, taken.bucket);
    if (taken.waitMs > 0) {
      const detail = `More than ${perMinute} requests of this kind a minute with the key "${keyId}". An admin can raise limits.requestsPerMinute.`;
      throw new ProblemError(problem('rate-limited', detail, { retry_after_ms: taken.waitMs }));
    }
    await next();
  });
}
