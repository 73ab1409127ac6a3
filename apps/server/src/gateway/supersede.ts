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
 * Ends older requests of an editor session when a newer incompatible one comes, as some proxies hide that the client closed
 * its connection. `enter` returns what to call when the request is over, or undefined when it is itself already too old.
 */
export function createSupersede() {
  const sessions = new Map<string, { newest: number; active: Set<Active> }>();
  return {
    enter(owner: string, request: CompletionRequest, abort: () => void): (() => void) | undefined {
      const { session_id, sequence, prefix, suffix, trigger, resume } = request;
      if (session_id === undefined || sequence === undefined) return () => {};
      const key = `${owner}\n${session_id}`;
      const session = sessions.get(key) ?? { newest: -1, active: new Set() };
      if (sequence < session.newest) return undefined;
      sessions.set(key, session);
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
        if (session.active.size === 0) sessions.delete(key);
      };
    },
  };
}
