import type { Access } from '@ghostline/access';
import type { ComponentState } from '@ghostline/protocol';
import type { Logger } from 'pino';
import { createApp } from '../app.ts';
import type { Settings } from '../config/index.ts';
import type { CompletionIds } from '../gateway/completion-id.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { Drain } from '../http/drain.ts';
import { isLoopback } from '../http/loopback.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Reloader } from '../reload/index.ts';
import type { Tracing } from '../tracing/index.ts';
import type { Installation } from './installation.ts';
import type { Limiting } from './limiting.ts';
import type { Models } from './models.ts';
import type { Telemetry } from './telemetry.ts';

/** Groups with fewer users than this are not reported when users are known apart (the floor of Copilot's metrics). */
const MINIMUM_USERS = 5;

/** What requests pass through, each made and wired. */
export interface AppParts {
  readonly settings: Settings;
  readonly reloader: Reloader;
  readonly installation: Installation;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing | undefined;
  readonly access: Access;
  readonly limiting: Limiting;
  readonly ids: CompletionIds;
  readonly models: Models;
  readonly telemetry: Telemetry;
  readonly drain: Drain;
}

/** The routes of the roles of this process. What a reload changes is read where it is used. */
export function assembleApp(parts: AppParts): ReturnType<typeof createApp> {
  const { settings, reloader, installation, log, metrics, access, limiting, ids, models, telemetry, drain } = parts;
  const { listen, roles, region } = settings;
  const components = (): Record<string, ComponentState> => ({
    ...telemetry.states(),
    ...models.states(),
    ...access.states(),
    limits: limiting.state(),
  });
  return createApp({
    log,
    tracing: parts.tracing,
    hsts: listen.tls !== undefined && !isLoopback(listen.host),
    authenticator: access.authenticate,
    clientAddress: createClientAddress(listen.trustedProxies),
    origins: listen.origins,
    health: {
      region,
      get regions() {
        return reloader.settings.current.regions;
      },
      version: installation.version,
      metrics,
      draining: () => drain.draining,
      components,
      // By configuration alone: what keys add is no reason to answer other hosts and origins.
      authenticated: settings.auth.required,
    },
    ...(roles.has('gateway') && {
      gateway: {
        engine: models.engine,
        get safety() {
          return reloader.settings.current.safety;
        },
        region,
        newCompletionId: ids.create,
        record: telemetry.record,
        metrics,
        log,
        eventLog: telemetry.eventLog,
        ids,
        notify: telemetry.notify,
        gate: limiting.gate,
        intake: limiting.intake,
        isTooLate: drain.isTooLate,
      },
    }),
    ...(roles.has('admin') && {
      admin: {
        store: telemetry.store,
        minimumUsers: () => (access.required() ? MINIMUM_USERS : 1),
        log,
        spending: { ...limiting, settings: () => reloader.settings.current.limiting, log },
        pages: installation.pages,
        config: reloader,
      },
    }),
  });
}
