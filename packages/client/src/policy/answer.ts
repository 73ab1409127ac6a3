import {
  type DoneEvent,
  type EmptyReason,
  type FinishReason,
  LIMITS,
  type StartEvent,
  type StreamEvent,
} from '@ghostline/protocol';
import { type Eol, endsInHalf, withEol } from '../text/lines.ts';
import { type SetTimer, pause } from '../timer.ts';
import { failureOf } from '../transport/error.ts';
import type { ClientFailure } from '../types.ts';
import type { Anchor } from './anchor.ts';

export type AnswerEnd =
  | { readonly kind: 'done'; readonly reason: EmptyReason | undefined }
  | { readonly kind: 'failed'; readonly failure: ClientFailure }
  | { readonly kind: 'aborted' };

/** One completion of a model: a stream while it lasts, plain data afterwards. */
export interface Answer {
  readonly origin: Origin;
  readonly anchor: Anchor;
  /** How many alternatives were asked for. */
  readonly candidates: number;
  /** False while it waits for its pace: nobody has been asked yet. */
  readonly isAsked: boolean;
  /** There as soon as any text is. */
  readonly start: StartEvent | undefined;
  /** What the server said about its work, once it is done. */
  readonly done: DoneEvent | undefined;
  /** Undefined while the stream goes on. */
  readonly end: AnswerEnd | undefined;
  /** Indexes that have text, in order. */
  indexes(): readonly number[];
  /** Everything of a choice that has come, with the line breaks of the document. */
  received(index: number): string;
  /**
   * What of it can be shown: whole lines while the stream goes on, or when it was cut off after some; everything once the
   * choice has ended by itself.
   */
  settled(index: number): string;
  /** True when that choice will not grow any more. */
  hasEnded(index: number): boolean;
  /** True when what is settled of every choice would be said again: it ended of itself, or was cut after whole lines. */
  isReusable(): boolean;
  /** True when the model has ended without any text. */
  isSilent(): boolean;
  /** Calls `look` after everything that happens to it, until the returned function is called. */
  watch(look: () => void): () => void;
  /**
   * Keeps it alive until the returned function is called. The last release ends a stream after the linger time, and at
   * once what was not asked yet.
   */
  retain(): () => void;
  abort(): void;
}

/** Whose answer it is: the server's, or the local model's. */
export type Origin = 'server' | 'local';

