/** `pnpm bench [name]`: runs one benchmark, or all; prints ratios and leaves them as JSON in bench-results/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache } from './cache.ts';
import { cancellation } from './cancellation.ts';
import { editor } from './editor.ts';
import { fuzz } from './fuzz.ts';
import { gateway } from './gateway.ts';
import { limits } from './limits.ts';
import { memory } from './memory.ts';
import { ngram } from './ngram.ts';
import { prompt } from './prompt.ts';
import { typing } from './typing.ts';

const BENCHMARKS: Record<string, (folder: string) => Promise<unknown>> = {
  cache,
  cancellation,
  editor,
  fuzz,
  gateway,
  limits,
  memory,
  ngram,
  prompt,
  typing,
};

const [name] = process.argv.slice(2);
const chosen = name === undefined ? Object.keys(BENCHMARKS) : [name];
const folder = path.resolve(import.meta.dirname, '../../bench-results');
mkdirSync(folder, { recursive: true });
for (const each of chosen) {
  const benchmark = BENCHMARKS[each];
  if (!benchmark) {
    console.error(`Unknown benchmark "${each}"; one of ${Object.keys(BENCHMARKS).join(', ')}`);
    process.exit(2);
  }
  const file = path.join(folder, `${each}.json`);
  writeFileSync(file, `${JSON.stringify(await benchmark(folder), null, 2)}\n`);
  console.log(`\nwritten to ${path.relative(process.cwd(), file)}`);
}
