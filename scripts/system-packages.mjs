import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { SetupError, run, step } from './toolchain.mjs';

/** What the tests run for real and npm does not carry: Debian's package, and the executables of which one must be there. */
const NEEDED = [
  { package: 'redis-server', executables: ['redis-server'] },
  {
    package: 'chromium',
    executables: ['chromium', 'chromium-browser', 'google-chrome'],
    environment: 'GHOSTLINE_CHROMIUM',
  },
];

/** Installs what is missing when root on Debian or Ubuntu; otherwise fails with the command that does it. */
export async function ensureSystemPackages() {
  const missing = NEEDED.filter((need) => !found(need)).map((need) => need.package);
  if (missing.length === 0) return;
  if (!isDebian()) {
    throw new SetupError(
      `The tests need ${missing.join(' and ')}. ${process.platform === 'darwin' ? 'Install: brew install redis && brew install --cask chromium' : 'Install them with your package manager.'}`,
    );
  }
  const install = [
    'apt-get',
    'install',
    '-y',
    '--no-install-recommends',
    ...missing,
    ...(missing.includes('chromium') ? ['fonts-dejavu-core'] : []),
  ];
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `The tests need ${missing.join(' and ')}. Install: sudo apt-get update && sudo ${install.join(' ')}`,
    );
  }
  await step(`Installing ${missing.join(' and ')} with apt-get`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env, stdio: 'pipe' });
    const [command, ...args] = install;
    await run(command, [...args, '-qq'], { env, stdio: 'pipe' });
  });
  const still = NEEDED.filter((need) => !found(need)).map((need) => need.package);
  if (still.length > 0)
    throw new SetupError(`apt-get installed ${still.join(' and ')}, but no executable of it is on the PATH.`);
}

function found({ executables, environment }) {
  if (environment && process.env[environment]) return existsSync(process.env[environment]);
  return executables.some((name) => {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

function isDebian() {
  try {
    return /^ID(?:_LIKE)?=.*(?:debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
