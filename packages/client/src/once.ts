/** The value of `make` for what `key` is now: made when it is first wanted, and again when that is another. */
export function onceFor<K extends object, T extends object>(key: () => K, make: (key: K) => T): () => T {
  let made: { readonly of: K; readonly value: T } | undefined;
  return () => {
    const now = key();
    if (made?.of !== now) made = { of: now, value: make(now) };
    return made.value;
  };
}

/** The value of `make`, made when it is first wanted. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
