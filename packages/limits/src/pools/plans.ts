import { policyHeader } from '../rate-limit-headers.ts';
import type { Ask, BudgetSettings, LimitSettings, Principal } from '../settings.ts';
import type { PoolRule } from '../stores/permit-store.ts';
import type { StoreLine } from '../stores/store-line.ts';
import { type LeasedPool, type PoolKind, createLeasedPool } from './leased-pool.ts';
import { type PlannedPool, planPools } from './pool-plan.ts';

export interface Entry {
  readonly planned: PlannedPool;
  readonly pool: LeasedPool;
  /** What one request takes of it. */
  readonly unit: 'one' | 'tokens' | 'cost';
}

/** The pools of one principal, and what is always the same about them. */
export interface Plan {
  /** What a request is counted in; `thrifty`: one that costs nothing. */
  readonly entries: readonly Entry[];
  readonly thrifty: readonly Entry[];
  readonly budgets: readonly Entry[];
  readonly watches: readonly Entry[];
  /** `RateLimit-Policy`. */
  readonly policy: string;
  /** Unix ms; when its budgets belong to the past. */
  readonly endsAt: number;
  usedAt: number;
}

export interface PlansOptions {
  readonly line: StoreLine;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Unix ms. */
  readonly date: () => number;
}

export interface PlanSettings {
  readonly limits: LimitSettings;
  readonly budgets: BudgetSettings;
}

/** Everybody's pools on this gateway, remembered while they are in use. */
export interface Plans {
  of(principal: Principal, at: number): Plan;
  pool(kind: PoolKind, rule: PoolRule): LeasedPool;
  /** Looks after a fifth of the pools: each has its turn every fifth time. */
  step(at: number): void;
  /** Forgets whom nobody has heard of for a while. */
  sweep(at: number): void;
  reconfigure(settings: PlanSettings): void;
  size(): number;
  close(): Promise<void>;
}

const SLICES = 5;
/** A message to Redis takes about 20 µs of this process: more than so many at once would hold up completions. */
const MAX_EXCHANGES = 64;
/** Asking the store again about what was forgotten costs one of its answers. */
const FORGET_MS = 60_000;

export function createPlans(initial: PlanSettings, { line, now, date }: PlansOptions): Plans {
  const pools = new Map<string, LeasedPool>();
  const plans = new Map<string, Plan>();
  let settings = initial;
  let turn: Iterator<LeasedPool> | undefined;

  function pool(kind: PoolKind, rule: PoolRule): LeasedPool {
    const key = `${kind}\n${rule.slot}\n${rule.name}`;
    const known = pools.get(key);
    if (known) {
      if (known.rule.capacity !== rule.capacity || known.rule.refillPerMs !== rule.refillPerMs) known.setRule(rule);
      return known;
    }
    const fresh = createLeasedPool(kind, rule, line, now);
    pools.set(key, fresh);
    return fresh;
  }

  function makePlan(principal: Principal, at: number, today: number): Plan {
    const planned = planPools(principal, settings.limits, settings.budgets, today);
    const all = planned.map((one): Entry => ({ planned: one, pool: pool(one.kind, one.rule), unit: unitOf(one) }));
    const entries = all.filter((entry) => entry.pool.kind !== 'watch');
    return {
      entries,
      thrifty: entries.filter(({ unit }) => unit === 'one'),
      budgets: entries.filter((entry) => entry.pool.kind === 'budget'),
      watches: all.filter((entry) => entry.pool.kind === 'watch'),
      policy: policyHeader(planned),
      endsAt: Math.min(...planned.map(({ endsAt = Number.POSITIVE_INFINITY }) => endsAt)),
      usedAt: at,
    };
  }

  return {
    of(principal, at) {
      const key = `${principal.org}\n${principal.team}\n${principal.user}\n${principal.keyId}`;
      const known = plans.get(key);
      const today = date();
      if (known && today < known.endsAt) {
        known.usedAt = at;
        return known;
      }
      const plan = makePlan(principal, at, today);
      plans.set(key, plan);
      return plan;
    },
    pool,
    step(at) {
      let exchanges = 0;
      for (let left = Math.ceil(pools.size / SLICES); left > 0 && exchanges < MAX_EXCHANGES; left--) {
        turn ??= pools.values();
        const next = turn.next();
        if (next.done) turn = undefined;
        else if (next.value.tick(at)) exchanges += 1;
      }
    },
    sweep(at) {
      for (const [key, plan] of plans) if (at - plan.usedAt > FORGET_MS) plans.delete(key);
      const planned = new Set<LeasedPool>();
      for (const plan of plans.values()) {
        for (const entry of plan.entries) planned.add(entry.pool);
        for (const entry of plan.watches) planned.add(entry.pool);
      }
      for (const [key, one] of pools) {
        const { idle, usedAt } = one.state();
        if (idle && at - usedAt > 2 * FORGET_MS && !planned.has(one)) pools.delete(key);
      }
    },
    reconfigure(next) {
      settings = next;
      plans.clear();
    },
    size: () => pools.size,
    close: async () => void (await Promise.all([...pools.values()].map((one) => one.close()))),
  };
}

function unitOf({ kind, limit }: PlannedPool): Entry['unit'] {
  return kind === 'budget' || kind === 'watch' ? 'cost' : limit === 'tokensPerMinute' ? 'tokens' : 'one';
}

/** How many permits of that pool a request needs as long as its rule stays: one that is larger than the pool takes all of it. */
export function permitsOf({ unit, pool }: Entry, ask: Ask): number {
  const wished = unit === 'one' ? 1 : unit === 'tokens' ? ask.tokens : ask.cost;
  return Math.min(wished, pool.rule.capacity);
}
