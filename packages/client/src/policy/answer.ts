import {
  type CompletionRequest,
  type EmptyReason,
  type FinishReason,
  LIMITS,
  type StartEvent,
  type StreamEvent,
} from '@ghostline/protocol';
import { type Eol, withEol } from '../text/lines.ts';
import { failureOf } from '../transport/error.ts';
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
  /** True when there is text and every choice ended of itself: only then is its text all there is to say. */
  isNatural(): boolean;
  /** True when the model has ended without any text. */
  isSilent(): boolean;
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

/** 16 characters for each token of the longest completion the protocol allows; code has about four. */
const MAX_CHARS = 16 * LIMITS.maxTokens;

/**
 * What no completion of code needs and an editor would hide or act on: control characters but tab and line breaks, and
 * those that reorder text (Boucher and Anderson, "Trojan Source", 2021).
 */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;

const NATURAL: ReadonlySet<FinishReason> = new Set(['stop', 'block_end']);

interface Choice {
  text: string;
  finish: FinishReason | undefined;
  /** Has shown what it may not contain: the whole lines before that are all of it. */
  refused: boolean;
}

/** Sends the request and reads its stream to the end, or until nobody retains it. */
export function openAnswer(options: AnswerOptions): Answer {
  const { anchor, lingerMs, setTimer } = options;
  const candidates = options.request.max_candidates ?? 1;
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
    if (!found) choices.set(index, (found = { text: '', finish: undefined, refused: false }));
    return found;
  }
  function append(to: Choice, text: string): void {
    if (to.refused) return;
    const harm = text.search(FORBIDDEN);
    to.refused = harm >= 0;
    to.text += to.refused ? text.slice(0, harm) : text;
    if (to.refused) to.text = wholeLines(to.text);
  }
  function take(event: StreamEvent): void {
    if (event.event === 'start') start = event.data;
    if (!start) return finish({ kind: 'failed', failure: unannounced });
    // Nobody asked for these alternatives.
    if ((event.event === 'delta' || event.event === 'finish') && event.data.index >= candidates) return;
    if (event.event === 'delta') {
      const to = choice(event.data.index);
      if (to.text.length + event.data.text.length > MAX_CHARS) return finish({ kind: 'failed', failure: endless });
      append(to, event.data.text);
      // A trace may be a terminal.
      if (to.refused) return notify();
    }
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
      finish({ kind: 'failed', failure: failureOf(error) });
    }
  }
  // After the caller has the answer in hand, even if the transport throws at once.
  queueMicrotask(() => void read());

  return {
    anchor,
    candidates,
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    indexes: () => [...choices.keys()].toSorted((a, b) => a - b),
    received: (index) => documentText(choices.get(index)?.text ?? '', anchor.eol),
    settled(index) {
      const { text = '', finish, refused } = choices.get(index) ?? {};
      const whole = refused || finish !== undefined || end?.kind === 'done';
      return documentText(whole ? text : wholeLines(text), anchor.eol);
    },
    hasEnded: (index) => end !== undefined || choices.get(index)?.finish !== undefined,
    isNatural: () =>
      end?.kind === 'done' &&
      [...choices.values()].some(({ text }) => text !== '') &&
      [...choices.values()].every(({ finish, refused }) => !refused && finish !== undefined && NATURAL.has(finish)),
    isSilent: () =>
      end?.kind === 'done' &&
      (end.reason ?? 'silent') === 'silent' &&
      [...choices.values()].every(({ text, refused }) => text === '' && !refused),
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

function wholeLines(text: string): string {
  return text.slice(0, Math.max(0, text.lastIndexOf('\n')));
}

/** At the end, a carriage return or a high surrogate may be half of what is still to come. */
function documentText(text: string, eol: Eol): string {
  return withEol(text.replace(/[\r\ud800-\udbff]$/, ''), eol);
}

const unannounced: ClientFailure = {
  reason: 'protocol',
  detail: 'The completion stream did not begin with a start event.',
  retryable: true,
};
const endless: ClientFailure = {
  reason: 'protocol',
  detail: 'The server sent far more text than a completion may have.',
  retryable: true,
};
const brokenOff: ClientFailure = {
  reason: 'protocol',
  detail: 'The completion stream ended in the middle.',
  retryable: true,
};
