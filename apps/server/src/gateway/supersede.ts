import type { CompletionRequest } from '@ghostline/protocol';

/** The abort reason of a request that a newer keystroke of its session replaced. */
export const SUPERSEDED = Symbol('superseded');

interface Active {
  readonly sequence: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly abort: () => void;
}

/**
 * How long a session that asks nothing is remembered: as long as a request may be on its way. Longer would harm an editor that
 * begins to count anew under the same name.
 */
const REMEMBERED_MS = 10_000;
/** Each takes some 300 bytes; forgetting one means only that a late request of it is answered. */
const MAX_REMEMBERED = 10_000;
const REMEMBERED_AFTER_SWEEP = 9_000;
const SWEEP_EVERY_MS = 1_000;

/**
 * Ends older requests of an editor session when a newer incompatible one comes, as some proxies hide that the client closed
 * its connection. `enter` returns what to call when the request is over, or undefined when it is itself already too old: also
 * when it was overtaken on its way by one that has been answered since.
 */
export function createSupersede(now: () => number = () => performance.now()) {
  const sessions = new Map<string, { newest: number; active: Set<Active> }>();
  /** Sessions without a request under way, in the order in which they are forgotten. */
  const idle = new Map<string, { readonly newest: number; readonly until: number }>();
  let sweepAt = 0;

  /** Now and then, and many at a time: the beginning of a map is found the slower the more has gone from there. */
  function forgetOld(): void {
    const at = now();
    if (at < sweepAt && idle.size <= MAX_REMEMBERED) return;
    sweepAt = at + SWEEP_EVERY_MS;
    for (const [key, { until }] of idle) {
      if (until > at && idle.size <= REMEMBERED_AFTER_SWEEP) return;
      idle.delete(key);
    }
  }

  function open(key: string) {
    const known = sessions.get(key);
    if (known) return known;
    const remembered = idle.get(key);
    const newest = remembered && remembered.until > now() ? remembered.newest : -1;
    return { newest, active: new Set<Active>() };
  }

  return {
    /** How many sessions are known. */
    size: () => sessions.size + idle.size,
    enter(owner: string, request: CompletionRequest, abort: () => void): (() => void) | undefined {
      const { session_id, sequence, prefix, suffix, trigger, resume } = request;
      if (session_id === undefined || sequence === undefined) return () => {};
      const key = `${owner}\n${session_id}`;
      const session = open(key);
      if (sequence < session.newest) return undefined;
      sessions.set(key, session);
      idle.delete(key);
      // A speculative request is about text that is not there yet, and a resumed one is older than its number says: they
      // replace nothing.
      if (trigger !== 'speculative' && !resume) {
        session.newest = sequence;
        for (const older of session.active) {
          const typedAlong = prefix.startsWith(older.prefix) && suffix === older.suffix;
          if (older.sequence < sequence && !typedAlong) older.abort();
        }
      }
      const own = { sequence, prefix, suffix, abort };
      session.active.add(own);
      return () => {
        session.active.delete(own);
        if (session.active.size > 0 || sessions.get(key) !== session) return;
        sessions.delete(key);
        idle.set(key, { newest: session.newest, until: now() + REMEMBERED_MS });
        forgetOld();
      };
    },
  };
}
