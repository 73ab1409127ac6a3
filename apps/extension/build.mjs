import { copyFile, glob, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
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
  plugins: [{ name: 'vscode', setup: importVscodeOnce }],
  sourcemap: 'linked',
  // A third of the size: what VS Code reads and parses before the first suggestion.
  minify: true,
  logLevel: 'warning',
};
// VS Code 1.105, our floor, runs extensions on Node 22.
const desktop = {
  ...shared,
  platform: 'node',
  target: 'node22',
  outdir: 'dist',
  // A sixth of what is parsed at the start, for what no start needs; the web extension host loads nothing but one file.
  plugins: [...shared.plugins, { name: 'tree-sitter apart', setup: loadTreeSitterLater }],
  supported: { 'dynamic-import': false },
};
const web = {
  ...shared,
  platform: 'browser',
  target: 'es2024',
  outdir: 'dist/web',
  // The other build of it asks `import.meta` where it is.
  alias: { 'web-tree-sitter': runtimeForCommonJs },
};
const bundles = [
  { ...desktop, entryPoints: { extension: 'src/extension.ts' } },
  { ...web, entryPoints: { extension: 'src/extension.ts' } },
  { ...desktop, entryPoints: { 'tree-sitter': runtimeForCommonJs } },
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

/**
 * As an external module `vscode` would be wrapped once for each file that imports it, with a getter for each of its 500
 * names: 7 ms of a start, and a call at every use. This module takes what the sources use from it, once.
 */
function importVscodeOnce({ onResolve, onLoad }) {
  onResolve({ filter: /^vscode$/ }, ({ namespace }) =>
    namespace === 'vscode' ? { path: 'vscode', external: true } : { path: 'vscode', namespace: 'vscode' },
  );
  onLoad({ filter: /^vscode$/, namespace: 'vscode' }, async () => {
    const watchFiles = await Array.fromAsync(glob('src/**/*.ts'), (file) => path.resolve(file));
    const sources = await Promise.all(watchFiles.map((file) => readFile(file, 'utf8')));
    // Names of types among them do no harm.
    const names = new Set(
      sources.flatMap((source) => [...source.matchAll(/\bvscode\.(\w+)/g)].map(([, name]) => name)),
    );
    const taken = [...names].map((name) => `export const ${name} = vscode.${name};`);
    return { contents: [`const vscode = require('vscode');`, ...taken].join('\n'), watchFiles };
  });
}

function loadTreeSitterLater({ onResolve }) {
  onResolve({ filter: /^web-tree-sitter$/ }, () => ({ path: './tree-sitter.js', external: true }));
}

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
