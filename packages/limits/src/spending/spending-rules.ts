import type { LeasedPool } from '../pools/leased-pool.ts';
import type { Plans } from '../pools/plans.ts';
import { moneyPool } from '../pools/pool-plan.ts';
import type { Principal, StopRules } from '../settings.ts';
import { MICRO } from './money.ts';
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
  /**
   * Looks whether a rule is broken. To be called a few times a second, with what stops everybody now: a rule whose stop somebody
   * resumed does not stop again in that period, by no gateway that heard of both.
   */
  check(everybody: Stop | undefined): void;
  /** Other rules from now on; what is known of users stays known. */
  follow(rules: StopRules): void;
}

export interface SpendingRulesOptions {
  readonly rules: StopRules;
  readonly pool: Plans['pool'];
  readonly stop: (stop: Stop) => void;
  /** Unix ms. */
  readonly date: () => number;
}

interface Guard {
  readonly amount: number;
  /** Asked for each time: pools that nobody used for minutes are forgotten, and another one counts on. */
  pool: LeasedPool;
  readonly endsAt: number;
  readonly reason: string;
  tripped: boolean;
}

const EVERYTHING = { scope: 'everything', owner: '', slot: 'everything' } as const;
/** What gateways report late still belongs to its period. */
const AFTERWARDS_MS = 60_000;

export function createSpendingRules(options: SpendingRulesOptions): SpendingRules {
  const { pool, stop, date } = options;
  let { rules } = options;
  const guards = new Map<string, Guard>();
  const habits = createUserHabits();
  let stoppedBy: Stop | undefined;

  function guard(period: 'minute' | 'hour', amount: number, today: number): Guard {
    const { rule, endsAt } = moneyPool(EVERYTHING, period, Math.round(amount * MICRO), today);
    const known = guards.get(rule.name);
    if (known?.amount === amount) {
      known.pool = pool('watch', rule);
      return known;
    }
    const fresh = { amount, pool: pool('watch', rule), endsAt, reason: reasonOf(period, amount), tripped: false };
    guards.set(rule.name, fresh);
    return fresh;
  }

  function limits(): readonly (readonly ['minute' | 'hour', number])[] {
    const { perMinute, perHour } = rules;
    return [
      ...(perMinute === undefined ? [] : [['minute', perMinute] as const]),
      ...(perHour === undefined ? [] : [['hour', perHour] as const]),
    ];
  }

  return {
    spent({ org, user }, { tokens, cost }, at) {
      const { perMinute, perHour, unusualUser } = rules;
      const today = date();
      if (cost > 0 && perMinute !== undefined) guard('minute', perMinute, today).pool.count(cost, at);
      if (cost > 0 && perHour !== undefined) guard('hour', perHour, today).pool.count(cost, at);
      if (!unusualUser) return;
      const unusual = habits.took(`${org}\n${user}`, tokens, today, unusualUser);
      if (unusual === undefined) return;
      const reason = `${unusual} tokens within five minutes are far from what this user takes as a rule (spending.stopWhen.unusualUser).`;
      const until = today + stopMinutes(unusualUser) * 60_000;
      stop({ scope: { kind: 'user', org, user }, reason, by: 'rule', at: today, until });
    },
    check(everybody) {
      const resumed = everybody ? undefined : stoppedBy;
      stoppedBy = everybody;
      if (resumed?.by === 'rule') {
        for (const [period, amount] of limits())
          if (resumed.reason === reasonOf(period, amount)) guard(period, amount, resumed.at).tripped = true;
      }
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
    follow(next) {
      rules = next;
      const reasons = new Set(limits().map(([period, amount]) => reasonOf(period, amount)));
      for (const [name, { reason }] of guards) if (!reasons.has(reason)) guards.delete(name);
    },
  };
}

function reasonOf(period: 'minute' | 'hour', amount: number): string {
  const field = period === 'minute' ? 'perMinute' : 'perHour';
  return `More than ${amount} was spent within one ${period} (spending.stopWhen.${field}).`;
}
