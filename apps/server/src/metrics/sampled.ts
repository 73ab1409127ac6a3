import { Counter, Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** A gauge whose value is read when it is scraped. */
export function sampledGauge(metrics: Metrics, name: string, help: string, read: () => number): void {
  void new Gauge({
    name,
    help,
    registers: [metrics.registry],
    collect() {
      this.set(read());
    },
  });
}

/** The same for what only grows. */
export function sampledCounter(metrics: Metrics, name: string, help: string, read: () => number): void {
  void new Counter({
    name,
    help,
    registers: [metrics.registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
