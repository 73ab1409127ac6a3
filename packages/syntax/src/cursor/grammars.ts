import type { Language as Grammar, Parser } from 'web-tree-sitter';

export interface GrammarSource {
  /** The bytes of the runtime, `web-tree-sitter.wasm`; asked for once. */
  readonly loadRuntime: () => Promise<Uint8Array>;
  /** The bytes of `tree-sitter-NAME.wasm`; asked for once each. */
  readonly loadGrammar: (name: string) => Promise<Uint8Array>;
  /** Told once when the runtime (`name` is empty then) or a grammar cannot be loaded or used: lines answer from then on. */
  readonly onTrouble?: (name: string, error: unknown) => void;
}

export interface Grammars {
  /** The grammar, once it is loaded; asking starts that. */
  get(name: string): Grammar | undefined;
  /** The one parser, set to `grammar`. */
  parser(grammar: Grammar): Parser;
  /** The grammar is not to be used again. */
  failed(name: string, error: unknown): void;
  dispose(): void;
}

type State =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly grammar: Grammar }
  | { readonly kind: 'failed' };

/** Loads the runtime with the first grammar that is asked for, and each grammar when it is. */
export function loadGrammars({ loadRuntime, loadGrammar, onTrouble }: GrammarSource): Grammars {
  const states = new Map<string, State>();
  let runtime: ReturnType<typeof startRuntime> | undefined;
  let parser: Parser | undefined;
  let current: Grammar | undefined;
  let disposed = false;

  async function startRuntime() {
    try {
      // 150 KB of script that nothing needs before the first document of a language with a grammar.
      const [library, wasmBinary] = await Promise.all([import('web-tree-sitter'), loadRuntime()]);
      await library.Parser.init({ wasmBinary });
      return library;
    } catch (error) {
      onTrouble?.('', error);
      return undefined;
    }
  }

  async function load(name: string): Promise<void> {
    runtime ??= startRuntime();
    try {
      const [library, bytes] = await Promise.all([runtime, loadGrammar(name)]);
      if (!library || disposed) return;
      const grammar = await library.Language.load(bytes);
      if (disposed) return;
      parser ??= new library.Parser();
      states.set(name, { kind: 'ready', grammar });
    } catch (error) {
      failed(name, error);
    }
  }

  function failed(name: string, error: unknown): void {
    states.set(name, { kind: 'failed' });
    onTrouble?.(name, error);
  }

  return {
    get(name) {
      const state = states.get(name);
      if (state) return state.kind === 'ready' ? state.grammar : undefined;
      if (disposed) return undefined;
      states.set(name, { kind: 'loading' });
      void load(name);
      return undefined;
    },
    parser(grammar) {
      if (grammar !== current) parser!.setLanguage(grammar);
      current = grammar;
      return parser!;
    },
    failed,
    dispose() {
      disposed = true;
      states.clear();
      parser?.delete();
      parser = undefined;
    },
  };
}
