import type { TelemetryEvent } from '@ghostline/protocol';
import { type AcceptanceOdds, createAcceptanceOdds } from './acceptance-odds.ts';
import { createBackOff } from './back-off.ts';

/** What the user makes of suggestions, learned from the events about them. */
export interface Habits {
  learn(event: TelemetryEvent): void;
  /** A suggestion was sent away by hand: typing past one is no complaint. */
  dismissed(): void;
  readonly odds: Pick<AcceptanceOdds, 'of'>;
  /** How many times longer than usual to wait before asking. */
  backOff(): number;
}

export function createHabits(now: () => number): Habits {
  const odds = createAcceptanceOdds();
  const backOff = createBackOff(now);
  return {
    learn(event) {
      switch (event.type) {
        case 'completion-accepted':
          odds.decided({ ...event, language: event.language ?? '' }, true);
          backOff.accepted();
          break;
        case 'completion-rejected':
        case 'completion-ignored':
          odds.decided({ ...event, language: event.language ?? '' }, false);
          break;
        case 'completion-typed-through':
        case 'completion-partially-accepted':
          backOff.accepted();
          break;
        case 'completion-shown':
        case 'completion-retained':
          break;
      }
    },
    dismissed: backOff.rejected,
    odds,
    backOff: backOff.factor,
  };
}
