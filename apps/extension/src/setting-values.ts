/** What users wrote into settings, as values the program can rely on: `settings.json` is not checked by VS Code. */
import type { LocalMode, Pace } from '@ghostline/client';
import type { Multiline } from '@ghostline/protocol';

/** Languages on or off; entries that are neither are left out. */
export function enableMap(value: unknown): Record<string, boolean> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  );
}

export function multilineMode(value: unknown): Multiline {
  return value === 'never' || value === 'always' ? value : 'auto';
}

export function localMode(value: unknown): LocalMode {
  return value === 'off' || value === 'instant' ? value : 'fallback';
}

export function paceOf(value: unknown): Pace {
  return value === 'calm' || value === 'eager' ? value : 'balanced';
}

/** GitHub Copilot offers three to step through when asked by hand; the server takes five at most. */
export function candidateCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(5, Math.max(1, Math.round(value))) : 3;
}

/** Milliseconds; undefined leaves the delay to the client. */
export function fixedDelay(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function globs(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((glob): glob is string => typeof glob === 'string' && glob !== '') : [];
}

/** Trimmed, without a slash at the end, so that a path can follow. */
export function serverUrl(value: unknown, fallback: string): string {
  const url = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
  return url === '' ? fallback : url;
}
