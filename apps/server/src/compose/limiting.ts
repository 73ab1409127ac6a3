import { setTimeout as wait } from 'node:timers/promises';
import {
  type Limiter,
  type LimiterSettings,
  type PermitStore,
  type StopBoard,
  createLimiter,
  createMemoryPermitStore,
  createPriceList,
  createRedisPermitStore,
  createStopBoard,
} from '@ghostline/limits';
import type { ComponentState } from '@ghostline/protocol';
import type { Logger } from 'pino';
import type { Settings } from '../config/index.ts';
import { type Gate, type Pricing, createGate } from '../limits/gate.ts';
import { openKeptCounts } from '../limits/kept-counts.ts';
import { limitMetrics, limiterGauges } from '../limits/limit-metrics.ts';
import type { Metrics } from '../metrics/index.ts';
import type { RedisConnections } from './redis.ts';
import { openStops, unheardStop } from './stops.ts';

/** Everything that decides whether a request is served, and what it may cost. */
export interface Limiting {
  readonly gate: Gate;
  /** For telemetry batches: in this process alone, as they cost nothing but its time. */
  readonly intake: Limiter;
  readonly stops: StopBoard;
  readonly store: PermitStore;
  /** What takes other settings over; what was counted stays counted. */
  prepare(settings: Pick<Settings, 'limiting' | 'models'>): () => void;
  state(): ComponentState;
  close(): Promise<void>;
}

const FOLLOW_MS = 1_000;
/** A start waits as long for Redis; then it goes on without. */
const REDIS_AT_START_MS = 1_000;

export interface LimitingOptions {
  readonly settings: Pick<Settings, 'limiting' | 'models' | 'dataDir' | 'roles'>;
  /** Without it: limits of this process, remembered in its data directory. */
  readonly redis: Pick<RedisConnections, 'limits' | 'tried'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Resolves when it is known what is stopped, before anything is spent: from Redis, or else from what was heard of it last. */
export async function openLimiting({ settings, redis, metrics, log }: LimitingOptions): Promise<Limiting> {
  const { limiting, models, dataDir, roles } = settings;
  const { limits: shared } = redis;
  const kept = shared
    ? undefined
    : openKeptCounts(dataDir, (error) => log.warn({ reason: String(error) }, 'what was spent cannot be kept'));
  const store = shared ? createRedisPermitStore(shared) : kept!.store;
  let isPriced = hasPrice(models);
  const stops = await openStops({ dataDir, redis: shared, isPriced: () => isPriced, log });
  const counts = limitMetrics(metrics);
  const limiter = createLimiter({
    store,
    stops,
    settings: limiting,
    onWait: counts.waited,
    onStoreChange(reason) {
      if (reason === undefined) log.info('limits are shared again');
      else log.warn({ reason }, 'limits are kept by each gateway for its share: their store does not answer');
    },
    onBudget({ kind, pool: { scope, owner, limit } }) {
      log.warn(
        { scope, owner, period: limit },
        kind === 'budget-low' ? 'a budget is being saved' : 'a budget is spent',
      );
    },
  });
  // A process that serves no completions has no share in their limits, and only follows what is stopped.
  const following = roles.has('gateway') ? undefined : setInterval(() => void stops.poll(), FOLLOW_MS).unref();
  limiterGauges(metrics, limiter, stops);
  let pricing = pricingOf(models);
  const intake = createLimiter({
    store: createMemoryPermitStore(),
    stops: createStopBoard({ store: { read: async () => [], put: async () => {}, remove: async () => {} } }),
    settings: intakeSettings(limiting),
  });
  intake.start();
  const heard = redis.tried().then(() => stops.poll());
  await Promise.race([heard, wait(REDIS_AT_START_MS, undefined, { ref: false })]);
  // Not before: of a Redis that is being connected to it would say that it is away.
  if (!following) limiter.start();
  return {
    gate: createGate({ limiter, pricing: () => pricing, metrics: counts }),
    intake,
    stops,
    store,
    prepare(next) {
      const nextPricing = pricingOf(next.models);
      return () => {
        pricing = nextPricing;
        isPriced = hasPrice(next.models);
        limiter.reconfigure(next.limiting);
        intake.reconfigure(intakeSettings(next.limiting));
      };
    },
    state() {
      if (isPriced && !stops.heard()) return { state: 'degraded', detail: unheardStop(shared !== undefined).reason };
      if (!limiter.state().away) return { state: 'ok' };
      const detail =
        'The store of limits does not answer: each gateway keeps to its share of them, and budgets spend what was leased only';
      return { state: 'degraded', detail };
    },
    async close() {
      clearInterval(following);
      await Promise.all([limiter.close(), intake.close()]);
      kept?.close();
    },
  };
}

function hasPrice(models: Settings['models']): boolean {
  return models.some(({ price }) => price !== undefined);
}

function intakeSettings({ intakePerMinute }: Settings['limiting']): LimiterSettings {
  return { limits: { perKey: { requestsPerMinute: intakePerMinute } }, budgets: {}, stopWhen: {} };
}

function pricingOf(models: Settings['models']): Pricing {
  const prices = createPriceList(
    models.map(({ name, price, endpoints }) => ({
      name,
      price,
      freeEndpoints: endpoints.filter(({ kind }) => kind === 'ngram').map((endpoint) => endpoint.name),
    })),
  );
  return { prices, contextTokens: Math.max(...models.map(({ contextTokens }) => contextTokens)) };
}
