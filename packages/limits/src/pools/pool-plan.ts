import {
  type Amounts,
  type BudgetSettings,
  LIMIT_NAMES,
  type LimitName,
  type LimitSettings,
  type Principal,
  SCOPES,
  SCOPE_FIELDS,
  type Scope,
} from '../settings.ts';
import { MICRO } from '../spending/money.ts';
import { type Period, REMEMBERED_MS, periodAt } from '../spending/periods.ts';
import type { PoolRule } from '../stores/permit-store.ts';
import type { PoolKind } from './leased-pool.ts';

/** A pool that a principal's requests count in, and what to call it. */
export interface PlannedPool {
  readonly kind: PoolKind;
  readonly limit: LimitName | 'day' | 'month';
  readonly scope: Scope;
  /** Whose it is: the name of the key, user, team or organisation; empty for everything. */
  readonly owner: string;
  /** As configured: per minute, at a time, or millionths of the currency. */
  readonly amount: number;
  readonly rule: PoolRule;
  /** When the pool gives way to the next period's, Unix ms. */
  readonly endsAt?: number;
}

/** Bursts of a tenth of a minute for requests; a quarter for tokens, as a single request takes thousands. */
const BURST_SHARE = { requestsPerMinute: 1 / 10, tokensPerMinute: 1 / 4 } as const;
/** A gateway that was not heard of for so long does not come back soon: ten times the interval of its word about a pool. */
const RATE_HOLD_MS = 10_000;
/** Longer than any completion: waiting for the first token and streaming end after ten seconds together. */
const STREAM_HOLD_MS = 30_000;
/** While the store is away gateways spend what they hold; so long, at most, and then nothing. */
const BUDGET_HOLD_MS = 600_000;
/** More money than any model costs, and exact in a double. */
const UNLIMITED = 2 ** 50;

/** The pools of a principal's requests, narrowest scope first; budgets as of `now` (Unix ms). */
export function planPools(
  principal: Principal,
  limits: LimitSettings,
  budgets: BudgetSettings,
  now: number,
): PlannedPool[] {
  return SCOPES.flatMap((scope) => {
    const owner = ownerOf(scope, principal);
    const where = { scope, owner, slot: scope === 'everything' ? 'everything' : principal.org };
    const field = SCOPE_FIELDS[scope];
    const special = field === 'everything' ? undefined : limits.organisations?.[principal.org]?.[field];
    const ratesAndStreams = LIMIT_NAMES.flatMap((limit) => {
      const amount = special?.[limit] ?? limits[field]?.[limit];
      return amount === undefined ? [] : [limitPool(where, limit, amount)];
    });
    return ratesAndStreams.concat(planBudgets(where, budgets, principal.org, now));
  });
}

interface Where {
  readonly scope: Scope;
  readonly owner: string;
  readonly slot: string;
}

function limitPool({ scope, owner, slot }: Where, limit: LimitName, amount: number): PlannedPool {
  const name = `${limit}:${scope}:${encodeURIComponent(owner)}`;
  if (limit === 'concurrentStreams') {
    const rule = { slot, name, capacity: amount, refillPerMs: 0, holdMs: STREAM_HOLD_MS };
    return { kind: 'streams', limit, scope, owner, amount, rule };
  }
  const capacity = Math.max(1, Math.ceil(amount * BURST_SHARE[limit]));
  const rule = { slot, name, capacity, refillPerMs: amount / 60_000, holdMs: RATE_HOLD_MS };
  return { kind: 'rate', limit, scope, owner, amount, rule };
}

/** With a budget for the month alone each day is still counted, for the forecast. */
function planBudgets(where: Where, budgets: BudgetSettings, org: string, now: number): PlannedPool[] {
  const amounts = amountsOf(where.scope, budgets, org);
  if (amounts?.day === undefined && amounts?.month === undefined) return [];
  const day = budgetPool(where, 'day', amounts.day, now);
  return amounts.month === undefined ? [day] : [day, budgetPool(where, 'month', amounts.month, now)];
}

function amountsOf(scope: Scope, budgets: BudgetSettings, org: string): Amounts | undefined {
  const field = SCOPE_FIELDS[scope];
  if (field === 'perKey') return undefined;
  if (field === 'everything') return budgets.everything;
  return { ...budgets[field], ...budgets.organisations?.[org]?.[field] };
}

function budgetPool(where: Where, limit: 'day' | 'month', amount: number | undefined, now: number): PlannedPool {
  const capacity = amount === undefined ? UNLIMITED : Math.round(amount * MICRO);
  const { rule, endsAt } = moneyPool(where, limit, capacity, now);
  const { scope, owner } = where;
  return { kind: amount === undefined ? 'watch' : 'budget', limit, scope, owner, amount: capacity, rule, endsAt };
}

/** A pool of millionths for the period of that kind that `now` lies in. */
export function moneyPool(
  { scope, owner, slot }: Where,
  period: Period,
  capacity: number,
  now: number,
): { readonly rule: PoolRule; readonly endsAt: number } {
  const { id, endsAt } = periodAt(period, now);
  const name = `money:${period}:${id}:${scope}:${encodeURIComponent(owner)}`;
  const rememberUntil = endsAt + REMEMBERED_MS;
  return { rule: { slot, name, capacity, refillPerMs: 0, holdMs: BUDGET_HOLD_MS, rememberUntil }, endsAt };
}

function ownerOf(scope: Scope, { keyId, user, team, org }: Principal): string {
  switch (scope) {
    case 'key':
      return keyId;
    case 'user':
      return user;
    case 'team':
      return team;
    case 'organisation':
      return org;
    case 'everything':
      return '';
  }
}
