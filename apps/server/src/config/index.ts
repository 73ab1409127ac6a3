export { type AuthSettings, openToOthers } from './auth.ts';
export { ConfigError } from './config-error.ts';
export { type Surroundings, childEnvironment, surroundings } from './environment.ts';
export { USAGE } from './flags.ts';
export type { LimitingSettings } from './limits.ts';
export { type ConfigSource, loadKeysSettings, loadSettings, reloadSettings, sourceOf } from './load.ts';
export type { EndpointSettings, ModelSettings } from './models.ts';
export type { RedisAddress, RedisSentinel, RedisSettings, RedisTls } from './redis.ts';
export type { Settings } from './settings.ts';
