import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * Everything under `/metrics`. Labels are closed sets (models, endpoints and regions are configured, the rest are enums), so
 * that the number of series does not grow with users.
 */
export function createMetrics() {
  const registry = new Registry();
  // Under their usual names, `process_…` and `nodejs_…`: existing dashboards for Node know those.
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    completions: new Counter({
      name: 'ghostline_completions_total',
      help: 'Completion requests by what became of them',
      labelNames: ['model', 'outcome', 'cache'] as const,
      registers,
    }),
    firstToken: new Histogram({
      name: 'ghostline_first_token_seconds',
      help: 'From the whole request being read to the first token being sent',
      labelNames: ['model', 'cache'] as const,
      // The promise is 300 ms; below it finer, above it only how bad.
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
      registers,
    }),
    tokens: new Counter({
      name: 'ghostline_tokens_total',
      help: 'Tokens as the endpoints count them',
      labelNames: ['model', 'kind'] as const,
      registers,
    }),
    safety: new Counter({
      name: 'ghostline_safety_total',
      help: 'What was redacted, excluded, neutralised, cleaned or filtered, and by which rule',
      labelNames: ['action', 'reason'] as const,
      registers,
    }),
    inFlight: new Gauge({
      name: 'ghostline_completions_in_flight',
      help: 'Completion requests being answered',
      registers,
    }),
    problems: new Counter({
      name: 'ghostline_problems_total',
      help: 'Requests answered with a problem document',
      labelNames: ['problem'] as const,
      registers,
    }),
    events: new Counter({
      name: 'ghostline_telemetry_events_total',
      help: 'Telemetry events by what became of them',
      labelNames: ['result'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'ghostline_authentication_failures_total',
      help: 'Requests that were not let in, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    connectionsRefused: new Counter({
      name: 'ghostline_connections_refused_total',
      help: 'Connections that were not taken: too many in all, or of one address',
      labelNames: ['reason'] as const,
      registers,
    }),
    recordsLost: new Counter({
      name: 'ghostline_request_records_lost_total',
      help: 'Rows about requests that the event log could not take',
      registers,
    }),
    cacheErrors: new Counter({
      name: 'ghostline_shared_cache_errors_total',
      help: 'Failed or late answers of the shared cache',
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;

/** What runs here, as a series that is always 1: for joins, and to see a rollout. */
export function buildInfo({ registry }: Metrics, about: { version: string; node: string; region: string }): void {
  const labelNames = ['version', 'node', 'region'] as const;
  const gauge = new Gauge({
    name: 'ghostline_build_info',
    help: 'What runs here; always 1',
    labelNames,
    registers: [registry],
  });
  gauge.set(about, 1);
}
