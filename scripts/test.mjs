/**
 * `npm test`: everything, on a fresh clone. Parts run one after the other (two cores), a failing one does not hide the next,
 * and the last line counts them all.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, main, setUp } from './setup.mjs';
import { ensureSystemPackages } from './system-packages.mjs';
import { root } from './toolchain.mjs';

const RESULTS = path.join(root, 'test-results');

const vitest = (project) => ({
  title: `${project} tests`,
  command: [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path.join(RESULTS, `${project}.json`)}`,
  ],
  count: () => countVitest(path.join(RESULTS, `${project}.json`)),
});
const check = (title, ...command) => ({
  title,
  command,
  count: (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }),
});

const PARTS = [
  check('types', 'turbo', 'run', 'types', '--output-logs=errors-only'),
  check('lint', 'pnpm', 'run', 'lint'),
  check('format', 'pnpm', 'run', 'format'),
  check('dependencies', 'pnpm', 'run', 'audit'),
  vitest('boundaries'),
  vitest('unit'),
  vitest('integration'),
  {
    title: 'editor tests',
    command: ['node', 'test/editor/run.ts'],
    count: () => readJson(path.join(RESULTS, 'editor.json')),
  },
  vitest('browser'),
];

await main(async () => {
  const env = await setUp();
  await ensureSystemPackages();
  await build(env);
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  const total = { passed: 0, failed: 0 };
  const failedParts = [];
  for (const part of PARTS) {
    process.stdout.write(`\n── ${part.title} ──\n`);
    const started = Date.now();
    const code = await execute(part.command, env);
    const { passed, failed } = verdict(part, code);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) failedParts.push(part.title);
    process.stdout.write(
      `${part.title}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - started) / 1000)} s)\n`,
    );
  }
  process.stdout.write(failedParts.length > 0 ? `\nFailed: ${failedParts.join(', ')}\n` : '\n');
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
});

/** A part that ended badly, or ran nothing, has failed at least once, whatever it counted. */
function verdict(part, code) {
  const { passed, failed } = part.count(code) ?? { passed: 0, failed: 0 };
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}

/** Skipped tests count as failed: nothing is skipped silently here. */
function countVitest(file) {
  const result = readJson(file);
  return result && { passed: result.numPassedTests, failed: result.numTotalTests - result.numPassedTests };
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function execute([program, ...args], env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}
