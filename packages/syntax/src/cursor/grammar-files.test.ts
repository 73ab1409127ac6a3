import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { grammarFiles, runtimeForCommonJs } from '../../grammar-files.mjs';
import { grammarNames } from '../languages.ts';

describe('the files of the grammars', () => {
  it('are the runtime and one for each grammar of the language table, named as they are asked for', () => {
    const names = grammarNames().map((grammar) => `tree-sitter-${grammar}.wasm`);
    expect(grammarFiles.map(({ name }) => name)).toEqual(['tree-sitter.wasm', ...names]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(grammarFiles)('hold WebAssembly: $name', async ({ path }) => {
    expect([...(await readFile(path)).subarray(0, 4)]).toEqual([0x00, 0x61, 0x73, 0x6d]);
  });

  it('come with a runtime for bundles in CommonJS', async () => {
    expect(await readFile(runtimeForCommonJs, 'utf8')).not.toContain('import.meta.url');
  });
});
