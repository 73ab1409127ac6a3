import { type PoolState, exchange } from './exchange.ts';
import {
  type ExchangeReply,
  type ExchangeRequest,
  GATEWAY_GONE_MS,
  type PermitStore,
  type PoolRule,
} from './permit-store.ts';

export interface MemoryPermitStoreOptions {
  /** Unix time in ms. */
  readonly now?: () => number;
  /** What `remembered` gave before a restart. Anything unreadable in it is left out. */
  readonly remembered?: unknown;
}

export interface MemoryPermitStore extends PermitStore {
  exchange(rule: PoolRule, request: ExchangeRequest): ExchangeReply;
  beat(holder: string): number;
  /** What must outlive the process, as JSON: what was spent of pools that do not refill. */
  remembered(): RememberedPool[];
}

export interface RememberedPool {
  readonly key: string;
  readonly spent: number;
  readonly until: number;
}

/** Looked at for pools that say nothing any more whenever as many exchanges were made. */
const SWEEP_EVERY = 10_000;

/** Pools in this process, for a gateway of its own. */
export function createMemoryPermitStore(options: MemoryPermitStoreOptions = {}): MemoryPermitStore {
  const { now = Date.now } = options;
  const pools = new Map<string, { readonly state: PoolState; rule: PoolRule }>();
  const gateways = new Map<string, number>();
  const restored = new Map(readRemembered(options.remembered).map((pool) => [pool.key, pool]));
  let lives = 0;
  let exchanges = 0;

  function poolAt(rule: PoolRule, at: number) {
    const key = keyOf(rule);
    const known = pools.get(key);
    if (known) {
      known.rule = rule;
      return known.state;
    }
    const debt = restored.get(key)?.spent ?? 0;
    const state: PoolState = { debt, at, born: `${at}-${(lives += 1)}`, holders: new Map() };
    pools.set(key, { state, rule });
    restored.delete(key);
    return state;
  }

  function sweep(at: number): void {
    for (const [key, { state, rule }] of pools) {
      const settled = state.debt - (at - state.at) * rule.refillPerMs <= 0;
      const over = rule.rememberUntil === undefined ? settled : rule.rememberUntil < at;
      if (over && [...state.holders.values()].every(({ until }) => until <= at)) pools.delete(key);
    }
  }

  return {
    exchange(rule, request) {
      const at = now();
      exchanges += 1;
      if (exchanges % SWEEP_EVERY === 0) sweep(at);
      return exchange(poolAt(rule, at), rule, request, at);
    },
    beat(holder) {
      const at = now();
      gateways.set(holder, at);
      for (const [name, seen] of gateways) if (at - seen > GATEWAY_GONE_MS) gateways.delete(name);
      return gateways.size;
    },
    remembered() {
      const at = now();
      const live = [...pools].flatMap(([key, { state, rule }]) => {
        if (rule.rememberUntil === undefined || rule.rememberUntil < at) return [];
        let held = 0;
        for (const holding of state.holders.values()) held += holding.held;
        return [{ key, spent: Math.max(0, state.debt - held), until: rule.rememberUntil }];
      });
      return [...restored.values(), ...live];
    },
  };

  function readRemembered(value: unknown): RememberedPool[] {
    if (!Array.isArray(value)) return [];
    return value.filter(
      (pool: Partial<RememberedPool> | null): pool is RememberedPool =>
        typeof pool?.key === 'string' && Number.isFinite(pool.spent) && Number(pool.until) > now(),
    );
  }
}

function keyOf({ slot, name }: PoolRule): string {
  return `${slot}\n${name}`;
}
