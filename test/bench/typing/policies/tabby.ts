import type { DocumentChange, DocumentSnapshot } from '@ghostline/client';
import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';
import { type Known, isAskedHere, leftOf, suggested } from './fit.ts';
import { createFlights, pauseFor } from './flight.ts';
import { createLru } from './lru.ts';
import { type Place, placeOf, restOfLine } from './request.ts';

const CACHED = 100;
const TIME_TO_LIVE_MS = 5 * 60_000;
/** How far typing along is answered from the cache; an answer of several lines also at each of its line ends. */
const TYPED_CHARS = 50;

/** Of the pace, field notes 2.2. */
const INTERVALS = { least: 20, most: 100, longestMs: 400 };
const BASE_MS = { start: 200, least: 100, most: 400 };
const DELAY_MS = { least: 100, most: 1000 };
const RATE = { most: 3, range: 1.5 };
const SCORE = { trigger: 0.5, lineEnd: 0.4, documentEnd: 0.1 };

/** Tabby's client: an adaptive delay, a cache with the answers typed along, one request at a time, aborted with its question. */
export function createTabby(seams: ClientSeams): ReplayClient {
  const { now, setTimer } = seams;
  const server = createFlights(seams);
  const cache = createLru(CACHED);
  const storedAt = new Map<string, number>();
  const intervals: number[] = [];
  const latencies: number[] = [];
  let lastKeyAt: number | undefined;

  function delayMs(document: DocumentSnapshot): number {
    const recent = intervals.length < INTERVALS.least ? undefined : mean(intervals);
    const base = clamp(recent ?? BASE_MS.start, BASE_MS.least, BASE_MS.most);
    const rate = RATE.most - RATE.range * scoreOf(document);
    return clamp(base * rate - (latencies.length === 0 ? 0 : mean(latencies)), DELAY_MS.least, DELAY_MS.most);
  }

  function remembered(place: Place): Known | undefined {
    const known = cache.find(place);
    if (!known || now() - storedAt.get(known.id)! > TIME_TO_LIVE_MS) return undefined;
    const typed = place.prefix.length - known.prefix.length;
    return typed <= TYPED_CHARS || leftOf(known, place)?.startsWith('\n') ? known : undefined;
  }

  return {
    async complete(query, signal) {
      const { document } = query;
      const place = placeOf(document);
      const known = remembered(place);
      if (known) return suggested(document, { ...known, text: leftOf(known, place)! }, 'cache');
      if (!isAskedHere(place)) return { kind: 'empty', reason: 'mid-line' };
      await pauseFor(delayMs(document), setTimer, signal);
      if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      const askedAt = now();
      const answer = await server.answer(query, place, 'automatic', signal);
      if (!answer) return { kind: 'cancelled', reason: 'editor' };
      remember(latencies, now() - askedAt, LATENCIES);
      storedAt.set(answer.id, now());
      cache.put(answer);
      return suggested(document, answer, 'network');
    },
    changed(change: DocumentChange) {
      server.changed(change);
      const { inserted, deleted } = change;
      const at = now();
      const interval = lastKeyAt === undefined ? Infinity : at - lastKeyAt;
      lastKeyAt = at;
      if (interval <= INTERVALS.longestMs && inserted.length + deleted > 0) {
        remember(intervals, interval, INTERVALS.most);
      }
    },
    shown: () => undefined,
    accepted: () => undefined,
    dismissed: () => undefined,
    onExtended: () => () => undefined,
    dispose: server.dispose,
  };
}

const LATENCIES = 10;

function scoreOf({ text, cursor }: DocumentSnapshot): number {
  const isTrigger = /^\W$/.test(text[cursor - 1] ?? '');
  const isLineEnd = restOfLine(text.slice(cursor)).trim() === '';
  const isDocumentEnd = text.slice(cursor).trim() === '';
  return (
    SCORE.trigger * Number(isTrigger) + SCORE.lineEnd * Number(isLineEnd) + SCORE.documentEnd * Number(isDocumentEnd)
  );
}

function remember(values: number[], value: number, most: number): void {
  values.push(value);
  if (values.length > most) values.shift();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
