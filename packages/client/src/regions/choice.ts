/** What is known of a region when one is chosen. */
export interface Standing {
  readonly key: string;
  /** The server of the settings. */
  readonly isHome: boolean;
  /** It answers, as far as is known. */
  readonly usable: boolean;
  /** One exchange with it, without the time of the model, in ms; undefined before it is measured. */
  readonly networkMs: number | undefined;
  /** It says that it is not at its best. */
  readonly degraded: boolean;
}

/** Where requests go, and what may replace it. */
export interface Choice {
  readonly current: string;
  readonly challenger: { readonly key: string; readonly since: number } | undefined;
}

/** Below a fifth of a 100 ms answer nobody feels the difference, and a switch costs the caches of the region left. */
const BETTER_BY_MS = 20;
const BETTER_SHARE = 0.7;
/** A region keeps its lead through a burst of somebody's download before it is believed. */
const STEADY_MS = 30_000;
/** What a region that is not at its best is set back by: as much as a token more or less of a busy endpoint. */
const DEGRADED_MS = 100;

/**
 * Where requests go from `now` on. A region that does not answer is left at once; otherwise only for one that has been
 * clearly better for a while: home, or one clearly better than home. `settled`: requests have gone to the current one.
 */
export function reconsider(choice: Choice, standings: readonly Standing[], now: number, settled: boolean): Choice {
  const current = standings.find(({ key }) => key === choice.current);
  const target = preferred(standings);
  if (!target || target.key === current?.key) return { current: choice.current, challenger: undefined };
  if (!current?.usable || !settled) return { current: target.key, challenger: undefined };
  // Back to home as soon as that is no worse, for others only when they are clearly better than what is in use.
  if (!target.isHome && !isClearlyBetter(target, current)) return { current: choice.current, challenger: undefined };
  if (choice.challenger?.key !== target.key) {
    return { current: choice.current, challenger: { key: target.key, since: now } };
  }
  return now - choice.challenger.since < STEADY_MS ? choice : { current: target.key, challenger: undefined };
}

/** In the order in which to try them when the one in use fails; those that do not answer come last. */
export function byPreference(standings: readonly Standing[]): readonly Standing[] {
  return standings.toSorted(
    (a, b) => Number(b.usable) - Number(a.usable) || cost(a) - cost(b) || Number(b.isHome) - Number(a.isHome),
  );
}

function preferred(standings: readonly Standing[]): Standing | undefined {
  const best = byPreference(standings)[0];
  const home = standings.find(({ isHome, usable }) => isHome && usable);
  if (!best?.usable) return undefined;
  return home && !isClearlyBetter(best, home) ? home : best;
}

function isClearlyBetter(a: Standing, b: Standing): boolean {
  if (a.networkMs === undefined || b.networkMs === undefined) return false;
  return cost(a) <= cost(b) * BETTER_SHARE && cost(b) - cost(a) >= BETTER_BY_MS;
}

/** What was never measured comes after what was. */
function cost({ networkMs, degraded }: Standing): number {
  return (networkMs ?? Number.MAX_SAFE_INTEGER) + (degraded ? DEGRADED_MS : 0);
}
