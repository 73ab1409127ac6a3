import { type ComponentState, REGIONS_PATH, type Readiness, type RegionsResponse } from '@ghostline/protocol';
import { Hono } from 'hono';
import type { AppEnv } from './http/app-env.ts';
import { isFromThisMachine } from './http/forwarded.ts';
import type { OriginRule } from './http/origin-guard.ts';
import type { ServiceCheck } from './http/service-check.ts';
import type { Metrics } from './metrics/index.ts';

export interface HealthOptions {
  readonly region: string;
  /** Where clients may go instead; its own is not told twice. */
  readonly regions: readonly { readonly name: string; readonly url: string }[];
  readonly version: string;
  readonly metrics: Metrics;
  /** True once SIGTERM came: load balancers should send no more. */
  readonly draining: () => boolean;
  /** The state of every part, read when asked. */
  readonly components: () => Record<string, ComponentState>;
  /** Without authentication only this machine can ask; with it, others are told states but no addresses and errors. */
  readonly authenticated: boolean;
}

/**
 * `GET /healthz`: the process lives. For probes that know no host name, so before any guard; for editors in browsers, too, which
 * measure by it how far a region is.
 */
export function livenessRoutes(mayRead: OriginRule): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/healthz', (c) => {
    const origin = c.req.header('origin');
    if (origin !== undefined && mayRead(origin)) {
      c.header('access-control-allow-origin', origin);
      c.header('vary', 'origin');
    }
    return c.json({ ok: true });
  });
}

/**
 * Readiness and metrics: for machines, without authentication, and without anything about users. Only draining takes a process
 * out of rotation: whatever part is away, completions go on, and a part that is away for all would take out everyone.
 */
export function healthRoutes(options: HealthOptions, isService: ServiceCheck): Hono<AppEnv> {
  const { region, version, metrics, draining, components, authenticated } = options;
  return new Hono<AppEnv>()
    .get('/readyz', async (c) => {
      const ready = !draining();
      const detailed = !authenticated || (await isFromThisMachine(c, isService));
      const states = Object.entries(components()).map(([name, { state, detail }]) => [
        name,
        detailed && detail !== undefined ? { state, detail } : { state },
      ]);
      const body: Readiness = { ready, region, version, components: Object.fromEntries(states) };
      c.header('cache-control', 'no-store');
      return c.json(body, ready ? 200 : 503);
    })
    .get('/metrics', async (c) =>
      c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
    );
}

/**
 * `GET /v1/regions`: this gateway's region with its health, then the others as configured: how those are, and how far, clients
 * find out themselves.
 */
export function regionRoutes(options: HealthOptions): Hono<AppEnv> {
  const { region, draining, components } = options;
  return new Hono<AppEnv>().get(REGIONS_PATH, (c) => {
    const inference = components()['inference']?.state ?? 'ok';
    const health = draining() ? 'down' : inference === 'ok' ? 'ok' : 'degraded';
    const others = options.regions.filter(({ name }) => name !== region);
    const body: RegionsResponse = {
      regions: [
        // Its address is where it was asked, which it cannot know.
        { name: region, url: null, health },
        ...others.map(({ name, url }) => ({ name, url, health: 'ok' as const })),
      ],
    };
    c.header('cache-control', 'no-store');
    return c.json(body);
  });
}
