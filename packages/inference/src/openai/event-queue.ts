import type { EndpointEvent } from '../types.ts';

type Result = IteratorResult<EndpointEvent, undefined>;

export interface EventQueue extends AsyncIterator<EndpointEvent, undefined> {
  /** Adds an event for the next `flush`; text joins text of the same candidate that nobody took yet. */
  push(event: EndpointEvent): void;
  /** Lets the consumer have what was pushed. Returns how many characters still wait. */
  flush(): number;
  end(): void;
  /** The consumer learns of it after what waits. */
  fail(error: unknown): void;
  /** The consumer learns of it next: what waits is dropped. */
  abort(reason: unknown): void;
  return(): Promise<Result>;
}

type Consumer =
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'waiting';
      readonly resolve: (result: Result) => void;
      readonly reject: (error: unknown) => void;
    };

type Outcome =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * From callbacks to an async iterator, for one consumer that awaits each event. Not an async generator: its `return` would
 * wait for a pending `next`, where leaving must cancel at once, and each generator costs a few microtasks a token.
 */
export function createEventQueue(hooks: { readonly onReturn: () => void; readonly onEmpty: () => void }): EventQueue {
  let events: EndpointEvent[] = [];
  let waitingChars = 0;
  let consumer: Consumer = { kind: 'busy' };
  let outcome: Outcome = { kind: 'open' };

  function take(): Result | undefined {
    const value = events.shift();
    if (!value) return undefined;
    if (value.type === 'text') waitingChars -= value.text.length;
    if (events.length === 0) hooks.onEmpty();
    return { done: false, value };
  }

  function settle(next: Outcome) {
    if (outcome.kind === 'open') outcome = next;
    wake();
  }

  function wake() {
    if (consumer.kind === 'busy') return;
    const { resolve, reject } = consumer;
    const result = take();
    if (!result && outcome.kind === 'open') return;
    consumer = { kind: 'busy' };
    if (result) resolve(result);
    else if (outcome.kind === 'failed') {
      reject(outcome.error);
      outcome = { kind: 'ended' };
    } else resolve({ done: true, value: undefined });
  }

  return {
    push(event) {
      if (outcome.kind !== 'open') return;
      if (event.type === 'text') {
        waitingChars += event.text.length;
        const last = events.at(-1);
        if (last?.type === 'text' && last.index === event.index) {
          events[events.length - 1] = { type: 'text', index: last.index, text: last.text + event.text };
          return;
        }
      }
      events.push(event);
    },
    flush() {
      wake();
      return waitingChars;
    },
    end: () => settle({ kind: 'ended' }),
    fail: (error) => settle({ kind: 'failed', error }),
    abort(reason) {
      events = [];
      waitingChars = 0;
      settle({ kind: 'failed', error: reason });
    },
    next() {
      const result = take();
      if (result) return Promise.resolve(result);
      return new Promise((resolve, reject) => {
        consumer = { kind: 'waiting', resolve, reject };
        wake();
      });
    },
    return() {
      events = [];
      settle({ kind: 'ended' });
      hooks.onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
