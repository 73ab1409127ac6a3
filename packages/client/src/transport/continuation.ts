import {
  type CompletionRequest,
  type DoneEvent,
  LIMITS,
  type StartEvent,
  type StreamEvent,
  utf8Length,
} from '@ghostline/protocol';
import { endsInHalf } from '../text/lines.ts';

/**
 * What an answer that broke off has come to.
 * - `nothing`: no text; it may be asked for again as if for the first time.
 * - `text`: may be continued.
 * - `ended`: only its end is missing, not its text.
 * - `stuck`: has text that cannot be continued.
 */
export type Progress = 'nothing' | 'text' | 'ended' | 'stuck';

/** One completion out of several answers, each of which goes on where the one before broke off. */
export interface Continuation {
  /** What to ask for now: the request itself, or what goes on after the text so far. */
  request(): CompletionRequest;
  /** What the reader is told of an event of the answer to the last `request()`; nothing of a second beginning. */
  take(event: StreamEvent): readonly StreamEvent[];
  /** Call it when an answer broke off: forgets what was not told yet. */
  brokeOff(): Progress;
  /** The end in place of the one that is missing, after progress `ended`. */
  end(): StreamEvent;
}

/** `now` in ms, to say how long it took when nobody else does. */
export function continuationOf(request: CompletionRequest, now: () => number): Continuation {
  const began = now();
  const single = (request.max_candidates ?? 1) === 1;
  /** Of the answer under way, until it says something: who tells nothing is not who answered. */
  let held: StartEvent | undefined;
  let start: StartEvent | undefined;
  /** All text the reader has. */
  let text = '';
  let firstTextAt: number | undefined;
  /** Half a character, which would be no text to continue. */
  let half = '';
  let finished = false;

  function told(event: StreamEvent): readonly StreamEvent[] {
    if (start || !held) return [event];
    start = held;
    return [{ event: 'start', data: start }, event];
  }

  function delta(event: Extract<StreamEvent, { event: 'delta' }>): readonly StreamEvent[] {
    if (!single) {
      firstTextAt ??= now();
      return told(event);
    }
    // Alternatives that nobody asked for.
    if (event.data.index !== 0 || finished) return [];
    const whole = half + event.data.text;
    half = endsInHalf(whole) ? whole.slice(-1) : '';
    const piece = half === '' ? whole : whole.slice(0, -1);
    if (piece === '') return [];
    firstTextAt ??= now();
    text += piece;
    return told({ event: 'delta', data: { index: 0, text: piece } });
  }

  /** `done` of a continuation says of its own part alone that it is empty. */
  function done(data: DoneEvent): readonly StreamEvent[] {
    const { reason, ...rest } = data;
    if (reason === undefined || firstTextAt === undefined) return told({ event: 'done', data });
    const end: StreamEvent = { event: 'done', data: rest };
    if (finished || reason === 'silent') return [end];
    // Taken for a whole answer, text that was cut would be kept and shown again.
    return [{ event: 'finish', data: { index: 0, reason: reason === 'filtered' ? 'filtered' : 'time' } }, end];
  }

  return {
    request() {
      if (text === '' || start === undefined) return request;
      return { ...request, resume: { completion_id: start.completion_id, text } };
    },
    take(event) {
      switch (event.event) {
        case 'start':
          held = event.data;
          return [];
        case 'delta':
          return delta(event);
        case 'finish':
          finished = true;
          return told(event);
        case 'done':
          return done(event.data);
        case 'error':
          return told(event);
      }
    },
    brokeOff() {
      half = '';
      held = undefined;
      if (single && finished) return 'ended';
      if (firstTextAt === undefined && start === undefined) return 'nothing';
      return single && text !== '' && utf8Length(text) <= LIMITS.resumeBytes ? 'text' : 'stuck';
    },
    end() {
      const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0 };
      const first_token_ms = (firstTextAt ?? now()) - began;
      return {
        event: 'done',
        data: {
          usage: { prompt_tokens: 0, completion_tokens: 0 },
          timings: { ...timings, first_token_ms, total_ms: now() - began },
        },
      };
    },
  };
}
