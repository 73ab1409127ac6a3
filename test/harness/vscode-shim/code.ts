#!/usr/bin/env node
/**
 * Stands in for the desktop executable of VS Code in `runTests({ vscodeExecutablePath })` of @vscode/test-electron: takes
 * the same command line, boots the VS Code server and its workbench in headless Chromium as an extension development host,
 * prints what the tests print, and ends with their exit code. 124: no result in time; 130: interrupted.
 *
 * When anything but the tests decides the exit code, a screenshot and the server's output are left in
 * GHOSTLINE_SHIM_ARTIFACTS (default: the user data directory).
 */
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../chromium.ts';
import { type VscodeServer, startVscodeServer } from '../vscode-web.ts';

/** About five times what a whole suite takes on two idle cores. */
const TIMEOUT_MS = Number(process.env['GHOSTLINE_SHIM_TIMEOUT_MS'] ?? 300_000);

const RUNNER = path.join(import.meta.dirname, 'runner.cjs');
/** The runner's first word. */
const TESTS_START = 'vscode-shim: tests start';
/**
 * VS Code logs to the same console as the tests. Nothing before the runner's first word is theirs; what is left out after it
 * is the workbench missing a marketplace, a GitHub account and the two native modules that are deliberately not built.
 */
const NOT_OF_THE_TESTS =
  /^%c|^\[(?:DefaultAccount|AccountPolicyGate|AgentHost|chat-)|^Ignoring fetching|^Updating additional builtin|provider 'github'|locate the bindings file|Release\/watchdog/;

interface CommandLine {
  readonly extensions: readonly string[];
  readonly tests: string | undefined;
  readonly userDataDir: string | undefined;
  readonly extensionsDir: string | undefined;
  readonly open: string | undefined;
  readonly files: readonly string[];
}

/** The switches that runTests passes; those that only mean something to Electron are ignored. */
function readCommandLine(args: string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: {
      extensionDevelopmentPath: { type: 'string', multiple: true },
      extensionTestsPath: { type: 'string' },
      'user-data-dir': { type: 'string' },
      'extensions-dir': { type: 'string' },
    },
  });
  const paths = positionals.map((argument) => localPath(argument));
  const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const isWorkspace = (file: string) => isFolder(file) || file.endsWith('.code-workspace');
  const extensions = values.extensionDevelopmentPath ?? [];
  return {
    extensions: extensions.filter((value) => typeof value === 'string').map(localPath),
    tests: optionalPath(values.extensionTestsPath),
    userDataDir: optionalPath(values['user-data-dir']),
    extensionsDir: optionalPath(values['extensions-dir']),
    open: paths.find(isWorkspace),
    files: paths.filter((file) => !isWorkspace(file)),
  };
}

const localPath = (value: string) => (value.startsWith('file:') ? fileURLToPath(value) : path.resolve(value));
const optionalPath = (value: unknown) => (typeof value === 'string' ? localPath(value) : undefined);

type Outcome = { kind: 'finished'; code: number } | { kind: 'broken'; code: number; why: string };

