import { type ConfigSource, type Settings, sourceOf } from '../config/index.ts';
import { reasonOf } from '../reason-of.ts';
import { type Live, createLive } from './live.ts';
import { diffSources, isWithin } from './settings-diff.ts';

/** A part of the running program that follows some of the configuration. */
export interface LivePart {
  /** Fields of ghostline.yaml that it follows, with all below them. */
  readonly fields: readonly string[];
  /** Settings that are made of them. */
  readonly settings: readonly (keyof Settings)[];
  /** Throws when it cannot work under these settings; what it returns takes them over, and cannot fail. */
  readonly prepare?: (settings: Settings) => () => void;
}

export type ReloadOutcome =
  | { readonly kind: 'unchanged'; readonly needsRestart: readonly string[] }
  | { readonly kind: 'applied'; readonly changed: readonly string[]; readonly needsRestart: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

export interface ReloadStatus {
  /** When what runs now was loaded, in milliseconds since 1970. */
  readonly loadedAt: number;
  readonly last: ReloadOutcome;
}

export interface Reloader {
  readonly settings: Live<Settings>;
  reload(): ReloadOutcome;
  status(): ReloadStatus;
  /** Every secret that is or may still be in use, to keep them out of what is shown. */
  secrets(): readonly string[];
}

export interface ReloaderOptions {
  readonly initial: Settings;
  /** Reads the configuration as a start would; throws what a start would say. */
  readonly load: () => Settings;
  readonly parts: readonly LivePart[];
  readonly now?: () => number;
}

/**
 * Reads the configuration again: all of it is validated and every part prepared before any of it is taken over, in one go. What
 * no part follows goes on as it was and is named. When anything is wrong, nothing changes.
 */
export function createReloader({ initial, load, parts, now = Date.now }: ReloaderOptions): Reloader {
  const started = sourceOf(initial);
  const settings = createLive(initial);
  const followed = parts.flatMap(({ fields }) => fields);
  const isFollowed = (path: string) => followed.some((field) => isWithin(path, field));
  let applied: ConfigSource = started;
  let status: ReloadStatus = { loadedAt: now(), last: { kind: 'unchanged', needsRestart: [] } };

  function attempt(): ReloadOutcome {
    let next: Settings;
    let takeOver: (() => void)[];
    try {
      next = load();
      const paths = diffSources(applied, sourceOf(next));
      takeOver = parts
        .filter(({ fields }) => paths.some((path) => fields.some((field) => isWithin(path, field))))
        .flatMap(({ prepare }) => prepare?.(next) ?? []);
    } catch (error) {
      return { kind: 'refused', reason: reasonOf(error) };
    }
    const source = sourceOf(next);
    const changed = diffSources(applied, source).filter(isFollowed);
    const needsRestart = diffSources(started, source).filter((path) => !isFollowed(path));
    applied = source;
    if (changed.length === 0) return { kind: 'unchanged', needsRestart };
    const taken = parts.flatMap((part) => part.settings.map((key) => [key, next[key]] as const));
    settings.set({ ...settings.current, ...(Object.fromEntries(taken) as Partial<Settings>) });
    for (const take of takeOver) take();
    return { kind: 'applied', changed, needsRestart };
  }

  return {
    settings,
    status: () => status,
    secrets: () => [...started.secrets.values(), ...applied.secrets.values()].filter((secret) => secret !== ''),
    reload() {
      const last = attempt();
      status = { loadedAt: last.kind === 'applied' ? now() : status.loadedAt, last };
      return last;
    },
  };
}
