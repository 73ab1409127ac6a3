import type { ReloadStatus } from '../reload/index.ts';
import type { Metrics } from './metrics.ts';
import { sampledGauge } from './sampled.ts';

/** Under the names that Prometheus gives its own: whether the last reload was taken, and when what runs now was loaded. */
export function reloadMetrics(metrics: Metrics, status: () => ReloadStatus): void {
  sampledGauge(
    metrics,
    'ghostline_config_last_reload_successful',
    'Whether the configuration in the file is one that works; 0: an older one stays in force',
    () => Number(status().last.kind !== 'refused'),
  );
  sampledGauge(
    metrics,
    'ghostline_config_last_reload_success_timestamp_seconds',
    'When the configuration in force was loaded',
    () => status().loadedAt / 1000,
  );
}
