import { ConfigError } from './config-error.ts';
import type { ConfigFile } from './config-file.ts';
import type { Surroundings } from './environment.ts';
import { type Flags, parseFlags } from './flags.ts';
import { createResolving } from './resolving.ts';
import { type KeysSettings, type Settings, resolveKeysSettings, resolveSettings } from './settings.ts';
import { readConfig } from './yaml-file.ts';

/** What settings were made of: the file as it was read, and the secrets its references lead to, by field. */
export interface ConfigSource {
  readonly file: ConfigFile;
  readonly secrets: ReadonlyMap<string, string>;
}

const sources = new WeakMap<Settings, ConfigSource>();

/** The source of what `loadSettings` returned. */
export function sourceOf(settings: Settings): ConfigSource {
  const source = sources.get(settings);
  if (!source) throw new Error('these settings were not loaded from a file');
  return source;
}

/** Flags → file → settings. Throws ConfigError with the file's line, the field and the fix. */
export function loadSettings(started: Surroundings): Settings | 'help' | 'version' {
  const flags = parseFlags(started.argv);
  if (typeof flags === 'string') return flags;
  const read = readConfig(flags.config, started.cwd);
  const resolving = createResolving(read, started);
  const settings = resolveSettings(read, flags, started, resolving);
  sources.set(settings, { file: read.file, secrets: resolving.secrets });
  return settings;
}

/** The same again while the program runs. A file that was there and is gone does not mean its defaults. */
export function reloadSettings(started: Surroundings, before: Settings): Settings {
  const settings = loadSettings(started);
  if (typeof settings === 'string') throw new ConfigError(`--${settings} is for the command line`);
  if (before.configFile !== undefined && settings.configFile === undefined) {
    throw new ConfigError(`${before.configFile} is gone; put it back, or restart without it to run with the defaults`);
  }
  return settings;
}

/** For a command that works on the keys of the server with this configuration. */
export function loadKeysSettings(
  flags: Pick<Flags, 'config' | 'dataDir'>,
  started: Pick<Surroundings, 'env' | 'cwd'>,
): KeysSettings {
  const read = readConfig(flags.config, started.cwd);
  return resolveKeysSettings(read, flags, started, createResolving(read, started));
}
