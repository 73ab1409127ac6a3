/**
 * Downloads the desktop application of VS Code (the latest stable release; offline, one that is there already) and prints
 * the path of its executable, or what went wrong, last. A process of its own, because a download that stalls half-way never ends by itself.
 */
import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { repository } from './repository.ts';

/** How long Microsoft's update server may be silent before a machine counts as one that cannot download. */
const SILENCE_MS = 5000;

try {
  const cachePath = process.argv[2] ?? path.join(repository, '.vscode-test');
  console.log(`\n${await downloadAndUnzipVSCode({ version: 'stable', cachePath, timeout: SILENCE_MS })}`);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  // A stalled archive keeps its `tar` waiting, and that this process alive.
  process.exit(1);
}
