import * as z from 'zod';

export const Cache = z
  .strictObject({
    maxMegabytes: z
      .int()
      .min(1)
      .max(65_536)
      .optional()
      .meta({ description: 'Memory for answers that this process keeps; default 64' }),
    ttlSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .meta({ description: 'How long an answer is given again; default 600' }),
    epoch: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Any other text than before: all answers that are cached are forgotten' }),
  })
  .meta({ description: 'Answers that are given again' });

/** Absent: the engine's own default. */
export interface CacheSettings {
  readonly maxBytes?: number;
  readonly ttlMs?: number;
  readonly epoch?: string;
}

export function cacheSettings({ maxMegabytes, ttlSeconds, epoch }: z.infer<typeof Cache> = {}): CacheSettings {
  return {
    ...(maxMegabytes !== undefined && { maxBytes: maxMegabytes * 1024 * 1024 }),
    ...(ttlSeconds !== undefined && { ttlMs: ttlSeconds * 1000 }),
    ...(epoch !== undefined && { epoch }),
  };
}
