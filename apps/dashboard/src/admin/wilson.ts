/** Where the true rate lies with 95 % confidence. */
export interface RateInterval {
  readonly low: number;
  readonly high: number;
}

/** Quantile of the normal distribution for 95 % two-sided. */
const Z = 1.96;

/**
 * Wilson score interval of `accepted` out of `shown` (E. B. Wilson, 1927): honest for small numbers and near 0 and 1,
 * where the usual ± is not. Undefined when nothing was shown.
 */
export function wilson(accepted: number, shown: number): RateInterval | undefined {
  if (shown === 0) return undefined;
  const rate = Math.min(accepted / shown, 1);
  const zz = (Z * Z) / shown;
  const centre = (rate + zz / 2) / (1 + zz);
  const half = (Z * Math.sqrt((rate * (1 - rate)) / shown + zz / (4 * shown))) / (1 + zz);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
