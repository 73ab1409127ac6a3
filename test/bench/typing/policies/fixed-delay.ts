import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';
import { isAskedHere, suggested } from './fit.ts';
import { createFlights, pauseFor } from './flight.ts';
import { placeOf } from './request.ts';

/** Continue's, and about twinny's. */
const DELAY_MS = 350;

/** The simplest client there is: wait, ask, show; nothing is kept, and what is not wanted any more is aborted. */
export function createFixedDelay(seams: ClientSeams): ReplayClient {
  const { setTimer } = seams;
  const server = createFlights(seams);
  return {
    async complete(query, signal) {
      const place = placeOf(query.document);
      if (!isAskedHere(place)) return { kind: 'empty', reason: 'mid-line' };
      await pauseFor(DELAY_MS, setTimer, signal);
      if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      const known = await server.answer(query, place, 'automatic', signal);
      return known ? suggested(query.document, known, 'network') : { kind: 'cancelled', reason: 'editor' };
    },
    changed: server.changed,
    shown: () => undefined,
    accepted: () => undefined,
    dismissed: () => undefined,
    onExtended: () => () => undefined,
    dispose: server.dispose,
  };
}
