import { type PlannedPool, moneyPool, planPools } from '../pools/pool-plan.ts';
import type { BudgetSettings, Principal, Scope } from '../settings.ts';
import type { PermitStore, PoolRule } from '../stores/permit-store.ts';
import { type PeriodSpan, forecast, periodAt } from './periods.ts';

/** Money in millionths of the currency. */
export interface BudgetState {
  readonly scope: Exclude<Scope, 'key'>;
  readonly owner: string;
  readonly period: 'day' | 'month';
  /** Undefined where spending is only counted. */
  readonly budget: number | undefined;
  readonly spent: number;
  /** At the end of the period, if it goes on as in the last 24 hours. */
  readonly forecast: number;
  /** Unix ms. */
  readonly endsAt: number;
}

const DAY_MS = 86_400_000;

/** How the budgets of a principal stand at `now` (Unix ms). Rejects when the store is away, or when `signal` aborts. */
export async function readBudgets(
  store: PermitStore,
  { budgets, principal, now }: { budgets: BudgetSettings; principal: Principal; now: number },
  signal: AbortSignal,
): Promise<BudgetState[]> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  const pools = planPools(principal, {}, budgets, now);
  return Promise.race([Promise.all(pools.map((pool) => read(pool))), aborted]);

  async function read({ scope, owner, limit, kind, amount, rule, endsAt = now }: PlannedPool): Promise<BudgetState> {
    const period = limit === 'month' ? 'month' : 'day';
    const where = { scope, owner, slot: rule.slot };
    const day = (at: number) => spentOf(moneyPool(where, 'day', 0, at).rule);
    const [spent, today, yesterday] = await Promise.all([spentOf(rule), day(now), day(now - DAY_MS)]);
    const span: PeriodSpan = { ...periodAt(period, now), endsAt };
    return {
      scope: scope as BudgetState['scope'],
      owner,
      period,
      budget: kind === 'watch' ? undefined : amount,
      spent,
      forecast: forecast({ span, spent, today, yesterday }, now),
      endsAt,
    };
  }

  /** An exchange of nothing, which changes nothing. */
  async function spentOf(rule: PoolRule): Promise<number> {
    const nothing = { held: 0, spent: 0, known: 0, born: '', want: 0, need: 0, keep: 0 };
    const { available, heldByAll } = await store.exchange(rule, { ...nothing, holder: 'report' });
    return Math.max(0, rule.capacity - available - heldByAll);
  }
}
