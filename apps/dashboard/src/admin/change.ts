import { formatMs } from '../format.ts';
import type { RateInterval } from './wilson.ts';

/** How a figure differs from the period before. `neutral` where more is not better, or the difference may be chance. */
export interface Change {
  readonly text: string;
  readonly up: boolean;
  readonly news: 'good' | 'bad' | 'neutral';
}

type Figure = number | null | undefined;

/** Of a share of one, in percentage points: news only when the likely ranges of both periods do not overlap. */
export function changeOfRate(now: Figure, before: Figure, likely?: RateInterval, likelyBefore?: RateInterval) {
  const apart = likely && likelyBefore && (likely.low > likelyBefore.high || likely.high < likelyBefore.low);
  return change(
    now,
    before,
    (size) => `${(size * 100).toFixed(1)} pts`,
    0.0005,
    (up) => {
      if (!apart) return 'neutral';
      return up ? 'good' : 'bad';
    },
  );
}

/** Less than a twentieth is not worth a colour. */
const TELLING_LATENCY = 0.05;

/** Of a latency: less is better. */
export function changeOfLatency(now: Figure, before: Figure) {
  return change(now, before, formatMs, 0.5, (up, share) => {
    if (share < TELLING_LATENCY) return 'neutral';
    return up ? 'bad' : 'good';
  });
}

/** Of a count, in percent: more suggestions are neither good nor bad. */
export function changeOfCount(now: Figure, before: Figure) {
  if (!before) return undefined;
  return change(
    now,
    before,
    (size) => `${Math.round((size / before) * 100)}%`,
    before / 200,
    () => 'neutral',
  );
}

/** Undefined when either period has no figure, or the difference is smaller than the `least` that can be told. */
function change(
  now: Figure,
  before: Figure,
  format: (size: number) => string,
  least: number,
  newsOf: (up: boolean, share: number) => Change['news'],
): Change | undefined {
  if (now === null || now === undefined || before === null || before === undefined) return undefined;
  const size = Math.abs(now - before);
  if (size < least) return undefined;
  const up = now > before;
  return { text: format(size), up, news: newsOf(up, before === 0 ? 1 : size / before) };
}
