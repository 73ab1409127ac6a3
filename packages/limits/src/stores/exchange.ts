import type { ExchangeReply, ExchangeRequest, PoolRule } from './permit-store.ts';

/** What a store remembers of a pool. `debt` is what was taken and has not come back: an unknown pool is a full one. */
export interface PoolState {
  debt: number;
  /** When the debt was last reckoned, Unix ms. */
  at: number;
  readonly born: string;
  readonly holders: Map<string, Holding>;
}

export interface Holding {
  readonly held: number;
  readonly spent: number;
  /** When what is held goes back, Unix ms. */
  readonly until: number;
}

/**
 * One exchange at `now`, in place; the Redis script does the same. What was held comes back exactly, so leasing in batches
 * grants no more in any stretch of time than taking one by one would have.
 */
export function exchange(state: PoolState, rule: PoolRule, request: ExchangeRequest, now: number): ExchangeReply {
  const { capacity, refillPerMs } = rule;
  const { holder, held, spent, known, born, want, need, keep } = request;
  const own = state.holders.get(holder);
  let debt = Math.max(0, state.debt - Math.max(0, now - state.at) * refillPerMs);
  for (const [name, holding] of state.holders) {
    if (holding.until > now) continue;
    debt -= holding.held;
    state.holders.delete(name);
  }
  const before = own && own.until > now ? own.held : 0;
  const counted = own?.spent ?? (born !== '' && born !== state.born ? 0 : known);
  debt = Math.max(0, debt + (held - before) + (spent - counted));
  const granted = Math.max(0, Math.min(want, Math.floor(capacity - debt - keep)));
  debt += granted;
  state.debt = debt;
  state.at = now;
  state.holders.set(holder, { held: held + granted, spent, until: now + rule.holdMs });
  let heldByAll = 0;
  for (const holding of state.holders.values()) heldByAll += holding.held;
  const missing = need - granted + keep - (capacity - debt);
  const waitMs = granted >= need ? 0 : refillPerMs > 0 ? Math.max(1, Math.ceil(missing / refillPerMs)) : -1;
  return { granted, available: Math.floor(capacity - debt), waitMs, heldByAll, born: state.born };
}
