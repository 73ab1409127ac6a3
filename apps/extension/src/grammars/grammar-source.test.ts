import { describe, expect, it } from 'vitest';
import { createGrammarSource } from './grammar-source.ts';

describe('a grammar source', () => {
  it('asks for the files by the names that the build gives them', async () => {
    const asked: string[] = [];
    const source = createGrammarSource(
      (file) => {
        asked.push(file);
        return Promise.resolve(new Uint8Array());
      },
      () => {},
    );
    await source.loadRuntime();
    await source.loadGrammar('c-sharp');
    expect(asked).toEqual(['tree-sitter.wasm', 'tree-sitter-c-sharp.wasm']);
  });

  it('says in one line what cannot be used and what happens instead', () => {
    const lines: string[] = [];
    const source = createGrammarSource(
      () => Promise.reject(new Error('not found')),
      (line) => lines.push(line),
    );
    source.onTrouble('', new Error('not found'));
    source.onTrouble('go', new Error('not found'));
    expect(lines).toEqual([
      'The parser cannot be used, so lines and brackets tell where blocks begin and end: Error: not found',
      'The grammar “go” cannot be used, so lines and brackets tell where blocks begin and end: Error: not found',
    ]);
  });
});
