/** The files that a syntax of `packages/syntax` has loaded: a runtime, and a grammar for each language that is opened. */
export interface GrammarSource {
  readonly loadRuntime: () => Promise<Uint8Array>;
  readonly loadGrammar: (name: string) => Promise<Uint8Array>;
  readonly onTrouble: (name: string, error: unknown) => void;
}

/** `read` gives the bytes of a file that the build put beside the bundles; what it cannot give is logged once. */
export function createGrammarSource(
  read: (file: string) => Promise<Uint8Array>,
  warn: (line: string) => void,
): GrammarSource {
  return {
    loadRuntime: () => read('tree-sitter.wasm'),
    loadGrammar: (name) => read(`tree-sitter-${name}.wasm`),
    onTrouble: (name, error) => {
      const what = name === '' ? 'The parser' : `The grammar “${name}”`;
      warn(`${what} cannot be used, so lines and brackets tell where blocks begin and end: ${String(error)}`);
    },
  };
}
