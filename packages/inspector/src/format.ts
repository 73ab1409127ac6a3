/** At most three significant figures: 0.8 ms, 45 ms, 1.24 s. Nothing measured is less than what the clock can tell. */
export function formatMs(ms: number): string {
  if (ms === 0) return '<1 ms';
  if (ms < 0.05) return '<0.1 ms';
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
