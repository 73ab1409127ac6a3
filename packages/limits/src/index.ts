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
export { type MemoryPermitStore, type RememberedPool, createMemoryPermitStore } from './memory-store.ts';
export type { ExchangeReply, ExchangeRequest, PermitStore, PoolRule } from './permit-store.ts';
export { type PlannedPool, moneyPool } from './pool-plan.ts';
export { type PriceList, createPriceList } from './prices.ts';
export type { RateLimitHeaders } from './rate-limit-headers.ts';
export { type BudgetState, readBudgets } from './read-budgets.ts';
export { type RedisScripts, createRedisPermitStore } from './redis-store.ts';
export type { Refusal } from './refusal.ts';
export type { Amounts, Ask, BudgetSettings, LimitSettings, Principal, ScopeLimits, StopRules } from './settings.ts';
export type { Used } from './spending-rules.ts';
export {
  type RedisHash,
  createFileStopMirror,
  createFileStopStore,
  createMirroredStopStore,
  createRedisStopStore,
} from './stop-stores.ts';
export { type Stop, type StopBoard, type StopScope, type StopStore, createStopBoard } from './stops.ts';
