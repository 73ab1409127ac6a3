import path from 'node:path';
import {
  type Limiter,
  type LimiterSettings,
  type PermitStore,
  type RedisHash,
  type RedisScripts,
  type Stop,
  type StopBoard,
  createFileStopMirror,
  createFileStopStore,
  createLimiter,
  createMemoryPermitStore,
  createMirroredStopStore,
  createPriceList,
  createRedisPermitStore,
  createRedisStopStore,
  createStopBoard,
} from '@ghostline/limits';
import type { ComponentState } from '@ghostline/protocol';
import type { Logger } from 'pino';
import type { Settings } from '../config/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { type Gate, type Pricing, createGate } from '../limits/gate.ts';
import { openKeptCounts } from '../limits/kept-counts.ts';
import { limitMetrics, limiterGauges } from '../limits/limit-metrics.ts';

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

export interface LimitingOptions {
  readonly settings: Pick<Settings, 'limiting' | 'models' | 'dataDir' | 'roles'>;
  /** Absent: limits of this process, remembered in its data directory. */
  readonly redis: (RedisScripts & RedisHash) | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function createLimiting({ settings, redis, metrics, log }: LimitingOptions): Limiting {
  const { limiting, models, dataDir, roles } = settings;
  const kept = redis
    ? undefined
    : openKeptCounts(dataDir, (error) => log.warn({ reason: String(error) }, 'what was spent cannot be kept'));
  const store = redis ? createRedisPermitStore(redis) : kept!.store;
  let said: string | undefined;
  let isPriced = hasPrice(models);
  const unheard: Stop = { ...UNHEARD, at: Date.now() };
  const stopsFile = path.join(dataDir, 'spending-stops.json');
  const stops = createStopBoard({
    store: redis
      ? createMirroredStopStore(createRedisStopStore(redis), createFileStopMirror(stopsFile))
      : createFileStopStore(stopsFile),
    onError(error) {
      const reason = String(error);
      if (reason !== said) log.warn({ reason }, 'what is stopped stays as it is: its store does not answer');
      said = reason;
    },
    // Where nothing has a price, nothing is spent that a stop would save.
    unheard: () => (redis && isPriced ? unheard : undefined),
    onChange({ stopped, resumed }) {
      const stop = stopped ?? resumed;
      if (stop)
        log.warn(
          { scope: stop.scope, by: stop.by, reason: stop.reason },
          stopped ? 'spending is stopped' : 'spending goes on',
        );
    },
  });
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
  if (!following) limiter.start();
  limiterGauges(metrics, limiter, stops);
  let pricing = pricingOf(models);
  const intake = createLimiter({
    store: createMemoryPermitStore(),
    stops: createStopBoard({ store: { read: async () => [], put: async () => {}, remove: async () => {} } }),
    settings: intakeSettings(limiting),
  });
  intake.start();
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
      if (redis && isPriced && !stops.heard()) return { state: 'degraded', detail: UNHEARD.reason };
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

/** In force on a gateway that never heard what is stopped: it has leased nothing, and so spends nothing. */
const UNHEARD: Omit<Stop, 'at'> = {
  scope: { kind: 'everything' },
  reason:
    'Redis does not answer, and this gateway has not heard yet what is stopped: it spends nothing until it has. Resume spending here to go on without.',
  by: 'rule',
};

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
