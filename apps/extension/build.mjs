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
  // What no start needs is not even parsed at one; the web extension host loads nothing but one file.
  plugins: [...shared.plugins, { name: 'apart', setup: loadLater }],
  supported: { 'dynamic-import': false },
};
const web = {
  ...shared,
  platform: 'browser',
  target: 'es2024',
  outdir: 'dist/web',
  plugins: [...shared.plugins, { name: 'in one file', setup: runLater }],
  // The other build of it asks `import.meta` where it is.
  alias: { 'web-tree-sitter': runtimeForCommonJs },
};
const bundles = [
  { ...desktop, entryPoints: { extension: 'src/extension.ts' } },
  { ...web, entryPoints: { extension: 'src/extension.ts' } },
  { ...desktop, entryPoints: { 'tree-sitter': runtimeForCommonJs } },
  { ...desktop, entryPoints: { schemas: '../../packages/client/src/schemas.ts' } },
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

/** What is wrong with what was built, as sentences that name the fix. */
function faultsOf(outputs, packaged) {
  const { bytes, inputs } = outputs['dist/extension.js'];
  const faults = [];
  if (bytes > MAX_START_BYTES)
    faults.push(
      `dist/extension.js has ${bytes} bytes, and every start of the editor compiles them all: at most ${MAX_START_BYTES} ` +
        'are allowed. Import what no start needs with import(), as loadLater has it, or raise the bound and say why.',
    );
  const stray = Object.keys(inputs).find((file) => /[/](?:zod|web-tree-sitter)[/]/.test(file));
  if (stray !== undefined)
    faults.push(`${stray} is in dist/extension.js: no start needs it, so import what uses it with import().`);
  for (const [file, { imports }] of Object.entries(outputs))
    for (const { path: wanted } of imports.filter((each) => each.path.startsWith('./'))) {
      const name = path.posix.join(path.posix.dirname(file), wanted);
      if (!outputs[name]) faults.push(`${file} asks for ${name}, which nothing builds.`);
      if (!packaged.includes(`!${name}`)) faults.push(`${file} asks for ${name}: add !${name} to .vscodeignore.`);
    }
  return [...new Set(faults)];
}

/**
 * What is imported later lies in the one file that there is, and runs when it is first asked for. As a bundle of its own: of
 * modules that run later esbuild leaves nothing out, and these would be twice the size.
 */
function runLater({ onResolve, onLoad }) {
  onResolve({ filter: /\/schemas\.ts$/ }, ({ kind, path: name, resolveDir }) =>
    kind === 'dynamic-import' ? { path: path.resolve(resolveDir, name), namespace: 'later' } : undefined,
  );
  onLoad({ filter: /./, namespace: 'later' }, async ({ path: entry }) => {
    const { platform, target } = web;
    const options = { bundle: true, format: 'cjs', minify: true, platform, target, write: false, metafile: true };
    const { outputFiles, metafile } = await build({ ...options, entryPoints: [entry] });
    return {
      contents: outputFiles[0].text,
      watchFiles: Object.keys(metafile.inputs).map((file) => path.resolve(file)),
    };
  });
}

function loadLater({ onResolve }) {
  onResolve({ filter: /^web-tree-sitter$/ }, () => ({ path: './tree-sitter.js', external: true }));
  onResolve({ filter: /\/schemas\.ts$/ }, ({ kind }) =>
    kind === 'dynamic-import' ? { path: './schemas.js', external: true } : undefined,
  );
}

/** Both hosts read them through the editor, so they are there once. */
async function copyGrammars() {
  await mkdir('dist/grammars', { recursive: true });
  await Promise.all(grammarFiles.map(({ name, path }) => copyFile(path, `dist/grammars/${name}`)));
}

/** What it has now and a little; each 10 KB are half a millisecond of every start. */
const MAX_START_BYTES = 264_000;

await copyGrammars();
if (process.argv.includes('--watch')) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
} else {
  const built = await Promise.all(bundles.map((options) => build({ ...options, metafile: true })));
  const outputs = Object.fromEntries(built.flatMap(({ metafile }) => Object.entries(metafile.outputs)));
  const faults = faultsOf(outputs, (await readFile('.vscodeignore', 'utf8')).split('\n'));
  for (const fault of faults) console.error(`✗ ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
