import { CONFIG_PATH, type RunningConfig } from '@ghostline/protocol';
import { Hono } from 'hono';
import type { AppEnv } from '../http/app-env.ts';
import type { Reloader } from '../reload/index.ts';
import { masked } from './masked.ts';

export type ConfigOptions = Pick<Reloader, 'settings' | 'status' | 'secrets'>;

/** `GET /admin/api/config`: what is in force, without secrets and without what is about other organisations. */
export function configRoutes({ settings, status, secrets }: ConfigOptions): Hono<AppEnv> {
  return new Hono<AppEnv>().get(CONFIG_PATH, (c) => {
    const { loadedAt, last } = status();
    const needsRestart = last.kind === 'refused' ? [] : last.needsRestart;
    c.header('cache-control', 'no-store');
    return c.json({
      loaded_at: new Date(loadedAt).toISOString(),
      needs_restart: [...needsRestart],
      refused: last.kind === 'refused' ? last.reason : null,
      settings: masked(settings.current, {
        secrets: secrets(),
        org: c.get('principal').org,
      }) as RunningConfig['settings'],
    } satisfies RunningConfig);
  });
}
