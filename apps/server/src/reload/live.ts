/** A value that may be another one from one request to the next; whoever needs it twice takes it once. */
export interface Live<T> {
  readonly current: T;
}

export interface LiveCell<T> extends Live<T> {
  set(value: T): void;
}

export function createLive<T>(initial: T): LiveCell<T> {
  let current = initial;
  return {
    get current() {
      return current;
    },
    set(value) {
      current = value;
    },
  };
}
