/** What the extension host is given as its tests: runs the files it is told to and leaves the results on disk. */
import { writeFile } from 'node:fs/promises';
import { runMocha } from './mocha-run.ts';

/** Two busy cores make a second of what takes 50 ms on an idle machine. */
const TEST_TIMEOUT_MS = 30_000;

/** VS Code calls it; a rejection fails the run. */
export async function run(): Promise<void> {
  const { GHOSTLINE_TEST_FILES, GHOSTLINE_TEST_RESULTS } = process.env;
  if (!GHOSTLINE_TEST_FILES || !GHOSTLINE_TEST_RESULTS) throw new Error('Start this with `pnpm test:editor`');
  const results = await runMocha(JSON.parse(GHOSTLINE_TEST_FILES), TEST_TIMEOUT_MS);
  await writeFile(GHOSTLINE_TEST_RESULTS, JSON.stringify(results));
  if (results.failed > 0) throw new Error(`${results.failed} tests failed`);
  if (results.passed === 0) throw new Error('No test ran');
}
