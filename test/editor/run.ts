/**
 * `pnpm test:editor`: the built extension in a real VS Code. Tests run inside the extension host, in several starts of
 * VS Code, then others use the installed VSIX as a person would. Leaves `test-results/editor.json`.
 */
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { type Vscode, decide, obtain } from '../harness/choose-vscode.ts';
import { repository } from '../harness/repository.ts';
import { QUIET_SETTINGS } from '../harness/vscode-web.ts';
import { type TestResults, runMocha } from './mocha-run.ts';

const HERE = import.meta.dirname;
const DIST = path.join(HERE, 'dist');
const EXTENSION = path.join(repository, 'apps', 'extension');
const NEIGHBOUR = path.join(HERE, 'fixtures', 'neighbour');
const RESULTS = path.join(repository, 'test-results');
const RESULT = path.join(RESULTS, 'editor.json');

/** Opening VS Code anew for each file of tests is part of the test. */
const USER_TEST_TIMEOUT_MS = 120_000;

const LUNCH_MS = 60 * 60_000;

/** In this order; arguments choose some of them. `after-restart` looks for what `first-start` has left behind. */
const PARTS = {
  'first-start': (vscode: Vscode, scratch: string) => runInHost('first-start', 'all', vscode, scratch),
  'after-restart': async (vscode: Vscode, scratch: string) => {
    await letTimePass(scratch);
    return runInHost('after-restart', 'all', vscode, scratch);
  },
  'telemetry-off': (vscode: Vscode, scratch: string) => runInHost('telemetry-off', 'off', vscode, scratch),
  keyboard: asUser,
};
type Part = keyof typeof PARTS;
const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`✗ ${error.message}`);
  return 1;
});

async function main(args: readonly string[]): Promise<number> {
  const names = Object.keys(PARTS).filter(isPart);
  const unknown = args.find((name) => !isPart(name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}"; one of ${names.join(', ')}`);
  const chosen = args.length === 0 ? names : names.filter((name) => args.includes(name));
  await rm(RESULT, { force: true });
  requireBuild(path.join(EXTENSION, 'dist', 'extension.js'), path.join(EXTENSION, 'dist', 'ghostline.vsix'));
  const vscode = await obtain(decide(process.env, process.platform));
  console.log(`VS Code: ${vscode.description}`);
  await bundleSuites();

  const parts: TestResults[] = [];
  const scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-editor-'));
  try {
    for (const part of chosen) parts.push(await PARTS[part](vscode, scratch));
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
  const total = parts.reduce(add);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(RESULT, JSON.stringify(total, undefined, 2));
  console.log(`\nEditor: ${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

function requireBuild(...files: string[]) {
  const missing = files.find((file) => !existsSync(file));
  if (missing) throw new Error(`${path.relative(repository, missing)} is missing: run \`pnpm package\` first`);
}

/** The extension host loads CommonJS; `mocha` stays outside, as it finds its parts by path. */
async function bundleSuites(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  await build({
    entryPoints: [path.join(HERE, 'host.ts'), path.join(HERE, 'suite', '**', '*.test.ts')],
    outdir: DIST,
    outbase: HERE,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** The tests of one folder of `suite/`. All runs share the user data in `scratch`: each is VS Code started again. */
async function runInHost(suite: string, telemetry: string, vscode: Vscode, scratch: string): Promise<TestResults> {
  const title = `in the extension host: ${suite}`;
  console.log(`\n── ${title} ──`);
  const workspace = path.join(scratch, 'workspace');
  const userDataDir = path.join(scratch, 'user');
  const resultsFile = path.join(scratch, 'results.json');
  await mkdir(workspace, { recursive: true });
  await mkdir(path.join(userDataDir, 'User'), { recursive: true });
  // No extension may change this setting, so that a test of it needs a start of its own.
  const settings = { ...QUIET_SETTINGS, 'telemetry.telemetryLevel': telemetry };
  await writeFile(path.join(userDataDir, 'User', 'settings.json'), JSON.stringify(settings));
  await rm(resultsFile, { force: true });
  // As if it had been installed: only one extension can be under development.
  await cp(NEIGHBOUR, path.join(scratch, 'extensions', 'tabbyml.vscode-tabby-0.0.1'), { recursive: true });
  const ended = await runTests({
    vscodeExecutablePath: vscode.executable,
    extensionDevelopmentPath: EXTENSION,
    extensionTestsPath: path.join(DIST, 'host.cjs'),
    launchArgs: [workspace, `--user-data-dir=${userDataDir}`, `--extensions-dir=${path.join(scratch, 'extensions')}`],
    extensionTestsEnv: {
      GHOSTLINE_TEST_FILES: JSON.stringify(filesIn(DIST, `suite/${suite}/*.test.cjs`)),
      GHOSTLINE_TEST_RESULTS: resultsFile,
      GHOSTLINE_SHIM_ARTIFACTS: path.join(RESULTS, 'editor'),
    },
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (!existsSync(resultsFile)) return failure(title, ended ?? 'VS Code ended without a result');
  const results: TestResults = JSON.parse(await readFile(resultsFile, 'utf8'));
  return ended !== undefined && results.failed === 0 ? add(results, failure(title, ended)) : results;
}

/**
 * Tests end VS Code as a crash does: its window could not say that it is gone. What windows say of themselves is made as old
 * as after a lunch break, so that the next one takes over what they have left.
 */
async function letTimePass(scratch: string): Promise<void> {
  const left = globSync('user/**/globalStorage/ghostline.ghostline/outbox/*.alive', { cwd: scratch });
  for (const file of left) await writeFile(path.join(scratch, file), String(Date.now() - LUNCH_MS));
}

async function asUser(): Promise<TestResults> {
  const title = 'as a person at the keyboard';
  console.log(`\n── ${title} ──`);
  try {
    const results = await runMocha(filesIn(HERE, 'user/*.test.ts'), USER_TEST_TIMEOUT_MS);
    return results.passed + results.failed === 0 ? failure(title, 'No test ran') : results;
  } catch (error) {
    return failure(title, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function filesIn(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder })
    .toSorted()
    .map((file) => path.join(folder, file));
}

function failure(title: string, message: string): TestResults {
  return { passed: 0, failed: 1, failures: [{ title, message }] };
}

function add(a: TestResults, b: TestResults): TestResults {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    failures: [...a.failures, ...b.failures],
  };
}