async function main(): Promise<number> {
  const interrupted = interruption();
  const commandLine = readCommandLine(process.argv.slice(2));
  const scratch = await mkdtemp(path.join(tmpdir(), 'vscode-shim-'));
  const userDataDir = commandLine.userDataDir ?? path.join(scratch, 'user-data');
  const extensionsDir = commandLine.extensionsDir ?? path.join(scratch, 'extensions');
  const proof = path.join(scratch, 'proof');
  let server: VscodeServer | undefined;
  let browser: BrowserContext | undefined;
  try {
    await mkdir(extensionsDir, { recursive: true });
    server = await startVscodeServer({
      scratch,
      userDataDir,
      extensionsDir,
      // A built workbench ignores extensionDevelopmentPath and extensionTestsPath in its address without it.
      testDriver: true,
      env: { GHOSTLINE_SHIM_TESTS: commandLine.tests, GHOSTLINE_SHIM_PROOF: proof },
    });
    browser = await launchChromium({ profileDir: path.join(scratch, 'chromium'), handleSignals: false });
    const page = browser.pages()[0] ?? (await browser.newPage());
    const log: string[] = [];
    const outcome = await Promise.race([
      runInWorkbench(page, server, commandLine, log),
      serverDeath(server),
      interrupted,
      timeout(),
    ]);
    const verdict = outcome.kind === 'finished' && commandLine.tests ? await confirm(outcome.code, proof) : outcome;
    if (verdict.kind === 'broken') {
      const artifacts = process.env['GHOSTLINE_SHIM_ARTIFACTS'] ?? userDataDir;
      process.stderr.write(`[vscode-shim] ${verdict.why}; screenshot and logs are in ${artifacts}\n`);
      await leaveArtifacts(artifacts, server, page, log);
    }
    return verdict.code;
  } finally {
    await Promise.all([browser?.close(), server?.child.stop()]);
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The workbench reports through two functions of the page, as in VS Code's own integration tests in a browser. */
async function runInWorkbench(
  page: Page,
  server: VscodeServer,
  commandLine: CommandLine,
  log: string[],
): Promise<Outcome> {
  const finished = Promise.withResolvers<Outcome>();
  let started = false;
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const line = format(...args);
    log.push(`${type}: ${line}`);
    if (line === TESTS_START) started = true;
    else if (started && !NOT_OF_THE_TESTS.test(line)) {
      (type === 'error' ? process.stderr : process.stdout).write(`${line}\n`);
    }
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => {
    const couldNotStart = code !== 0 && !started;
    finished.resolve(
      couldNotStart ? { kind: 'broken', code, why: 'the tests did not start' } : { kind: 'finished', code },
    );
  });
  page.once('crash', () => finished.resolve({ kind: 'broken', code: 1, why: 'the page crashed' }));
  const payload: [string, string][] = commandLine.extensions.map((folder) => [
    'extensionDevelopmentPath',
    server.remoteUri(folder),
  ]);
  if (commandLine.tests) payload.push(['extensionTestsPath', server.remoteUri(RUNNER)]);
  for (const file of commandLine.files) payload.push(['openFile', server.remoteUri(file)]);
  await page.goto(server.workbenchUrl(commandLine.open, payload), { waitUntil: 'commit' });
  return finished.promise;
}

async function serverDeath(server: VscodeServer): Promise<Outcome> {
  const { code, signal } = await server.child.exited;
  return { kind: 'broken', code: 1, why: `the VS Code server ended early (${signal ?? `exit code ${code}`})` };
}

function interruption(): Promise<Outcome> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve({ kind: 'broken', code: 130, why: `interrupted by ${signal}` }));
    }
  });
}

function timeout(): Promise<Outcome> {
  return new Promise((resolve) => {
    const why = `no result within ${TIMEOUT_MS} ms`;
    setTimeout(() => resolve({ kind: 'broken', code: 124, why }), TIMEOUT_MS).unref();
  });
}

/** A workbench whose extension host was killed reports exit code 0 too: that counts only with the runner's own word. */
async function confirm(code: number, proof: string): Promise<Outcome> {
  if (code !== 0) return { kind: 'finished', code };
  const word = await readFile(proof, 'utf8').catch(() => undefined);
  if (word === 'passed') return { kind: 'finished', code };
  return { kind: 'broken', code: 1, why: 'the extension host went away before the tests had finished' };
}

async function leaveArtifacts(folder: string, server: VscodeServer, page: Page, log: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'vscode-server.log'), server.child.output());
  await writeFile(path.join(folder, 'vscode-console.log'), log.join('\n'));
  // A page that hangs cannot be photographed; the logs are there all the same.
  await page.screenshot({ path: path.join(folder, 'vscode.png'), timeout: 5000 }).catch(() => undefined);
}

process.exitCode = await main();
