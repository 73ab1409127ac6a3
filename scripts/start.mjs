/** `npm start`: from a fresh clone to a running server. Arguments after `--` go to the server. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { build, main, setUp } from './setup.mjs';
import { root } from './toolchain.mjs';

await main(async () => {
  const env = await setUp();
  await build(env);
  return serve(env, process.argv.slice(2));
});

/** The server in the foreground; its exit code is ours. A terminal's Ctrl+C reaches it by itself, so we only wait for it. */
function serve(env, args) {
  return new Promise((resolve, reject) => {
    const server = spawn('node', [path.join(root, 'apps/server/dist/main.js'), ...args], { env, stdio: 'inherit' });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
    server.on('error', reject);
    server.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}