export interface AnswerOptions {
  readonly origin: Origin;
  readonly anchor: Anchor;
  readonly candidates: number;
  /** How long to wait before asking, in ms. */
  readonly waitMs: number;
  /** What must be there before anybody is asked, besides the wait; called after that. */
  readonly ready?: () => Promise<unknown>;
  /** Asks. Called once, after the wait. Rejects with the signal's reason on abort. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>;
  readonly lingerMs: number;
  readonly setTimer: SetTimer;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onEnd: (end: AnswerEnd) => void;
}

/** 16 characters for each token of the longest completion the protocol allows; code has about four. */
const MAX_CHARS = 16 * LIMITS.maxTokens;

/**
 * What no completion of code needs and an editor would hide or act on: control characters but tab and line breaks, and
 * those that reorder text (Boucher and Anderson, "Trojan Source", 2021). And half a character whose other half does not
 * come: no file can hold it.
 */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|[\udc00-\udfff]|[\ud800-\udbff](?!$)/u;

const NATURAL: ReadonlySet<FinishReason> = new Set(['stop', 'block_end']);
/** The end of the budget is not the end of the thought. */
const CUT: ReadonlySet<FinishReason> = new Set(['length', 'time']);

interface Choice {
  text: string;
  finish: FinishReason | undefined;
  /** Has shown what it may not contain: the whole lines before that are all of it. */
  refused: boolean;
}

/** Waits, asks, and reads the answer to its end, or until nobody retains it. */
export function openAnswer(options: AnswerOptions): Answer {
  const { origin, anchor, candidates, waitMs, lingerMs, setTimer } = options;
  const controller = new AbortController();
  const choices = new Map<number, Choice>();
  const watchers = new Set<() => void>();
  /** Let go of at the end: an answer is kept for long, and what asks for it holds whole documents. */
  let asking: AnswerOptions | undefined = options;
  let isAsked = false;
  let start: StartEvent | undefined;
  let done: DoneEvent | undefined;
  let end: AnswerEnd | undefined;
  let retainers = 0;
  let cancelLinger: (() => void) | undefined;

  function finish(how: AnswerEnd): void {
    if (end) return;
    end = how;
    cancelLinger?.();
    const ended = asking;
    asking = undefined;
    try {
      ended?.onEnd(how);
    } finally {
      // Nobody waits for ever because somebody who listens has failed.
      notify();
    }
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
    const whole = to.text.length - (endsInHalf(to.text) ? 1 : 0);
    const piece = to.text.slice(whole) + text;
    const harm = piece.search(FORBIDDEN);
    to.refused = harm >= 0;
    to.text = to.text.slice(0, whole) + (to.refused ? piece.slice(0, harm) : piece);
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
    asking?.onEvent(event);
    if (event.event === 'done') {
      done = event.data;
      finish({ kind: 'done', reason: event.data.reason });
    } else notify();
  }
  async function read(): Promise<void> {
    try {
      await pause(waitMs, setTimer, controller.signal);
      await asking?.ready?.();
      if (!asking) return;
      isAsked = true;
      notify();
      for await (const event of asking.events(controller.signal)) {
        // After an abort, or `done`: leaving the loop closes the connection.
        if (!end) take(event);
        if (end) return;
      }
      finish({ kind: 'failed', failure: brokenOff });
    } catch (error) {
      finish({ kind: 'failed', failure: failureOf(error) });
    }
  }
  // After the caller has the answer in hand, even if asking throws at once.
  queueMicrotask(() => void read());

  return {
    origin,
    anchor,
    candidates,
    get isAsked() {
      return isAsked;
    },
    get start() {
      return start;
    },
    get done() {
      return done;
    },
    get end() {
      return end;
    },
    indexes: () => [...choices.keys()].toSorted((a, b) => a - b),
    received: (index) => documentText(choices.get(index)?.text ?? '', anchor.eol),
    settled(index) {
      // Of what was filtered the last line is the one that nobody should see, as far as it had been said.
      const { text = '', finish, refused } = choices.get(index) ?? {};
      const isWhole = refused || finish !== undefined || end?.kind === 'done';
      const lines = isWhole && finish !== 'filtered' && !isCutAfterLines(text, finish) ? text : wholeLines(text);
      return documentText(lines, anchor.eol);
    },
    hasEnded: (index) => end !== undefined || choices.get(index)?.finish !== undefined,
    isReusable: () =>
      end?.kind === 'done' &&
      [...choices.values()].some(({ text }) => text !== '') &&
      [...choices.values()].every(
        ({ text, finish, refused }) =>
          !refused && finish !== undefined && (NATURAL.has(finish) || isCutAfterLines(text, finish)),
      ),
    isSilent: () =>
      end?.kind === 'done' &&
      (end.reason ?? 'silent') === 'silent' &&
      [...choices.values()].every(({ text, refused }) => text === '' && !refused),
    watch(look) {
      // A function of its own for each: one that is given twice is called twice.
      const watcher = () => look();
      watchers.add(watcher);
      return () => watchers.delete(watcher);
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
        if (retainers > 0 || end) return;
        if (isAsked && lingerMs > 0) cancelLinger = setTimer(abort, lingerMs);
        else abort();
      };
    },
    abort,
  };
}

/** A cut in the first line leaves nothing whole, but something to show. */
function isCutAfterLines(text: string, finish: FinishReason | undefined): boolean {
  return finish !== undefined && CUT.has(finish) && wholeLines(text).trim() !== '';
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
