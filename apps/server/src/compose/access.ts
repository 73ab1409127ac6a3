import { type Access, createAccess } from '@ghostline/access';
import { createGuardedFetch } from '@ghostline/outgoing';
import type { Logger } from 'pino';
import { type Settings, openToOthers } from '../config/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { keyStores } from './key-stores.ts';
import type { RedisConnections } from './redis.ts';

export interface AccessOptions {
  readonly settings: Pick<Settings, 'auth' | 'dataDir'>;
  readonly redis: Pick<RedisConnections, 'data'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Who may ask: resolves when every store of keys was read once, or found away. */
export async function openAccess({ settings, redis, metrics, log }: AccessOptions): Promise<Access> {
  const access = createAccess({
    ...settings.auth,
    fetchFor: createGuardedFetch,
    stores: keyStores(settings.dataDir, redis.data),
    onRefused: (reason) => metrics.refusals.inc({ reason }),
    onSlowed: (address, waitMs) =>
      log.warn(
        { address, waitMs },
        'unknown keys or tokens come from one address: others from there wait. If it is a proxy, name it in listen.trustedProxies',
      ),
    onRequired: () => log.warn('there are API keys: from now on requests need one, those from this machine too'),
  });
  await access.ready;
  for (const url of openToOthers(settings.auth.issuers)) {
    log.warn(
      { url },
      'the keys of an issuer come over plain HTTP: whoever is on the way can make tokens; use https://',
    );
  }
  return access;
}
