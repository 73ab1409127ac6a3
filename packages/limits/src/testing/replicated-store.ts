import { type PoolState, exchange } from '../stores/exchange.ts';
import { GATEWAY_GONE_MS, type PermitStore } from '../stores/permit-store.ts';

/** A store with a replica that hears of everything later. */
export interface ReplicatedStore extends PermitStore {
  /** From now on it takes no writes. */
  demote(): void;
  /** The replica takes over, with what it had heard `lagMs` after it was written. */
  promote(lagMs: number): void;
}

interface Contents {
  readonly pools: Map<string, PoolState>;
  readonly gateways: Map<string, number>;
}

/** `now`: Unix ms. */
export function createReplicatedStore(now: () => number): ReplicatedStore {
  let contents: Contents = { pools: new Map(), gateways: new Map() };
  let demotedAt: number | undefined;
  /** What it held after each write. */
  const history: { readonly at: number; readonly contents: Contents }[] = [];

  function write<T>(change: (at: number) => T): T {
    if (demotedAt !== undefined) throw new Error("READONLY You can't write against a read only replica.");
    const at = now();
    const answer = change(at);
    history.push({ at, contents: structuredClone(contents) });
    return answer;
  }

  return {
    exchange: (rule, request) =>
      write((at) => {
        const key = `${rule.slot}\n${rule.name}`;
        const known = contents.pools.get(key);
        const pool = known ?? { debt: 0, at, born: String(at), holders: new Map() };
        contents.pools.set(key, pool);
        return exchange(pool, rule, request, at);
      }),
    beat: (holder) =>
      write((at) => {
        contents.gateways.set(holder, at);
        for (const [name, seen] of contents.gateways) if (at - seen > GATEWAY_GONE_MS) contents.gateways.delete(name);
        return contents.gateways.size;
      }),
    demote: () => (demotedAt = now()),
    promote(lagMs) {
      const heard = history.findLast(({ at }) => at <= (demotedAt ?? now()) - lagMs);
      contents = structuredClone(heard?.contents ?? { pools: new Map(), gateways: new Map() });
      demotedAt = undefined;
    },
  };
}
