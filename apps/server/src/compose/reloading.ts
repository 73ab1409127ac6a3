import type { Access } from '@ghostline/access';
import type { Logger } from 'pino';
import { type Settings, reloadSettings, surroundings } from '../config/index.ts';
import { type Metrics, reloadMetrics } from '../metrics/index.ts';
import { type Reloader, createReloader } from '../reload/index.ts';
import type { Limiting } from './limiting.ts';
import type { Models } from './models.ts';

export interface ReloadingOptions {
  readonly settings: Settings;
  readonly models: Pick<Models, 'prepare'>;
  readonly limiting: Pick<Limiting, 'prepare'>;
  readonly access: Pick<Access, 'configure'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Which part of the running program follows which fields of the configuration; all others take effect with a restart. */
export function createReloading(options: ReloadingOptions): Reloader {
  const { settings: initial, models, limiting, access, metrics, log } = options;
  const reloader = createReloader({
    initial,
    load: () => reloadSettings(surroundings(), initial),
    parts: [
      {
        fields: ['models', 'safety', 'cache.epoch'],
        settings: ['models', 'safety', 'cache'],
        prepare: models.prepare,
      },
      {
        fields: ['auth'],
        settings: ['auth'],
        prepare:
          ({ auth }) =>
          () =>
            access.configure(auth),
      },
      { fields: ['limits', 'budgets', 'spending', 'models'], settings: ['limiting'], prepare: limiting.prepare },
      { fields: ['regions'], settings: ['regions'] },
      { fields: ['tracing.sampleRatio', 'tracing.users'], settings: ['tracing'] },
      {
        fields: ['log'],
        settings: ['logLevel'],
        prepare:
          ({ logLevel }) =>
          () =>
            void (log.level = logLevel),
      },
    ],
  });
  reloadMetrics(metrics, reloader.status);
  return reloader;
}
