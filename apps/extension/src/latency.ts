import type { Keystroke } from '@ghostline/client';

/** What the server's answers took lately. */
export interface Latency {
  /** That of the latest answer. */
  readonly region: string;
  /** The median of the latest answers, in ms: one slow answer is no news. */
  readonly typicalMs: number;
}

const ANSWERS = 20;

/** Undefined before the server's first answer. Of `keystrokes`, newest first, only those count that waited for one. */
export function latencyOf(keystrokes: readonly Keystroke[]): Latency | undefined {
  const answered = keystrokes.filter(isFromServer).slice(0, ANSWERS);
  const region = answered[0]?.answer?.region;
  if (region === undefined) return undefined;
  const sorted = answered.map(({ totalMs }) => totalMs).toSorted((a, b) => a - b);
  return { region, typicalMs: sorted[Math.floor(sorted.length / 2)]! };
}

/** Shown after waiting for the server: for its own request, or for that of an earlier keystroke. */
export function isFromServer({ outcome, answer }: Keystroke): boolean {
  return outcome === 'suggested' && (answer?.source === 'network' || answer?.source === 'inflight');
}

/** In steps that an eye does not mistake for movement: tens below 200 ms, fifties below a second, tenths of a second beyond. */
export function roughly(ms: number): string {
  if (ms < 200) return `${Math.max(10, Math.round(ms / 10) * 10)} ms`;
  if (ms < 975) return `${Math.round(ms / 50) * 50} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
