import process from 'node:process';
import { ConfigError, type Surroundings, loadSettings } from '../config/index.ts';
import { DOCTOR_HELP, runDoctor } from '../doctor/index.ts';
import type { Installation } from './installation.ts';
import { buildEndpoint } from './models.ts';
import { openRedisUnderTest } from './redis.ts';

/** `ghostline doctor`: nothing is taken or changed, so that it may be asked about a server that runs. Returns the exit code. */
export async function doctorCommand({ argv, ...where }: Surroundings, installation: Installation): Promise<number> {
  const settingsArgv = argv.filter((argument) => argument !== '--json');
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(DOCTOR_HELP);
    return 0;
  }
  return runDoctor({
    version: installation.version,
    load() {
      const settings = loadSettings({ ...where, argv: settingsArgv });
      if (typeof settings === 'string') throw new ConfigError(`--${settings} is for serve`);
      return settings;
    },
    buildEndpoint: (model, endpoint) => buildEndpoint(model, endpoint, installation),
    openRedis: openRedisUnderTest,
    canResolve(name) {
      try {
        return import.meta.resolve(name) !== '';
      } catch {
        return false;
      }
    },
    json: argv.includes('--json'),
    stdout: (text) => process.stdout.write(text),
  });
}
