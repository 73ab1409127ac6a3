import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { superviseAnalytics } from '../supervisor.ts';

// A parent of the analytics process, for tests that kill it: prints the process id and URL of its child once that runs.
const [dataDir = '', token = ''] = process.argv.slice(2);
superviseAnalytics({
  token,
  spawn: ({ port }) =>
    spawn(
      process.execPath,
      [fileURLToPath(new URL('./serve-for-test.ts', import.meta.url)), dataDir, token, String(port)],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    ),
  log: {
    info: (fields: object) => process.stdout.write(`${JSON.stringify(fields)}\n`),
    warn: (fields: object) => process.stdout.write(`${JSON.stringify(fields)}\n`),
  },
});
