import type { MeasuredEngine } from '@ghostline/engine';
import { type Metrics, sampledCounter, sampledGauge } from './metrics.ts';

/** What the prompt cache holds, and how its shared level is; how often it answers is a label of the completions. */
export function cacheMetrics(metrics: Metrics, { stats }: Pick<MeasuredEngine, 'stats'>): void {
  const gauge = (name: string, help: string, read: () => number) => sampledGauge(metrics, name, help, read);
  gauge('ghostline_prompt_cache_entries', 'Answers in the cache of this process', () => stats().entries);
  gauge('ghostline_prompt_cache_bytes', 'Their size', () => stats().bytes);
  gauge('ghostline_shared_cache_readable', '1 while the shared cache answers in time', () =>
    Number(stats().sharedCache === 'ok'),
  );
  gauge('ghostline_shared_cache_writable', '1 while the shared cache takes values', () =>
    Number(stats().sharedWrites === 'ok'),
  );
  sampledCounter(
    metrics,
    'ghostline_shared_cache_unreadable_total',
    'Values of the shared cache that could not be decrypted or understood; each was a miss',
    () => stats().sharedUnreadable,
  );
}
