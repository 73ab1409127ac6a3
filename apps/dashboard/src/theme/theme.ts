import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';
/** `system` follows `prefers-color-scheme`. */
export type ThemeChoice = 'system' | Theme;

const STORAGE_KEY = 'ghostline.theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function themeChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, choice);
  applyTheme();
}

/** Called by each entry before anything is painted. */
export function applyTheme(): void {
  const choice = themeChoice();
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
  for (const listener of listeners) listener();
}

/** The order of the button: what follows `choice`. */
export function nextChoice(choice: ThemeChoice): ThemeChoice {
  return ({ system: 'light', light: 'dark', dark: 'system' } as const)[choice];
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, themeChoice);
}

/** What is on screen now. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, themeOnScreen);
}

export function themeOnScreen(): Theme {
  const choice = themeChoice();
  if (choice !== 'system') return choice;
  return systemDark.matches ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  systemDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemDark.removeEventListener('change', listener);
  };
}
