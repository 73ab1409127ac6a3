import * as z from 'zod';

/** Where gateways are and how they are: what clients choose a region by, and load balancers an instance. */
export const REGIONS_PATH = '/v1/regions';
export const RegionsResponse = z
  .object({
    regions: z.array(
      z.object({ name: z.string(), url: z.string().nullable(), health: z.enum(['ok', 'degraded', 'down']) }),
    ),
  })
  .meta({ id: 'RegionsResponse' });
export type RegionsResponse = z.infer<typeof RegionsResponse>;

export const ComponentState = z.object({ state: z.enum(['ok', 'degraded', 'down']), detail: z.string().optional() });
export type ComponentState = z.infer<typeof ComponentState>;
export const Readiness = z
  .object({
    ready: z.boolean(),
    region: z.string(),
    version: z.string(),
    components: z.record(z.string(), ComponentState),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
