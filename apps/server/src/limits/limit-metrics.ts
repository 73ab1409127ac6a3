import { type Admission, type Limiter, MICRO, type StopBoard } from '@ghostline/limits';
import { Counter, Gauge, Histogram } from 'prom-client';
import { type Metrics, sampledGauge } from '../metrics/index.ts';

/** Counts of decisions: by kind of limit and scope, never by whose they are. */
export function limitMetrics({ registry }: Pick<Metrics, 'registry'>) {
  const registers = [registry];
  const refusals = new Counter({
    name: 'ghostline_limit_refusals_total',
    help: 'Completion requests that a limit or budget refused, or shed so that others go first',
    labelNames: ['limit', 'scope', 'outcome'] as const,
    registers,
  });
  const savings = new Counter({
    name: 'ghostline_spending_savings_total',
    help: 'Completion requests that were allowed to cost less than otherwise, or nothing',
    labelNames: ['reason', 'scope'] as const,
    registers,
  });
  const spent = new Counter({
    name: 'ghostline_spent_total',
    help: 'Money spent on tokens, in the currency of the configured prices',
    labelNames: ['model'] as const,
    registers,
  });
  const waits = new Histogram({
    name: 'ghostline_limiter_wait_seconds',
    help: 'How long requests waited for the store of limits, of those that had to',
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025],
    registers,
  });
  return {
    decided(admission: Admission): void {
      if (admission.kind === 'refused') {
        const { pool, shed } = admission.refusal;
        refusals.inc({ limit: pool.limit, scope: pool.scope, outcome: shed ? 'shed' : 'refused' });
        return;
      }
      const { saving } = admission.ticket;
      if (!saving) return;
      const scope = saving.kind === 'stopped' ? saving.stop.scope.kind : saving.pool.scope;
      savings.inc({ reason: saving.kind, scope });
    },
    spent(model: string, micro: number): void {
      if (micro > 0) spent.inc({ model }, micro / MICRO);
    },
    waited: (ms: number): void => waits.observe(ms / 1000),
  };
}
export type LimitMetrics = ReturnType<typeof limitMetrics>;

/** How the limiter stands, read when it is scraped. */
export function limiterGauges(metrics: Metrics, limiter: Limiter, stops: StopBoard): void {
  const sampled = (name: string, help: string, read: () => number) => sampledGauge(metrics, name, help, read);
  sampled('ghostline_limit_store_up', 'Whether the store of limits answers', () => (limiter.state().away ? 0 : 1));
  sampled('ghostline_limit_gateways', 'Gateways that share the limits', () => limiter.state().gateways);
  sampled('ghostline_limit_pools', 'Limits and budgets that this process keeps count of', () => limiter.state().pools);
  void new Gauge({
    name: 'ghostline_spending_stops',
    help: 'For how many spending is stopped',
    labelNames: ['scope'] as const,
    registers: [metrics.registry],
    collect() {
      this.reset();
      for (const { scope } of stops.all(Date.now())) this.inc({ scope: scope.kind });
    },
  });
}
