import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';
import { type Known, leftOf, suggested } from './fit.ts';
import { createFlights, pauseFor } from './flight.ts';
import { createLru } from './lru.ts';
import { type Place, placeOf, restOfLine } from './request.ts';

const CACHED = 250;
/** While another request is under way, it is looked again after so long. */
const POLL_MS = 150;
/** Nothing is asked by itself with more than this behind the cursor on its line. */
const MAX_LINE_SUFFIX = 8;

/**
 * llama.vscode's client: no delay, a cache that is looked up for the text of the line with ever more of its end taken back, no
 * aborts (a request under way is waited for), and after each completion a request for the next one as if it were accepted.
 */
export function createLlama(seams: ClientSeams): ReplayClient {
  const { setTimer } = seams;
  const server = createFlights(seams);
  const cache = createLru(CACHED);
  const ended = new AbortController();
  const line = { isBusy: false };

  async function ask(
    query: Parameters<ReplayClient['complete']>[0],
    place: Place,
    trigger: 'automatic' | 'speculative',
  ) {
    const known = await server.answer(query, place, trigger, ended.signal);
    if (known && known.text !== '') cache.put(known);
    return known;
  }
  /** Typed on the line since; the cache has nothing for other lines but the very same place. */
  function walkBack(place: Place): Known | undefined {
    const known = cache.find(place);
    return known && !place.prefix.slice(known.prefix.length).includes('\n') ? known : undefined;
  }

  return {
    async complete(query, signal) {
      const { document } = query;
      const place = placeOf(document);
      if (restOfLine(place.suffix).length > MAX_LINE_SUFFIX) return { kind: 'empty', reason: 'mid-line' };
      while (line.isBusy) {
        await pauseFor(POLL_MS, setTimer, signal);
        if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      }
      const known = walkBack(place);
      const text = known && leftOf(known, place);
      let answer = known && text !== undefined ? { ...known, ...place, text } : undefined;
      const source = answer ? 'cache' : 'network';
      if (!answer) {
        line.isBusy = true;
        answer = await ask(query, place, 'automatic');
        line.isBusy = false;
      }
      if (!answer || signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      const outcome = suggested(document, answer, source);
      if (outcome.kind === 'suggested') {
        const { text: shown, range } = outcome.suggestions[0];
        const { text } = document;
        const next = { prefix: text.slice(0, range.start) + shown, suffix: text.slice(range.end) };
        if (!walkBack(next)) void ask(query, next, 'speculative');
      }
      return outcome;
    },
    changed: server.changed,
    shown: () => undefined,
    accepted: () => undefined,
    dismissed: () => undefined,
    onExtended: () => () => undefined,
    dispose() {
      ended.abort(new DOMException('the editor is closed', 'AbortError'));
      server.dispose();
    },
  };
}
