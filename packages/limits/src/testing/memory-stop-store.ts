import { type Stop, type StopStore, scopeKey } from '../spending/stops.ts';

/** Stops that several boards of one test share. */
export function createMemoryStopStore(): StopStore {
  let stops: Map<string, Stop> | undefined;
  return {
    read: async () => stops && [...stops.values()],
    async put(added) {
      stops ??= new Map();
      for (const stop of added) stops.set(scopeKey(stop.scope), stop);
    },
    remove: async (scope) => void stops?.delete(scopeKey(scope)),
  };
}
