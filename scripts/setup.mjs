import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupError, root, run, step, toolchain } from './toolchain.mjs';

const STAMP = path.join(root, 'node_modules', '.ghostline-installed');

/**
 * Node, pnpm and the dependencies of the lockfile. Idempotent, and without network once done. Returns the environment for
 * everything that runs afterwards.
 */
export async function setUp() {
  const env = await toolchain();
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return env;
  await step('Installing dependencies', async () => {
    // A newer pnpm in CI refuses a stale lockfile; so do we everywhere, as a silent upgrade is no set-up.
    await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], {
      env,
      stdio: 'pipe',
    });
    writeFileSync(STAMP, wanted);
  });
  return env;
}

/** Bundles of server, command line and extension, the pages, and the VSIX; what has not changed comes from turbo's cache. */
export async function build(env) {
  await step('Building', async () => {
    await run('turbo', ['run', 'build', 'package', '--output-logs=errors-only'], { env, stdio: 'pipe' });
  });
}

/** Whatever decides what an install puts into `node_modules`. */
function fingerprint() {
  const hash = createHash('sha256');
  const manifests = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => path.join(folder, name, 'package.json')),
  );
  for (const file of [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'test/package.json',
    ...manifests.sort(),
  ]) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update('\0').update(readFileSync(full)).update('\0');
  }
  return hash.digest('hex');
}

/** Runs a script's main function; an error meant for the user is printed as a sentence, any other one with its stack. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    process.stderr.write(`\n✗ ${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
