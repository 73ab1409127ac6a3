import * as z from 'zod';
import { Analytics } from './analytics.ts';
import { Auth } from './auth.ts';
import { Cache } from './cache.ts';
import { Drain } from './drain.ts';
import { name } from './fields.ts';
import { Budgets, Limits, Spending } from './limits.ts';
import { Listen } from './listen.ts';
import { Log } from './log.ts';
import { Models } from './models.ts';
import { Redis } from './redis.ts';
import { Regions } from './regions.ts';
import { Safety } from './safety.ts';
import { Secrets } from './secrets.ts';
import { Tracing } from './tracing.ts';

/** `ghostline.yaml`. Every field has a default; strict, as a misspelt setting that is ignored is a setting that lies. */
export const ConfigFile = z
  .strictObject({
    listen: Listen.optional(),
    drain: Drain.optional(),
    region: name('Region of this gateway').optional(),
    regions: Regions.optional(),
    dataDir: z.string().min(1).optional().meta({ description: 'Event log, embedded analytics and generated secrets' }),
    redis: Redis.optional(),
    analytics: Analytics.optional(),
    auth: Auth.optional(),
    models: Models.optional(),
    safety: Safety.optional(),
    limits: Limits.optional(),
    budgets: Budgets.optional(),
    spending: Spending.optional(),
    secrets: Secrets.optional(),
    tracing: Tracing.optional(),
    cache: Cache.optional(),
    log: Log.optional(),
  })
  .meta({ title: 'ghostline.yaml' });
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The published JSON Schema, for editors that complete and check YAML. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(ConfigFile, { io: 'input' });
}
