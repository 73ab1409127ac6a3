import path from 'node:path';
import type { SafetyPolicy } from '@ghostline/engine';
import { isLoopback } from '../http/loopback.ts';
import { type AnalyticsSettings, analyticsSettings } from './analytics.ts';
import { type AuthSettings, authSettings } from './auth.ts';
import { type CacheSettings, cacheSettings } from './cache.ts';
import type { ConfigFile } from './config-file.ts';
import { type DrainSettings, drainSettings } from './drain.ts';
import type { Surroundings } from './environment.ts';
import type { Flags, Role } from './flags.ts';
import { type LimitingSettings, limitingProblem, limitingSettings } from './limits.ts';
import { type ListenSettings, listenSettings } from './listen.ts';
import { type ModelSettings, modelsSettings } from './models.ts';
import { type RedisSettings, redisSettings } from './redis.ts';
import type { RegionsSettings } from './regions.ts';
import type { Resolving } from './resolving.ts';
import { type SecretsSettings, secretsSettings } from './secrets.ts';
import { type TracingSettings, tracingSettings } from './tracing.ts';
import type { ReadConfig } from './yaml-file.ts';

/** Everything the server was told, resolved: paths absolute, secrets read, defaults filled in. In the order of the file. */
export interface Settings {
  readonly roles: ReadonlySet<Role>;
  readonly configFile: string | undefined;
  readonly listen: ListenSettings;
  readonly drain: DrainSettings;
  readonly region: string;
  readonly regions: RegionsSettings;
  readonly dataDir: string;
  readonly redis: RedisSettings | undefined;
  readonly analytics: AnalyticsSettings;
  readonly auth: AuthSettings;
  readonly models: readonly [ModelSettings, ...ModelSettings[]];
  readonly safety: SafetyPolicy;
  readonly limiting: LimitingSettings;
  readonly secrets: SecretsSettings;
  readonly tracing: TracingSettings | undefined;
  readonly cache: CacheSettings;
  readonly logLevel: string;
}

/** Flags over file over defaults. Throws ConfigError for what is wrong only together, or only here. */
export function resolveSettings(
  { file, configFile }: ReadConfig,
  flags: Flags,
  { env, cwd }: Surroundings,
  resolving: Resolving,
): Settings {
  refuseOpenDoor(file, flags, resolving);
  const unpriced = limitingProblem(file);
  if (unpriced) throw resolving.mistake(unpriced.field, unpriced.detail);
  const region = flags.region ?? file.region ?? 'local';
  const redis = redisSettings(file.redis, resolving);
  return {
    roles: flags.roles,
    configFile,
    listen: listenSettings(file.listen, flags, resolving),
    drain: drainSettings(file.drain),
    region,
    regions: file.regions ?? [],
    dataDir: dataDirOf(file, flags.dataDir, cwd, resolving),
    redis,
    analytics: analyticsSettings(file.analytics, env, resolving),
    auth: authSettings(file.auth, resolving),
    models: modelsSettings(file.models, region, resolving),
    safety: file.safety ?? {},
    limiting: limitingSettings(file),
    secrets: secretsSettings(file.secrets, redis !== undefined, resolving),
    tracing: tracingSettings(file.tracing, resolving),
    cache: cacheSettings(file.cache),
    logLevel: flags.logLevel ?? file.log?.level ?? 'info',
  };
}

/** What `ghostline keys` needs of it: nothing else has to be right, or reachable, where an admin makes keys. */
export type KeysSettings = Pick<Settings, 'auth' | 'configFile' | 'dataDir' | 'redis'>;

export function resolveKeysSettings(
  { file, configFile }: ReadConfig,
  { dataDir }: Pick<Flags, 'dataDir'>,
  { cwd }: Pick<Surroundings, 'cwd'>,
  resolving: Resolving,
): KeysSettings {
  return {
    auth: authSettings(file.auth, resolving),
    configFile,
    dataDir: dataDirOf(file, dataDir, cwd, resolving),
    redis: redisSettings(file.redis, resolving),
  };
}

/** A flag's path is relative to where it was typed, one in the file to the file. */
function dataDirOf(file: ConfigFile, flag: string | undefined, cwd: string, resolving: Resolving): string {
  return flag ? path.resolve(cwd, flag) : resolving.path(file.dataDir ?? '.ghostline');
}

function refuseOpenDoor({ listen, auth }: ConfigFile, flags: Flags, { mistake }: Resolving): void {
  if (!auth && listen?.origins) {
    throw mistake(
      ['listen', 'origins'],
      'without authentication only pages on this machine are answered: add auth: {}, or remove it',
    );
  }
  const host = flags.host ?? listen?.host;
  if (auth || host === undefined || isLoopback(host)) return;
  throw mistake(
    ['listen', 'host'],
    `"${host}" can be reached from other machines, and there is no authentication. Add auth: {} and make keys with: ghostline keys create; or listen on 127.0.0.1.`,
  );
}
