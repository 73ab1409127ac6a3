import { accessSync, constants, existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DataDirHolder, holderOfDataDir } from '../data-dir.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const MEGABYTE = 1024 * 1024;
/** The event log and the embedded analytics of a team grow by some megabytes a day. */
const SCARCE_MB = 1_024;
const TOO_LITTLE_MB = 100;

/** Whether the data directory can be used: by this user, by this program, and for a while. */
export function checkDataDir(dataDir: string): Finding[] {
  const folder = nearestFolder(dataDir);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (folder === dataDir) {
      const probe = path.join(dataDir, `.doctor-${process.pid}`);
      writeFileSync(probe, '');
      rmSync(probe);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = 'Give the folder to the user that runs Ghostline (chown), or choose another one with --data-dir.';
    return [failure('data directory', `${folder} is not writable (${code})`, fix)];
  }
  const { bavail, bsize } = statfsSync(folder);
  return [describeUse(dataDir, holderOfDataDir(dataDir)), judgeSpace((bavail * bsize) / MEGABYTE)];
}

function describeUse(dataDir: string, holder: DataDirHolder): Finding {
  switch (holder.kind) {
    case 'free':
      return ok(
        'data directory',
        existsSync(dataDir) ? `${dataDir} is writable and free` : `${dataDir} will be created`,
      );
    case 'held':
      return ok('data directory', `${dataDir} is in use${holder.by}`);
    case 'damaged':
      return failure('data directory', holder.reason, 'Delete instance.lock in it while no Ghostline is running.');
  }
}

export function judgeSpace(freeMb: number): Finding {
  const free = `${freeMb >= 10_240 ? `${Math.round(freeMb / 1024)} GB` : `${Math.round(freeMb)} MB`} free`;
  const fix = 'Make room, or move the data directory to a larger disk: without room, telemetry is refused.';
  if (freeMb < TOO_LITTLE_MB) return failure('disk', free, fix);
  return freeMb < SCARCE_MB ? warning('disk', free, fix) : ok('disk', free);
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || path.dirname(folder) === folder ? folder : nearestFolder(path.dirname(folder));
}
