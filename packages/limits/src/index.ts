export {
  type Admission,
  type Limiter,
  type LimiterOptions,
  type LimiterSettings,
  type Refused,
  type Saving,
  type Spend,
  type Ticket,
  createLimiter,
} from './limiter.ts';
export { type MemoryPermitStore, type RememberedPool, createMemoryPermitStore } from './stores/memory-store.ts';
export type { ExchangeReply, ExchangeRequest, PermitStore, PoolRule } from './stores/permit-store.ts';
export { type PlannedPool, moneyPool } from './pools/pool-plan.ts';
export { MICRO } from './spending/money.ts';
export { type PriceList, createPriceList } from './spending/prices.ts';
export type { RateLimitHeaders } from './rate-limit-headers.ts';
export { type BudgetState, readBudgets } from './spending/read-budgets.ts';
export { type RedisScripts, createRedisPermitStore } from './stores/redis-store.ts';
export type { Refusal } from './refusal.ts';
export type { Amounts, Ask, BudgetSettings, LimitSettings, Principal, ScopeLimits, StopRules } from './settings.ts';
export type { Used } from './spending/spending-rules.ts';
export {
  type RedisHash,
  createFileStopMirror,
  createFileStopStore,
  createMirroredStopStore,
  createRedisStopStore,
} from './spending/stop-stores.ts';
export { type Stop, type StopBoard, type StopScope, type StopStore, createStopBoard } from './spending/stops.ts';
