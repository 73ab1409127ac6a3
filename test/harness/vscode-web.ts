/** The real VS Code server, extension host and web workbench, from npm: what tests run where there is no desktop VS Code. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type RunningChild, startChild } from './child-process.ts';
import { repository } from './repository.ts';

/** Packages VS Code 1.139.1; `engines.vscode` of the extension may not be newer. */
const PACKAGE = 'code-server@4.139.1';
const HOME = path.join(repository, '.tools', 'vscode-web');

const INSTALL_TIMEOUT_MS = 300_000;
/** Up in under a second on an idle machine; two busy cores make it ten. */
const START_TIMEOUT_MS = 60_000;

/**
 * Settings of every VS Code under test: nothing that pops up, downloads or competes for the keyboard. Telemetry is off unless
 * a test turns it on; then VS Code itself still has nowhere to send to.
 */
export const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  'files.autoSave': 'off',
  // A suggest widget over the cursor takes ghost text off the screen; a test about it asks for it.
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
} as const;

/** With it in its environment, the extension host lets every extension use proposed API, as code-server and some forks do. */
const PROPOSED_API = 'GHOSTLINE_PROPOSED_API';

/** Installs VS Code's server on the first call; without network from then on. Returns the folder of VS Code in it. */
export async function installVscodeWeb(report: (line: string) => void = console.log): Promise<string> {
  const home = path.join(HOME, `${PACKAGE.replace('@', '-')}-stock-api`);
  const vscode = path.join('node_modules', 'code-server', 'lib', 'vscode');
  // The folder gets its name when it is complete, so its existence is the stamp.
  if (existsSync(home)) return path.join(home, vscode);
  const started = Date.now();
  report(`▸ Getting VS Code for tests (${PACKAGE}, about 100 MB from npm, once) …`);
  await mkdir(HOME, { recursive: true });
  const partial = await mkdtemp(path.join(HOME, 'partial-'));
  try {
    await writeFile(path.join(partial, 'package.json'), '{ "private": true }\n');
    // No install scripts: they compile eight native modules for five minutes, and nothing under test needs one of them.
    await npmInstall(partial, [PACKAGE]);
    report('  … and its dependencies');
    await npmInstall(path.join(partial, vscode), ['--omit=dev']);
    await keepDeclarativeExtensions(path.join(partial, vscode, 'extensions'));
    await restoreProposalCheck(path.join(partial, vscode, 'out/vs/workbench/api/node/extensionHostProcess.js'));
    await rename(partial, home).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  report(`✓ VS Code for tests (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return path.join(home, vscode);
}

async function npmInstall(cwd: string, args: readonly string[]): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const npm = await startChild('npm', ['install', ...quiet, ...args], { cwd, env: process.env });
  const timer = setTimeout(() => void npm.stop(), INSTALL_TIMEOUT_MS);
  const { code } = await npm.exited;
  clearTimeout(timer);
  if (code === 0) return;
  throw new Error(`npm install ${args.join(' ')} failed in ${cwd}. The npm registry is needed once:\n${npm.output()}`);
}

/**
 * Drops the built-in extensions that run code (Git, the TypeScript server, chat and so on) and keeps grammars and themes: it
 * takes a third off the time from start to a typed character, and leaves the extension under test alone in its host.
 */
async function keepDeclarativeExtensions(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const manifest = path.join(folder, entry.name, 'package.json');
    const isDeclarative = existsSync(manifest) && !runsCode(JSON.parse(await readFile(manifest, 'utf8')));
    if (!isDeclarative) await rm(path.join(folder, entry.name), { recursive: true });
  }
}

function runsCode(manifest: { main?: string; browser?: string }): boolean {
  return manifest.main !== undefined || manifest.browser !== undefined;
}

/**
 * code-server allows every extension all proposed API (its function ends in `return!0`). What users have is stock VS Code,
 * which asks the manifest; and what an extension sees differs a lot.
 */
async function restoreProposalCheck(extensionHost: string): Promise<void> {
  const source = await readFile(extensionHost, 'utf8');
  const always = /function ([\w$]+)\(([\w$]+),([\w$]+)\)\{return!0\}(?=function [\w$]+\([\w$,]+\)\{if\(!\1\()/;
  const stock = `function $1($2,$3){return!!process.env.${PROPOSED_API}||!!$2.enabledApiProposals?.includes($3)}`;
  const restored = source.replace(always, stock);
  if (restored === source) throw new Error(`${PACKAGE} is not built as expected: no check for proposed API found`);
  await writeFile(extensionHost, restored);
}

export interface VscodeServerOptions {
  /** Holds sockets and server data; removed by the caller. */
  readonly scratch: string;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** Lets the page's address name extensions under development and their tests; hides notifications. Default: false. */
  readonly testDriver?: boolean;
  /** Lets every extension use proposed API, as code-server and some forks do. Default: as stock VS Code, only those that may. */
  readonly proposedApi?: boolean;
  /** Paths of VSIX files to install before the start. */
  readonly vsix?: readonly string[];
}

export interface VscodeServer {
  readonly child: RunningChild;
  /** The address of a workbench on a folder (or a `.code-workspace` file, or nothing). */
  workbenchUrl(open: string | undefined, payload: readonly (readonly [string, string])[]): string;
  /** The URI by which the workbench knows a file of this machine. */
  remoteUri(file: string): string;
}

/** Starts the VS Code server on a free port of the loopback interface. */
export async function startVscodeServer(options: VscodeServerOptions): Promise<VscodeServer> {
  const serverMain = path.join(await installVscodeWeb(), 'out', 'server-main.js');
  await writeSettings(options);
  // Whoever reaches the port could run code as this user: the token keeps other users of the machine out.
  const token = randomBytes(24).toString('hex');
  const tokenFile = path.join(options.scratch, 'token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const env = environment(options);
  const common = [
    serverMain,
    '--accept-server-license-terms',
    `--server-data-dir=${path.join(options.scratch, 'server')}`,
    `--user-data-dir=${options.userDataDir}`,
    `--extensions-dir=${options.extensionsDir}`,
  ];
  for (const vsix of options.vsix ?? []) await installVsix([...common, '--install-extension', vsix], env);
  const child = await startChild(
    process.execPath,
    [
      ...common,
      '--host=127.0.0.1',
      '--port=0',
      `--connection-token-file=${tokenFile}`,
      '--disable-workspace-trust',
      ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
    ],
    { env },
  );
  const [, port] = await child.waitForOutput(/Extension host agent listening on (\d+)/, START_TIMEOUT_MS);
  const authority = `127.0.0.1:${port}`;
  const remoteUri = (file: string) =>
    `vscode-remote://${authority}${file.split('/').map(encodeURIComponent).join('/')}`;
  return {
    child,
    remoteUri,
    workbenchUrl: (open, payload) => {
      const query = new URLSearchParams({ tkn: token });
      if (open === undefined) query.set('ew', 'true');
      else query.set(open.endsWith('.code-workspace') ? 'workspace' : 'folder', open);
      query.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]));
      return `http://${authority}/?${query}`;
    },
  };
}

