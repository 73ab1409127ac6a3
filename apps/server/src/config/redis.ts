import * as z from 'zod';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

export const Redis = z
  .strictObject({
    url: z
      .union(
        [
          z
            .string()
            .regex(
              /^rediss?:\/\/[^@]*$/,
              'must be a redis:// or rediss:// URL without a password; use { env: NAME } for one',
            ),
          SecretReference,
        ],
        { error: 'must be a redis:// URL without a password, or { env: NAME }' },
      )
      .meta({ description: 'redis:// or rediss://; with a password as { env: NAME } or { file: PATH }' }),
  })
  .meta({ description: 'What gateways share: prompt cache, keys, limits and budgets; absent: each for itself' });

export function redisUrl(redis: z.infer<typeof Redis> | undefined, { secret }: Resolving): string | undefined {
  const url = redis?.url;
  return typeof url === 'object' ? secret(url, ['redis', 'url']) : url;
}
