import { type MeasuredEngine, createEngine } from '@ghostline/engine';
import {
  type Endpoint,
  type EndpointHealth,
  createInference,
  createNgramEndpoint,
  createOpenAiEndpoint,
  createParallelCandidates,
} from '@ghostline/inference';
import type { ComponentState } from '@ghostline/protocol';
import type { EndpointSettings, ModelSettings, Settings } from '../config/index.ts';
import { givenOrGenerated } from '../data-dir.ts';
import type { CompletionIds } from '../gateway/completion-id.ts';
import { type Metrics, endpointMetrics, engineMetrics } from '../metrics/index.ts';
import { createEndpoints } from '../models/endpoints.ts';
import { createTokenCounters } from '../models/token-counters.ts';
import { createRedisCache, redisState } from '../redis/redis-cache.ts';
import type { Installation } from './installation.ts';
import type { RedisConnections } from './redis.ts';

type ModelsSettings = Pick<Settings, 'models' | 'safety' | 'cache'>;

/** What answers: the engine, with its cache, over the endpoints of every model. */
export interface Models {
  readonly engine: MeasuredEngine;
  /** Throws when it cannot work under these settings; what it returns takes them over. */
  prepare(settings: ModelsSettings): () => void;
  states(): Record<string, ComponentState>;
  close(): Promise<void>;
}

export interface ModelsOptions {
  readonly settings: ModelsSettings & Pick<Settings, 'region' | 'secrets' | 'dataDir'>;
  readonly redis: Pick<RedisConnections, 'data'>;
  readonly ids: CompletionIds;
  readonly installation: Installation;
  readonly metrics: Metrics;
}

export function createModels({ settings, redis, ids, installation, metrics }: ModelsOptions): Models {
  const endpointsOf = createEndpoints((model, endpoint) => buildEndpoint(model, endpoint, installation));
  const inference = createInference({ region: settings.region, models: endpointsOf(settings.models) });
  const tokenCounters = createTokenCounters(settings.models, installation.worker('tiktoken'));
  const { cacheKey, previousCacheKeys } = settings.secrets;
  const engine = createEngine({
    inference,
    tokenCounters,
    models: settings.models,
    cacheSecret: givenOrGenerated(cacheKey, settings.dataDir, 'cache-key'),
    previousCacheSecrets: previousCacheKeys.map((text) => Buffer.from(text, 'utf8')),
    cache: settings.cache,
    ...(redis.data && { sharedCache: createRedisCache(redis.data) }),
    safety: settings.safety,
    onDecision: ({ action, reason }) => metrics.safety.inc({ action, reason }),
    newCompletionId: ids.create,
    onCacheError: () => metrics.cacheErrors.inc(),
  });
  engineMetrics(metrics, engine);
  endpointMetrics(metrics, inference.health);
  return {
    engine,
    prepare({ models, safety, cache }) {
      const reconfigureEngine = engine.prepare({ models, safety, cache });
      const endpoints = endpointsOf(models);
      return () => {
        inference.replace(endpoints);
        reconfigureEngine();
        tokenCounters.replace(models);
      };
    },
    states: () => ({
      inference: inferenceState(inference.health()),
      ...(redis.data && { redis: redisState(redis.data, engine.stats()) }),
    }),
    async close() {
      await inference.close();
      await tokenCounters.close();
    },
  };
}

export function buildEndpoint(model: ModelSettings, endpoint: EndpointSettings, installation: Installation): Endpoint {
  if (endpoint.kind === 'ngram') return createNgramEndpoint({ ...endpoint, ...installation.worker('ngram') });
  const { secret, candidates, ...rest } = endpoint;
  const asked = createOpenAiEndpoint({
    ...rest,
    template: model.template,
    model: endpoint.model ?? model.name,
    apiKey: secret,
  });
  return candidates === 'parallel' ? createParallelCandidates(asked) : asked;
}

function inferenceState(health: readonly EndpointHealth[]): ComponentState {
  const failing = health.filter(({ state }) => state === 'failing');
  if (failing.length === 0) return { state: 'ok' };
  const detail = failing.map(({ endpoint, lastError }) => `${endpoint}: ${lastError ?? 'failing'}`).join('; ');
  return { state: 'degraded', detail };
}
