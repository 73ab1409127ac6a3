import type { Pace } from '../types.ts';
import type { AcceptanceOdds, Prospect } from './acceptance-odds.ts';

/**
 * Asking ahead costs the request that would be made after the acceptance, and is for nothing when there is none. At 0.33
 * one in three is there when it is wanted: in the benchmark `typing` half of the suggestions come 8 ms sooner for a
 * tenth more tokens. Who wants few requests is never asked ahead for.
 */
const WORTH_IT: Record<Pace, number> = { calm: 1, balanced: 0.33, eager: 0.2 };

/**
 * Text that has stood for so long is being read: most of what is typed past is gone by then. A reader takes longer than
 * this to decide, so the answer still comes in time.
 */
export const AHEAD_AFTER_MS = 250;

/** Whether to ask for what comes after a suggestion that is on screen and has nothing more to say. */
export function isWorthAskingAhead(
  { pace = 'balanced', ahead = true }: { readonly pace?: Pace; readonly ahead?: boolean },
  prospect: Prospect,
  odds: Pick<AcceptanceOdds, 'of'>,
): boolean {
  return ahead && odds.of(prospect) >= WORTH_IT[pace];
}
