/** Where the work of a flight puts its results. Ignored once the flight is over or everybody has left it. */
export interface FlightOutput<T, Bill = never> {
  push(item: T): void;
  /** From now on the work costs somebody that. */
  charge(bill: Bill): void;
  end(): void;
  fail(error: unknown): void;
}

/** One subscriber's view of a flight: everything from its start, at the subscriber's own pace. */
export interface FlightReader<T, Bill = never> {
  /** True when the flight was under way already. */
  readonly joined: boolean;
  /** The next item, undefined when there is none yet. Throws the signal's reason after an abort. */
  read(): T | undefined;
  /** True when `read` has an item, false at the end. Rejects with the flight's failure or the signal's reason. */
  wait(): Promise<boolean>;
  /**
   * Whoever leaves last aborts the work. Returns the bill to the one reader who pays it: of those who were there at the end
   * the first, or the last who left before. Work that failed before its first item is nobody's.
   */
  leave(): Bill | undefined;
}

/** Must stop when `abort` is aborted, and may abort it itself to stop what it has begun. */
export type FlightWork<T, Bill = never> = (output: FlightOutput<T, Bill>, abort: AbortController) => void;

export interface SingleFlight<T, Bill = never> {
  /**
   * A reader of the flight named `key`, started with `work` when there is none. Without a key nobody else joins. `work`
   * may run a second time: a failure (a 429, a timeout) is not shared with those who came after the attempt began.
   */
  join(key: string | undefined, signal: AbortSignal, work: FlightWork<T, Bill>): FlightReader<T, Bill>;
  /** Whether a flight of that name is under way. */
  has(key: string): boolean;
  size(): number;
}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: unknown };

interface Subscriber {
  /** The first attempt that began while it was here. */
  readonly since: number;
  state: State;
  /** Called when there is something to read or nothing more to come. */
  wake: () => void;
  pays: boolean;
}

/**
 * Identical work that is under way at the same time is done once. Items are kept once for all readers, so a slow reader
 * costs a number; the work bounds how many there are. `mayRetry` says which failures are worth a second attempt.
 */
export function createSingleFlight<T, Bill = never>(mayRetry: (error: unknown) => boolean): SingleFlight<T, Bill> {
  const flights = new Map<string, ReturnType<typeof startFlight>>();

  function startFlight(key: string | undefined, work: FlightWork<T, Bill>) {
    const items: T[] = [];
    const subscribers = new Set<Subscriber>();
    let attempt = 0;
    let abort = new AbortController();
    let over = false;
    let bill: Bill | undefined;

    function begin(): void {
      const current = ++attempt;
      abort = new AbortController();
      const isCurrent = () => !over && current === attempt;
      bill = undefined;
      work(
        {
          push(item) {
            if (!isCurrent()) return;
            items.push(item);
            for (const subscriber of subscribers) subscriber.wake();
          },
          charge(what) {
            if (isCurrent()) bill = what;
          },
          end() {
            if (!isCurrent()) return;
            close();
            firstPays();
            for (const subscriber of subscribers) settle(subscriber, { kind: 'ended' });
          },
          fail(error) {
            if (isCurrent()) failed(error);
          },
        },
        abort,
      );
    }

    function failed(error: unknown): void {
      const retry = items.length === 0 && mayRetry(error);
      if (items.length > 0) firstPays();
      for (const subscriber of subscribers) {
        if (retry && subscriber.since > attempt) continue;
        subscribers.delete(subscriber);
        settle(subscriber, { kind: 'failed', error });
      }
      if (subscribers.size === 0) close();
      else begin();
    }

    /** They stand in the order in which they came. */
    function firstPays(): void {
      const [first] = subscribers;
      if (first) first.pays = true;
    }

    function close(): void {
      over = true;
      if (key !== undefined) flights.delete(key);
    }

    function leave(subscriber: Subscriber): void {
      if (!subscribers.delete(subscriber) || subscribers.size > 0 || over) return;
      subscriber.pays = true;
      close();
      abort.abort(new DOMException('nobody waits for this completion any more', 'AbortError'));
    }

    function subscribe(joined: boolean, signal: AbortSignal): FlightReader<T, Bill> {
      const subscriber: Subscriber = { since: attempt + 1, state: { kind: 'open' }, wake: () => {}, pays: false };
      let next = 0;
      const onAbort = () => {
        leave(subscriber);
        settle(subscriber, { kind: 'failed', error: signal.reason });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      subscribers.add(subscriber);
      return {
        joined,
        read() {
          if (signal.aborted) throw signal.reason;
          if (next === items.length) return undefined;
          return items[next++];
        },
        wait: () =>
          new Promise((resolve, reject) => {
            subscriber.wake = () => {
              const { state } = subscriber;
              if (next < items.length && !signal.aborted) resolve(true);
              else if (state.kind === 'ended') resolve(false);
              else if (state.kind === 'failed') reject(state.error);
            };
            subscriber.wake();
          }),
        leave() {
          signal.removeEventListener('abort', onAbort);
          leave(subscriber);
          return subscriber.pays ? bill : undefined;
        },
      };
    }

    return { begin, subscribe };
  }

  return {
    join(key, signal, work) {
      const existing = key === undefined ? undefined : flights.get(key);
      if (existing) return existing.subscribe(true, signal);
      const flight = startFlight(key, work);
      if (key !== undefined) flights.set(key, flight);
      const reader = flight.subscribe(false, signal);
      flight.begin();
      return reader;
    },
    has: (key) => flights.has(key),
    size: () => flights.size,
  };
}

function settle(subscriber: Subscriber, state: State): void {
  if (subscriber.state.kind !== 'open') return;
  subscriber.state = state;
  subscriber.wake();
}

/** A reader of what is complete already. */
export function readerOf<T>(items: readonly T[]): FlightReader<T> {
  let next = 0;
  return { joined: false, read: () => items[next++], wait: async () => false, leave: () => undefined };
}
