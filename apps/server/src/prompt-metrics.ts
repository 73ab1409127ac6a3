import type { MeasuredEngine } from '@ghostline/engine';
import { Counter } from 'prom-client';
import { type Metrics, sampledCounter } from './metrics.ts';

/** What building prompts has learned and had to mend. */
export function promptMetrics(metrics: Metrics, { stats }: Pick<MeasuredEngine, 'stats'>): void {
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
