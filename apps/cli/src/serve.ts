import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SERVE_HELP } from './help.ts';

/** The same from `src` and from `dist`: both lie one folder below the app. */
const SERVER_ENTRY = fileURLToPath(new URL('../../server/dist/main.js', import.meta.url));

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/**
 * Runs the built server's program with `serverArguments` until it ends. Returns its exit code, 128 plus the number of the signal
 * that ended it, or 1 when there is no built server.
 */
export function serve(serverArguments: readonly string[], entry = SERVER_ENTRY): Promise<number> {
  if (!existsSync(entry)) {
    const wantsHelp = serverArguments.includes('--help');
    if (wantsHelp) process.stdout.write(SERVE_HELP);
    else
      process.stderr.write(`ghostline: the server is not built (${entry} is missing). Run \`npm run build\` first.\n`);
    return Promise.resolve(wantsHelp ? 0 : 1);
  }
  const server = spawn(process.execPath, [entry, ...serverArguments], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl+C to the server itself; a second one would make it quit without draining.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) server.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => {
      for (const one of FORWARDED) process.off(one, forward);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}
