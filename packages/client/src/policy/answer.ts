import type { CompletionRequest, EmptyReason, FinishReason, StartEvent, StreamEvent } from '@ghostline/protocol';
import { type Eol, withEol } from '../text/lines.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientFailure, Transport } from '../types.ts';
import type { SetTimer } from '../timer.ts';
import type { Anchor } from './anchor.ts';

export type AnswerEnd =
  | { readonly kind: 'done'; readonly reason: EmptyReason | undefined }
  | { readonly kind: 'failed'; readonly failure: ClientFailure }
  | { readonly kind: 'aborted' };

/** One completion of the server: a stream while it lasts, plain data afterwards. */
export interface Answer {
  readonly anchor: Anchor;
  /** How many alternatives were asked for. */
  readonly candidates: number;
  /** There as soon as any text is. */
  readonly start: StartEvent | undefined;
  /** Undefined while the stream goes on. */
  readonly end: AnswerEnd | undefined;
  /** Indexes that have text, in order. */
  indexes(): readonly number[];
  /** Everything of a choice that has come, with the line breaks of the document. */
  received(index: number): string;
  /** What of it can be shown: whole lines while the stream goes on, everything once the choice has ended. */
  settled(index: number): string;
  /** True when that choice will not grow any more. */
  hasEnded(index: number): boolean;
  /** True when every choice ended of itself: only then is its text all there is to say. */
  isNatural(): boolean;
  /** Resolves with the first value other than undefined that `check` gives, now or after an event. */
  until<T>(check: () => T | undefined, signal: AbortSignal): Promise<T>;
  /** Keeps the stream alive until the returned function is called; the last release ends it after the linger time. */
  retain(): () => void;
  abort(): void;
}

export interface AnswerOptions {
  readonly transport: Transport;
  readonly request: CompletionRequest;
  readonly anchor: Anchor;
  readonly lingerMs: number;
  readonly setTimer: SetTimer;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onEnd: (end: AnswerEnd) => void;
}

const NATURAL: ReadonlySet<FinishReason> = new Set(['stop', 'block_end']);

interface Choice {
  text: string;
  finish: FinishReason | undefined;
}

/** Sends the request and reads its stream to the end, or until nobody retains it. */
export function openAnswer(options: AnswerOptions): Answer {
  const { anchor, lingerMs, setTimer } = options;
  const controller = new AbortController();
  const choices = new Map<number, Choice>();
  const watchers = new Set<() => void>();
  let start: StartEvent | undefined;
  let end: AnswerEnd | undefined;
  let retainers = 0;
  let cancelLinger: (() => void) | undefined;

  function finish(how: AnswerEnd): void {
    if (end) return;
    end = how;
    cancelLinger?.();
    options.onEnd(how);
    notify();
  }
  function abort(): void {
    if (end) return;
    controller.abort(new DOMException('nobody waits for this completion any more', 'AbortError'));
    finish({ kind: 'aborted' });
  }
  function notify(): void {
    for (const watch of watchers) watch();
  }
  function choice(index: number): Choice {
    let found = choices.get(index);
    if (!found) choices.set(index, (found = { text: '', finish: undefined }));
    return found;
  }
  function take(event: StreamEvent): void {
    if (event.event === 'start') start = event.data;
    if (!start) return finish({ kind: 'failed', failure: unannounced });
    if (event.event === 'delta') choice(event.data.index).text += event.data.text;
    if (event.event === 'finish') choice(event.data.index).finish = event.data.reason;
    options.onEvent(event);
    if (event.event === 'done') finish({ kind: 'done', reason: event.data.reason });
    else notify();
  }
  async function read(): Promise<void> {
    try {
      for await (const event of options.transport.complete(options.request, controller.signal)) {
        // After an abort, or `done`: leaving the loop closes the connection.
        if (!end) take(event);
        if (end) return;
      }
      finish({ kind: 'failed', failure: brokenOff });
    } catch (error) {
      finish({ kind: 'failed', failure: error instanceof TransportError ? error.failure : unexpected(error) });
    }
  }
  // After the caller has the answer in hand, even if the transport throws at once.
  queueMicrotask(() => void read());

  return {
    anchor,
    candidates: options.request.max_candidates ?? 1,
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    indexes: () => [...choices.keys()].toSorted((a, b) => a - b),
    received: (index) => documentText(choices.get(index)?.text ?? '', anchor.eol),
    settled(index) {
      const { text = '', finish } = choices.get(index) ?? {};
      const whole = finish !== undefined || end?.kind === 'done';
      return documentText(whole ? text : text.slice(0, Math.max(0, text.lastIndexOf('\n'))), anchor.eol);
    },
    hasEnded: (index) => end !== undefined || choices.get(index)?.finish !== undefined,
    isNatural: () =>
      end?.kind === 'done' && [...choices.values()].every(({ finish }) => finish !== undefined && NATURAL.has(finish)),
    until<T>(check: () => T | undefined, signal: AbortSignal): Promise<T> {
      return new Promise((resolve, reject) => {
        function stop(): void {
          watchers.delete(look);
          signal.removeEventListener('abort', giveUp);
        }
        function look(): void {
          const value = check();
          if (value === undefined) return;
          stop();
          resolve(value);
        }
        function giveUp(): void {
          stop();
          reject(signal.reason as Error);
        }
        if (signal.aborted) return giveUp();
        watchers.add(look);
        signal.addEventListener('abort', giveUp, { once: true });
        look();
      });
    },
    retain() {
      retainers += 1;
      cancelLinger?.();
      cancelLinger = undefined;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        retainers -= 1;
        if (retainers === 0 && !end) cancelLinger = setTimer(abort, lingerMs);
      };
    },
    abort,
  };
}

/** A carriage return at the end may be half of a line break still to come. */
function documentText(text: string, eol: Eol): string {
  return withEol(text.endsWith('\r') ? text.slice(0, -1) : text, eol);
}

const unannounced: ClientFailure = {
  reason: 'protocol',
  detail: 'The completion stream did not begin with a start event.',
  retryable: true,
};
const brokenOff: ClientFailure = {
  reason: 'protocol',
  detail: 'The completion stream ended in the middle.',
  retryable: true,
};

/** A bug here or in a transport; its message may quote source text, so only its kind is said. */
function unexpected(error: unknown): ClientFailure {
  const name = error instanceof Error ? error.name : typeof error;
  return { reason: 'protocol', detail: `Reading the completion failed unexpectedly (${name}).`, retryable: true };
}
