import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { grammarNames } from './src/index.ts';

/**
 * Where the files are that `createSyntax` has loaded, for builds that ship them and tests that read them. The versions of
 * the runtime and of the grammars are those of this package.
 */
const { resolve } = createRequire(import.meta.url);

const folder = path.dirname(resolve('@vscode/tree-sitter-wasm/package.json'));

/** The runtime and every grammar of the language table: the name to ship each under, and where it is now. */
export const grammarFiles = [
  { name: 'tree-sitter.wasm', path: resolve('web-tree-sitter/web-tree-sitter.wasm') },
  ...grammarNames().map((grammar) => ({
    name: `tree-sitter-${grammar}.wasm`,
    path: path.join(folder, 'wasm', `tree-sitter-${grammar}.wasm`),
  })),
];

/** For bundles in CommonJS: the build of web-tree-sitter that needs no `import.meta`. */
export const runtimeForCommonJs = fileURLToPath(new URL('web-tree-sitter.cjs', `file://${resolve('web-tree-sitter')}`));
