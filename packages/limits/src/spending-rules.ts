import type { LeasedPool } from './leased-pool.ts';
import { moneyPool } from './pool-plan.ts';
import type { Plans } from './plans.ts';
import type { Principal, StopRules } from './settings.ts';
import type { Stop } from './stops.ts';
import { createUserHabits, stopMinutes } from './unusual-use.ts';

export interface Used {
  readonly tokens: number;
  /** Millionths of the currency. */
  readonly cost: number;
}

/** The rules by which spending stops by itself. */
export interface SpendingRules {
  /** A completion ended at `at` (of the clock that never goes back) and used that. */
  spent(principal: Principal, used: Used, at: number): void;
  /** Looks whether a rule is broken. To be called a few times a second. */
  check(): void;
}

export interface SpendingRulesOptions {
  readonly rules: StopRules;
  readonly pool: Plans['pool'];
  readonly stop: (stop: Stop) => void;
  /** Unix ms. */
  readonly date: () => number;
}

interface Guard {
  readonly pool: LeasedPool;
  readonly endsAt: number;
  readonly reason: string;
  tripped: boolean;
}

const MICRO = 1_000_000;
const EVERYTHING = { scope: 'everything', owner: '', slot: 'everything' } as const;
/** What gateways report late still belongs to its period. */
const AFTERWARDS_MS = 60_000;

export function createSpendingRules({ rules, pool, stop, date }: SpendingRulesOptions): SpendingRules {
  const { perMinute, perHour, unusualUser } = rules;
  const guards = new Map<string, Guard>();
  const habits = unusualUser && createUserHabits(unusualUser);

  function guard(period: 'minute' | 'hour', amount: number, today: number): Guard {
    const { rule, endsAt } = moneyPool(EVERYTHING, period, Math.round(amount * MICRO), today);
    const known = guards.get(rule.name);
    if (known) return known;
    const field = period === 'minute' ? 'perMinute' : 'perHour';
    const reason = `More than ${amount} was spent within one ${period} (spending.stopWhen.${field}).`;
    const fresh = { pool: pool('watch', rule), endsAt, reason, tripped: false };
    guards.set(rule.name, fresh);
    return fresh;
  }

  return {
    spent({ org, user }, { tokens, cost }, at) {
      const today = date();
      if (cost > 0 && perMinute !== undefined) guard('minute', perMinute, today).pool.count(cost, at);
      if (cost > 0 && perHour !== undefined) guard('hour', perHour, today).pool.count(cost, at);
      if (!habits || !unusualUser) return;
      const unusual = habits.took(`${org}\n${user}`, tokens, today);
      if (unusual === undefined) return;
      const reason = `${unusual} tokens within five minutes are far from what this user takes as a rule (spending.stopWhen.unusualUser).`;
      const until = today + stopMinutes(unusualUser) * 60_000;
      stop({ scope: { kind: 'user', org, user }, reason, by: 'rule', at: today, until });
    },
    check() {
      if (guards.size === 0) return;
      const today = date();
      for (const [name, one] of guards) {
        const { available, unreported } = one.pool.state();
        if (!one.tripped && available < unreported) {
          one.tripped = true;
          stop({ scope: { kind: 'everything' }, reason: one.reason, by: 'rule', at: today });
        }
        if (one.endsAt + AFTERWARDS_MS < today) guards.delete(name);
      }
    },
  };
}