/** What a user has set already stays, unless the caller says otherwise. */
async function writeSettings({ userDataDir, settings }: VscodeServerOptions): Promise<void> {
  // The server is a remote to the workbench, which reads machine settings from there, and only from there.
  for (const scope of ['User', 'Machine']) {
    const file = path.join(userDataDir, scope, 'settings.json');
    await mkdir(path.dirname(file), { recursive: true });
    if (!existsSync(file) || settings) {
      await writeFile(file, JSON.stringify({ ...QUIET_SETTINGS, ...settings }, undefined, 2));
    }
  }
}

async function installVsix(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const install = await startChild(process.execPath, args, { env });
  const { code } = await install.exited;
  if (code !== 0) throw new Error(`Installing the extension failed:\n${install.output()}`);
}

function environment(options: VscodeServerOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => {
    // In VS Code's own terminal these point to the developer's window; NODE_OPTIONS would reach every process of VS Code.
    return !/^(?:VSCODE_|ELECTRON_)/.test(name) && name !== 'NODE_OPTIONS' && name !== 'PORT';
  });
  return {
    ...Object.fromEntries(inherited),
    // Where Git and the command line put their sockets; left alone they litter /tmp.
    XDG_RUNTIME_DIR: options.scratch,
    // No look-ups in a marketplace.
    EXTENSIONS_GALLERY: '{}',
    ...(options.proposedApi && { [PROPOSED_API]: '1' }),
    ...options.env,
  };
}
