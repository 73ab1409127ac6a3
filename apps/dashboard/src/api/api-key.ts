import { useSyncExternalStore } from 'react';

/** Kept for the tab only, and shared by both pages. */
const STORAGE_KEY = 'ghostline.apiKey';
const listeners = new Set<() => void>();

export function apiKey(): string | undefined {
  return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
}

/** An empty key forgets it. */
export function setApiKey(key: string): void {
  if (key) sessionStorage.setItem(STORAGE_KEY, key);
  else sessionStorage.removeItem(STORAGE_KEY);
  for (const listener of listeners) listener();
}

export function useApiKey(): string | undefined {
  return useSyncExternalStore(subscribe, apiKey);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
