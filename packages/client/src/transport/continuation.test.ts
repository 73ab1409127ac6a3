import { type CompletionRequest, LIMITS, type StreamEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { continuationOf } from './continuation.ts';

const request: CompletionRequest = {
  prefix: 'a',
  suffix: '',
  language: 'typescript',
  trigger: 'automatic',
  session_id: 's',
  sequence: 1,
};
const start = (id: string): StreamEvent => ({
  event: 'start',
  data: { completion_id: id, model: 'm', region: 'r', endpoint: 'e', cache: 'miss' },
});
const delta = (text: string, index = 0): StreamEvent => ({ event: 'delta', data: { index, text } });
const finish = (reason: 'stop' | 'time' | 'filtered' = 'stop'): StreamEvent => ({
  event: 'finish',
  data: { index: 0, reason },
});
const usage = { prompt_tokens: 1, completion_tokens: 1 };
const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
const done = (reason?: 'silent' | 'superseded' | 'filtered'): StreamEvent => ({
  event: 'done',
  data: { usage, timings, ...(reason && { reason }) },
});

function reader(over: Partial<CompletionRequest> = {}) {
  const continuation = continuationOf({ ...request, ...over }, () => 0);
  const seen: StreamEvent[] = [];
  return {
    continuation,
    seen,
    read(...events: StreamEvent[]) {
      for (const event of events) seen.push(...continuation.take(event));
    },
    text: () => seen.map((event) => (event.event === 'delta' ? event.data.text : '')).join(''),
    names: () => seen.map(({ event }) => event),
  };
}

describe('a continuation', () => {
  it('is the answer itself while nothing breaks', () => {
    const { read, seen } = reader();
    const events = [start('cmp_11111111'), delta('x'), finish(), done()];
    read(...events);
    expect(seen).toEqual(events);
  });

  it('asks for what follows the text so far, under the id that its reader knows', () => {
    const { read, continuation, seen } = reader();
    read(start('cmp_11111111'), delta('foo'), delta('bar'));
    expect(continuation.brokeOff()).toBe('text');
    expect(continuation.request()).toEqual({
      ...request,
      resume: { completion_id: 'cmp_11111111', text: 'foobar' },
    });
    read(start('cmp_22222222'), delta('baz'), finish(), done());
    expect(seen).toEqual([start('cmp_11111111'), delta('foo'), delta('bar'), delta('baz'), finish(), done()]);
  });

  it('has the id of the answer that was the first to say something', () => {
    const { read, continuation, seen } = reader();
    read(start('cmp_11111111'));
    expect(continuation.brokeOff()).toBe('nothing');
    expect(continuation.request()).toEqual(request);
    read(start('cmp_22222222'), delta('x'));
    expect(seen).toEqual([start('cmp_22222222'), delta('x')]);
  });

  it('never shows half a character, nor repeats or loses one, wherever it breaks', () => {
    const whole = 'a🙂b👩‍👩‍👧c\r\n𝒳d';
    for (let cut = 0; cut <= whole.length; cut++) {
      const { read, continuation, text, seen } = reader();
      read(start('cmp_11111111'), delta(whole.slice(0, cut)));
      continuation.brokeOff();
      const { resume } = continuation.request();
      const sent = resume?.text ?? '';
      expect(sent.isWellFormed()).toBe(true);
      // The server goes on after what it was told.
      read(start('cmp_22222222'), delta(whole.slice(sent.length)), finish(), done());
      expect(text()).toBe(whole);
      for (const event of seen) if (event.event === 'delta') expect(event.data.text.isWellFormed()).toBe(true);
    }
  });

  it('puts characters together that arrive in halves', () => {
    const { read, text, names } = reader();
    read(start('cmp_11111111'), delta('\ud83d'), delta('\ude42!'), finish(), done());
    expect(text()).toBe('🙂!');
    expect(names()).toEqual(['start', 'delta', 'finish', 'done']);
  });

  it('is over when only its last word is missing, which says how long it took here', () => {
    let time = 10;
    const continuation = continuationOf(request, () => time);
    continuation.take(start('cmp_11111111'));
    time = 30;
    continuation.take(delta('x'));
    continuation.take(finish());
    time = 45;
    expect(continuation.brokeOff()).toBe('ended');
    expect(continuation.end()).toMatchObject({
      event: 'done',
      data: { timings: { first_token_ms: 20, total_ms: 35 } },
    });
  });

  it('is not empty when nothing follows its text', () => {
    const { read, continuation, seen } = reader();
    read(start('cmp_11111111'), delta('x'));
    continuation.brokeOff();
    read(start('cmp_22222222'), done('silent'));
    expect(seen.slice(2)).toEqual([done()]);
  });

  it.each([
    ['superseded', 'time'],
    ['filtered', 'filtered'],
  ] as const)('says that its text was cut when what should follow is %s', (reason, finished) => {
    const { read, continuation, seen } = reader();
    read(start('cmp_11111111'), delta('x'));
    continuation.brokeOff();
    read(start('cmp_22222222'), done(reason));
    expect(seen.slice(2)).toEqual([finish(finished), done()]);
  });

  it('leaves the reason of an empty answer as it is', () => {
    const { read, seen } = reader();
    read(start('cmp_11111111'), done('silent'));
    expect(seen).toEqual([start('cmp_11111111'), done('silent')]);
  });

  it('is stuck with several alternatives, or with more text than a server takes', () => {
    const several = reader({ max_candidates: 2 });
    several.read(start('cmp_11111111'), delta('x'), delta('y', 1));
    expect(several.continuation.brokeOff()).toBe('stuck');
    const long = reader();
    long.read(start('cmp_11111111'), delta('é'.repeat(LIMITS.resumeBytes / 2)));
    expect(long.continuation.brokeOff()).toBe('text');
    long.read(delta('x'));
    expect(long.continuation.brokeOff()).toBe('stuck');
  });

  it('passes alternatives through, and asks for them again while there is no text', () => {
    const { read, continuation, seen } = reader({ max_candidates: 2 });
    read(start('cmp_11111111'));
    expect(continuation.brokeOff()).toBe('nothing');
    read(start('cmp_22222222'), delta('x'), delta('y', 1));
    expect(seen).toEqual([start('cmp_22222222'), delta('x'), delta('y', 1)]);
  });
});
