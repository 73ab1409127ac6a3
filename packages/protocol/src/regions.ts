import * as z from 'zod/mini';
import { documented } from './documented.ts';

/** Where gateways are and how they are: what clients choose a region by, and load balancers an instance. */
export const RegionsResponse = documented(
  z.object({
    regions: z.array(
      z.object({ name: z.string(), url: z.nullable(z.string()), health: z.enum(['ok', 'degraded', 'down']) }),
    ),
  }),
  { id: 'RegionsResponse' },
);
export type RegionsResponse = z.infer<typeof RegionsResponse>;

export const ComponentState = z.object({
  state: z.enum(['ok', 'degraded', 'down']),
  detail: z.optional(z.string()),
});
export type ComponentState = z.infer<typeof ComponentState>;
export const Readiness = documented(
  z.object({
    ready: z.boolean(),
    region: z.string(),
    version: z.string(),
    components: z.record(z.string(), ComponentState),
  }),
  { id: 'Readiness' },
);
export type Readiness = z.infer<typeof Readiness>;
