import type { CompletionQuery } from '@ghostline/client';
import type { ClientSeams } from '@ghostline/client/replay';
import { type Known, cleaned } from './fit.ts';
import { type Place, type Requests, createRequests } from './request.ts';

/** A request under way: what it was asked for, and what has come. */
export interface Flight extends Place {
  readonly isSpeculative: boolean;
  /** Everything that has come. */
  text(): string;
  /** With the whole answer; with undefined when it was aborted. */
  readonly answer: Promise<Known | undefined>;
  abort(): void;
}

type SentTrigger = 'automatic' | 'speculative';

/** How a policy asks the server. */
export interface Flights extends Pick<Requests, 'changed' | 'dispose'> {
  start(query: CompletionQuery, place: Place, trigger: SentTrigger): Flight;
  /** The whole answer for `place`; undefined when it was aborted. */
  answer(query: CompletionQuery, place: Place, trigger: SentTrigger, signal: AbortSignal): Promise<Known | undefined>;
}

export function createFlights(seams: ClientSeams): Flights {
  const { transport, newId } = seams;
  const requests = createRequests(seams);

  function start(query: CompletionQuery, place: Place, trigger: SentTrigger): Flight {
    const controller = new AbortController();
    const id = newId();
    let text = '';

    async function read(): Promise<Known | undefined> {
      const request = await requests.build(query, place, trigger);
      try {
        for await (const event of transport.complete(request, controller.signal)) {
          if (event.event === 'delta') text += event.data.text;
          if (event.event === 'done') return { ...place, id, text: cleaned(text, place) };
        }
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      }
      return undefined;
    }

    return {
      ...place,
      isSpeculative: trigger === 'speculative',
      text: () => text,
      answer: read(),
      abort: () => controller.abort(new DOMException('no longer wanted', 'AbortError')),
    };
  }

  return {
    start,
    async answer(query, place, trigger, signal) {
      const flight = start(query, place, trigger);
      signal.addEventListener('abort', flight.abort, { once: true });
      if (signal.aborted) flight.abort();
      return await flight.answer;
    },
    changed: requests.changed,
    dispose: requests.dispose,
  };
}

/** True while what has come, and what is typed since it was asked, may be one text. */
export function isCompatible({ prefix, suffix, text }: Flight, now: Place): boolean {
  if (now.suffix !== suffix || !now.prefix.startsWith(prefix)) return false;
  const typed = now.prefix.slice(prefix.length);
  return text().startsWith(typed) || typed.startsWith(text());
}

/** Resolves after `ms` or at an abort. */
export function pauseFor(ms: number, setTimer: ClientSeams['setTimer'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = setTimer(resolve, ms);
    const stop = () => {
      cancel();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The value, or undefined after `ms` or an abort. */
export async function within<T>(
  value: Promise<T>,
  ms: number,
  setTimer: ClientSeams['setTimer'],
  signal: AbortSignal,
): Promise<T | undefined> {
  const over = new AbortController();
  const late = pauseFor(ms, setTimer, AbortSignal.any([signal, over.signal])).then(() => undefined);
  try {
    return await Promise.race([value, late]);
  } finally {
    over.abort();
  }
}
