import type { EndpointHealth } from '@ghostline/inference';
import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** How each endpoint is, by the last attempt: 1 works, 0 fails, absent when nobody has tried it lately. */
export function endpointMetrics({ registry }: Metrics, health: () => readonly EndpointHealth[]): void {
  const labelNames = ['model', 'endpoint', 'region'] as const;
  void new Gauge({
    name: 'ghostline_endpoint_up',
    help: 'Whether the last attempt succeeded; absent when there was none lately',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { model, endpoint, region, state } of health())
        if (state !== 'unknown') this.set({ model, endpoint, region }, state === 'ok' ? 1 : 0);
    },
  });
  void new Gauge({
    name: 'ghostline_endpoint_in_flight',
    help: 'Requests that an endpoint is answering',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { model, endpoint, region, inFlight } of health()) this.set({ model, endpoint, region }, inFlight);
    },
  });
}
