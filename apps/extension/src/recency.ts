/** The last `limit` keys that were touched. */
export interface Recency {
  touch(key: string): void;
  forget(key: string): void;
  /** Most recently touched first. */
  keys(): string[];
}

export function createRecency(limit: number): Recency {
  const keys = new Set<string>();
  return {
    touch(key) {
      keys.delete(key);
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > limit && oldest !== undefined) keys.delete(oldest);
    },
    forget: (key) => void keys.delete(key),
    keys: () => [...keys].toReversed(),
  };
}
