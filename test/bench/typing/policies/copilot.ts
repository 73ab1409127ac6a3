import type { CompletionQuery, Outcome } from '@ghostline/client';
import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';
import { type Known, isAskedHere, leftOf, toSuggestion } from './fit.ts';
import { type Flight, createFlights, isCompatible, within } from './flight.ts';
import { createLru } from './lru.ts';
import { type Place, placeOf } from './request.ts';

/** For a request under way that may fit; then another is sent beside it. */
const WAIT_FOR_FLIGHT_MS = 200;
/** Longer than any answer takes. */
const FOREVER_MS = 60_000;
const CACHED = 100;
/** Copilot asks for nothing in a document that says nothing yet. */
const MIN_PROMPT_CHARS = 10;
/** Of a block, what is shown at once: to the first blank line, at most so many lines. */
const SHOWN_LINES = 10;

/**
 * Copilot's ghost text as the field notes describe it (2.1): typing as suggested, then a radix trie over prefixes with the
 * exact suffix, then a compatible request in flight, then the network without any delay. An answer is shown when it is
 * whole; what is not shown of it is cached for the place behind. On show, a speculative request for the document as if it
 * were accepted. A request is aborted when it fits no more, and not before the next question.
 */
export function createCopilot(seams: ClientSeams): ReplayClient {
  const { setTimer } = seams;
  const server = createFlights(seams);
  const cache = createLru(CACHED);
  const speculated = new Set<string>();
  const flights = new Set<Flight>();
  let current: Known | undefined;
  let asked: CompletionQuery | undefined;

  async function fly(flight: Flight): Promise<Known | undefined> {
    flights.add(flight);
    const known = await flight.answer;
    flights.delete(flight);
    if (known) store(known);
    return known;
  }
  function store(known: Known): void {
    if (known.text === '') return;
    cache.put(known);
    const shown = firstSection(known.text);
    if (shown.length === known.text.length) return;
    cache.put({ ...known, id: `${known.id}+`, prefix: known.prefix + shown, text: known.text.slice(shown.length) });
  }
  function show(
    { document }: CompletionQuery,
    known: Known,
    source: 'typed' | 'cache' | 'inflight' | 'network',
  ): Outcome {
    const place = placeOf(document);
    const left = leftOf(known, place);
    if (left === undefined) return { kind: 'empty', reason: 'trimmed' };
    const text = source === 'typed' ? left : firstSection(left);
    current = { ...place, id: known.id, text };
    return { kind: 'suggested', suggestions: [toSuggestion(document, text, known.id, source)] };
  }

  return {
    async complete(query, signal) {
      asked = query;
      const place = placeOf(query.document);
      for (const flight of flights) if (!mayBecome(flight, place)) flight.abort();
      if (!isAskedHere(place)) return { kind: 'empty', reason: 'mid-line' };
      if (current && leftOf(current, place) !== undefined) return show(query, current, 'typed');
      const known = cache.find(place);
      if (known) return show(query, known, 'cache');
      if (place.prefix.length < MIN_PROMPT_CHARS) return { kind: 'empty', reason: 'trimmed' };

      const flight = [...flights].find((flight) => isCompatible(flight, place));
      const joined = flight && (await within(flight.answer, WAIT_FOR_FLIGHT_MS, setTimer, signal));
      if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      if (joined && leftOf(joined, place) !== undefined) return show(query, joined, 'inflight');

      const fresh = fly(server.start(query, place, 'automatic'));
      const answer = await within(fresh, FOREVER_MS, setTimer, signal);
      if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      return answer && answer.text !== '' ? show(query, answer, 'network') : { kind: 'empty', reason: 'silent' };
    },
    changed: server.changed,
    shown({ completionId, text, range }) {
      if (!asked || speculated.has(completionId)) return;
      speculated.add(completionId);
      const { text: before } = asked.document;
      const place = { prefix: before.slice(0, range.start) + text, suffix: before.slice(range.end) };
      if (!cache.find(place)) void fly(server.start(asked, place, 'speculative'));
    },
    accepted: () => undefined,
    dismissed() {
      current = undefined;
    },
    onExtended: () => () => undefined,
    dispose() {
      for (const flight of flights) flight.abort();
      server.dispose();
    },
  };
}

/** A speculative request is for a place that the user may still reach. */
function mayBecome(flight: Flight, now: Place): boolean {
  if (isCompatible(flight, now)) return true;
  return flight.isSpeculative && flight.prefix.startsWith(now.prefix);
}

function firstSection(text: string): string {
  const lines = text.split('\n');
  const blank = lines.findIndex((line, index) => index > 0 && line.trim() === '');
  return lines.slice(0, Math.min(blank < 0 ? lines.length : blank, SHOWN_LINES)).join('\n');
}
