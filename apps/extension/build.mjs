import { copyFile, mkdir } from 'node:fs/promises';
import process from 'node:process';
import { build, context } from 'esbuild';
import { grammarFiles, runtimeForCommonJs } from '../../packages/syntax/grammar-files.mjs';

/**
 * Two bundles from the same sources, each with that of its worker, and the page of the inspector for both. CommonJS, as the web extension host loads nothing else;
 * that is also why the manifest has no `"type": "module"` (VS Code would then import the bundles as ES modules) and `src`
 * says it for itself.
 */
const shared = {
  bundle: true,
  format: 'cjs',
  external: ['vscode'],
  // The other build of it asks `import.meta` where it is.
  alias: { 'web-tree-sitter': runtimeForCommonJs },
  sourcemap: 'linked',
  // A third of the size: what VS Code reads and parses before the first suggestion.
  minify: true,
  logLevel: 'warning',
};
// VS Code 1.105, our floor, runs extensions on Node 22.
const desktop = { ...shared, platform: 'node', target: 'node22', outdir: 'dist' };
const web = { ...shared, platform: 'browser', target: 'es2024', outdir: 'dist/web' };
const bundles = [
  { ...desktop, entryPoints: { extension: 'src/extension.ts' } },
  { ...web, entryPoints: { extension: 'src/extension.ts' } },
  { ...desktop, entryPoints: { 'local-model-worker': 'src/local-model/thread-entry.ts' } },
  // A blob has no folder in which a source map could be looked for.
  {
    ...web,
    format: 'iife',
    sourcemap: false,
    entryPoints: { 'local-model-worker': 'src/local-model/web-worker-entry.ts' },
  },
  // The page of the inspector: a browser on the desktop, too.
  {
    ...web,
    format: 'iife',
    sourcemap: false,
    outdir: 'dist/why',
    entryPoints: { page: 'src/why/page-entry.ts', style: 'src/why/page.css' },
  },
];

/** Both hosts read them through the editor, so they are there once. */
async function copyGrammars() {
  await mkdir('dist/grammars', { recursive: true });
  await Promise.all(grammarFiles.map(({ name, path }) => copyFile(path, `dist/grammars/${name}`)));
}

await copyGrammars();
if (process.argv.includes('--watch')) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
