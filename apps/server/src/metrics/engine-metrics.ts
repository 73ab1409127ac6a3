import type { MeasuredEngine } from '@ghostline/engine';
import { Counter } from 'prom-client';
import type { Metrics } from './metrics.ts';
import { sampledCounter, sampledGauge } from './sampled.ts';

/** How the engine stands, read when it is scraped. */
export function engineMetrics(metrics: Metrics, engine: Pick<MeasuredEngine, 'stats'>): void {
  cacheMetrics(metrics, engine);
  promptMetrics(metrics, engine);
}

/** What the prompt cache holds, and how its shared level is; how often it answers is a label of the completions. */
function cacheMetrics(metrics: Metrics, { stats }: Pick<MeasuredEngine, 'stats'>): void {
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

/** What building prompts has learned and had to mend. */
function promptMetrics(metrics: Metrics, { stats }: Pick<MeasuredEngine, 'stats'>): void {
  const counter = (name: string, help: string, read: () => number) => sampledCounter(metrics, name, help, read);
  counter('ghostline_prompts_shortened_total', 'Prompts refused as too long, and sent again shorter', () => {
    return stats().promptsShortened;
  });
  counter(
    'ghostline_token_counts_total',
    'Prompts whose true length was learned from',
    () => stats().tokenCountsLearned,
  );
  counter('ghostline_token_count_failures_total', 'Tokenisers that could not count when asked', () => {
    return stats().tokenCountsFailed;
  });
  void new Counter({
    name: 'ghostline_prompt_saved_tokens_total',
    help: 'Left out of contexts that were too long for their model, by reason; estimated',
    labelNames: ['reason'] as const,
    registers: [metrics.registry],
    collect() {
      this.reset();
      for (const [reason, tokens] of Object.entries(stats().promptTokensSaved)) this.inc({ reason }, tokens);
    },
  });
}
