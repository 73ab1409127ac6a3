export { endpointMetrics } from './endpoint-metrics.ts';
export { engineMetrics } from './engine-metrics.ts';
export { type Metrics, buildInfo, createMetrics } from './metrics.ts';
export { reloadMetrics } from './reload-metrics.ts';
export { sampledGauge } from './sampled.ts';
