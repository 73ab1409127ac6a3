import { type ComponentState, REGIONS_PATH, type Readiness, type RegionsResponse } from '@ghostline/protocol';
import { Hono } from 'hono';
import type { AppEnv } from './http/principal.ts';
import type { Metrics } from './metrics.ts';

export interface HealthOptions {
  readonly region: string;
  readonly version: string;
  readonly metrics: Metrics;
  /** True once SIGTERM came: load balancers should send no more. */
  readonly draining: () => boolean;
  /** The state of every part, read when asked. A part that is `down` and essential makes the process not ready. */
  readonly components: () => Record<string, ComponentState & { readonly essential: boolean }>;
}

/** Liveness, readiness and metrics: for machines, without authentication, and without anything about users. */
export function healthRoutes({ region, version, metrics, draining, components }: HealthOptions): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/healthz', (c) => c.json({ ok: true }))
    .get('/readyz', (c) => {
      const states = Object.entries(components());
      const ready = !draining() && states.every(([, { essential, state }]) => !essential || state !== 'down');
      const body: Readiness = {
        ready,
        region,
        version,
        components: Object.fromEntries(
          states.map(([name, { state, detail }]) => [name, detail === undefined ? { state } : { state, detail }]),
        ),
      };
      c.header('cache-control', 'no-store');
      return c.json(body, ready ? 200 : 503);
    })
    .get('/metrics', async (c) =>
      c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
    );
}

/** `GET /v1/regions`: this gateway's region; others join with the region router. */
export function regionRoutes({
  region,
  draining,
  components,
}: Pick<HealthOptions, 'region' | 'draining' | 'components'>) {
  return new Hono<AppEnv>().get(REGIONS_PATH, (c) => {
    const states = Object.values(components()).filter(({ essential }) => essential);
    const down = draining() || states.some(({ state }) => state === 'down');
    const health = down ? 'down' : states.some(({ state }) => state === 'degraded') ? 'degraded' : 'ok';
    const body: RegionsResponse = { regions: [{ name: region, url: null, health }] };
    return c.json(body);
  });
}
