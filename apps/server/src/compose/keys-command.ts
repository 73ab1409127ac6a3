import { existsSync } from 'node:fs';
import process from 'node:process';
import { ConfigError, type Surroundings, loadKeysSettings } from '../config/index.ts';
import { KEYS_HELP, parseKeysCommand } from '../keys/arguments.ts';
import { runKeysCommand } from '../keys/run.ts';
import { reasonOf } from '../reason-of.ts';
import { keyStores } from './key-stores.ts';
import { openRedis } from './redis.ts';

/** For all that a command asks of its stores. */
const TIMEOUT_MS = 10_000;

/** `ghostline keys`: on the stores themselves, whether a server runs or not. Returns the exit code. */
export async function keysCommand(started: Surroundings): Promise<number> {
  const command = parseKeysCommand(started.argv, Date.now());
  if (command.kind === 'help') process.stdout.write(KEYS_HELP);
  if (command.kind === 'misuse') process.stderr.write(`ghostline: ${command.detail}\n`);
  if (command.kind === 'help' || command.kind === 'misuse') return command.kind === 'help' ? 0 : 2;
  const { auth, configFile, dataDir, redis: settings } = loadKeysSettings(command.place, started);
  const redis = settings && (await openRedis(settings));
  try {
    const [first, ...others] = keyStores(dataDir, redis);
    return await runKeysCommand(command, {
      stores: [first.store, ...others.map(({ store }) => store)],
      fixedKeys: auth.fixedKeys,
      required: auth.required,
      configFile,
      known: existsSync(dataDir),
      dataDir,
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
      now: Date.now,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`The keys cannot be read or changed: ${reasonOf(error)}`, { cause: error });
  } finally {
    redis?.disconnect();
  }
}
