/** Values by digest for a while, and no more of them than `max`: the one put in first goes. */
export interface Remembered<T> {
  get(digest: string, now: number): T | undefined;
  put(digest: string, value: T, until: number): void;
  clear(): void;
}

export function createRemembered<T>(max: number): Remembered<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(digest, now) {
      const entry = entries.get(digest);
      if (!entry) return undefined;
      if (now < entry.until) return entry.value;
      entries.delete(digest);
      return undefined;
    },
    put(digest, value, until) {
      entries.delete(digest);
      entries.set(digest, { value, until });
      if (entries.size > max) entries.delete(entries.keys().next().value!);
    },
    clear: () => entries.clear(),
  };
}
