import type { Principal } from '../settings.ts';

/** Whose spending is stopped. */
export type StopScope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'organisation'; readonly org: string }
  | { readonly kind: 'user'; readonly org: string; readonly user: string };

export interface Stop {
  readonly scope: StopScope;
  /** A sentence for whoever wonders. */
  readonly reason: string;
  readonly by: 'hand' | 'rule';
  /** Who did it by hand, as `organisation/user`. */
  readonly who?: string;
  /** Unix ms. */
  readonly at: number;
  /** When it ends by itself, Unix ms; absent: when somebody resumes spending. */
  readonly until?: number;
}

/** Where all gateways look. Every call rejects when the store is away. */
export interface StopStore {
  /** Undefined when the store remembers nothing at all, not even that nothing is stopped: it is new, or has lost its data. */
  read(): Promise<readonly Stop[] | undefined>;
  put(stops: readonly Stop[]): Promise<void>;
  remove(scope: StopScope): Promise<void>;
  /** What was heard of it before this process began, without asking it; undefined: nothing. Rejects never. */
  recall?(): Promise<readonly Stop[] | undefined>;
}

export function scopeKey(scope: StopScope): string {
  switch (scope.kind) {
    case 'everything':
      return 'everything';
    case 'organisation':
      return `organisation:${encodeURIComponent(scope.org)}`;
    case 'user':
      return `user:${encodeURIComponent(scope.org)}/${encodeURIComponent(scope.user)}`;
  }
}

/** What is stored of a stop, read again; undefined when it is not one. */
export function parseStop(text: string): Stop | undefined {
  try {
    const stop = JSON.parse(text) as Partial<Stop> | null;
    const kind = stop?.scope?.kind;
    const known = kind === 'everything' || kind === 'organisation' || kind === 'user';
    return known && typeof stop?.reason === 'string' && Number.isFinite(stop.at) ? (stop as Stop) : undefined;
  } catch {
    return undefined;
  }
}

/** What this gateway keeps to; it goes on with what it last heard when the store is away. */
export interface StopBoard {
  /** The stop that concerns a request of `principal` at `now`; a look into a map that is empty as a rule. */
  covering(principal: Pick<Principal, 'org' | 'user'>, now: number): Stop | undefined;
  all(now: number): readonly Stop[];
  /** In force here at once, and for all gateways within a second. False: the store is away, and will be told when it is back. */
  stop(stop: Stop): Promise<boolean>;
  /** The same for its end; `found` is false when nothing was stopped there. */
  resume(scope: StopScope): Promise<{ readonly found: boolean; readonly everywhere: boolean }>;
  /** What was stopped when this gateway last ran, in force until the store is heard. To be called once, before `poll`. */
  recall(): Promise<void>;
  /** Reads the store. To be called every second; never rejects. */
  poll(): Promise<void>;
  /** Whether anything is known: from the store, a copy of it, or somebody's word. */
  heard(): boolean;
}

export interface StopBoardOptions {
  readonly store: StopStore;
  readonly onError?: (error: unknown) => void;
  /** Something is stopped that was not, or goes on again. */
  readonly onChange?: (change: { readonly stopped?: Stop; readonly resumed?: Stop }) => void;
  /** What is in force while nothing is known at all: the store may have a stop. Default: nothing is. */
  readonly unheard?: () => Stop | undefined;
}

type Untold = { readonly kind: 'stop'; readonly stop: Stop } | { readonly kind: 'resume'; readonly scope: StopScope };

export function createStopBoard({
  store,
  onError = () => {},
  onChange = () => {},
  unheard = () => undefined,
}: StopBoardOptions): StopBoard {
  let stops = new Map<string, Stop>();
  /** What the store could not be told yet, newest last. */
  const untold = new Map<string, Untold>();
  let polling: Promise<void> | undefined;
  /** How often something was decided here. */
  let decisions = 0;
  let heard = false;

  function replace(next: Map<string, Stop>): void {
    const before = stops;
    stops = next;
    for (const [key, stop] of next) if (!before.has(key)) onChange({ stopped: stop });
    for (const [key, stop] of before) if (!next.has(key)) onChange({ resumed: stop });
  }

  async function tell(key: string, news: Untold): Promise<boolean> {
    try {
      if (news.kind === 'stop') await store.put([news.stop]);
      else await store.remove(news.scope);
      if (untold.get(key) === news) untold.delete(key);
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  async function read(): Promise<void> {
    for (const [key, news] of untold) if (!(await tell(key, news))) return;
    const before = decisions;
    const stored = await store.read();
    heard = true;
    // Something was decided here while the store was answering: that is newer.
    if (decisions !== before) return;
    if (stored === undefined) await store.put([...stops.values()]);
    else replace(new Map(stored.map((stop) => [scopeKey(stop.scope), stop])));
  }

  const inForce = (stop: Stop | undefined, now: number) =>
    stop && (stop.until === undefined || stop.until > now) ? stop : undefined;

  return {
    covering({ org, user }, now) {
      if (!heard) {
        const unknown = unheard();
        if (unknown) return unknown;
      }
      if (stops.size === 0) return undefined;
      return (
        inForce(stops.get('everything'), now) ??
        inForce(stops.get(scopeKey({ kind: 'organisation', org })), now) ??
        inForce(stops.get(scopeKey({ kind: 'user', org, user })), now)
      );
    },
    all(now) {
      const unknown = heard ? undefined : unheard();
      return [...(unknown ? [unknown] : []), ...stops.values()].filter((stop) => inForce(stop, now));
    },
    stop(stop) {
      const key = scopeKey(stop.scope);
      const news: Untold = { kind: 'stop', stop };
      decisions += 1;
      untold.set(key, news);
      replace(new Map(stops).set(key, stop));
      return tell(key, news);
    },
    async resume(scope) {
      const key = scopeKey(scope);
      const news: Untold = { kind: 'resume', scope };
      const found = stops.has(key);
      // Ends what was only feared here; what the store has is not known, and not touched.
      if (!found && !heard && scope.kind === 'everything' && unheard()) {
        heard = true;
        return { found: true, everywhere: false };
      }
      decisions += 1;
      untold.set(key, news);
      const next = new Map(stops);
      next.delete(key);
      replace(next);
      return { found, everywhere: await tell(key, news) };
    },
    async recall() {
      const before = decisions;
      const recalled = await store.recall?.();
      if (recalled === undefined || heard || decisions !== before) return;
      heard = true;
      replace(new Map(recalled.map((stop) => [scopeKey(stop.scope), stop])));
    },
    heard: () => heard,
    poll() {
      polling ??= read()
        .catch(onError)
        .finally(() => (polling = undefined));
      return polling;
    },
  };
}
