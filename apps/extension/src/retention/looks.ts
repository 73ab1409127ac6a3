import { type DiagnosticPlace, kindOf } from './count-unresolved.ts';

/** Languages whose servers resolve every name: without a word from them nothing is known, and silence after one means none. */
const RESOLVED: ReadonlySet<string> = new Set(
  'typescript typescriptreact vue svelte python go rust java csharp php c cpp cuda-cpp objective-c objective-cpp'.split(
    ' ',
  ),
);
/** Here names are resolved only where a project asks for it; a file that says of one that it is not shows it. */
const SOMETIMES_RESOLVED: ReadonlySet<string> = new Set(['javascript', 'javascriptreact']);

/** Whether what servers say of a document is about its text as it is now. */
export interface Looks {
  /** A server has said something of this document, be it that it has nothing to say. */
  told(uri: string): void;
  changed(uri: string): void;
  closed(uri: string): void;
  /** True when what is not among `diagnostics` resolves. */
  hasLooked(uri: string, language: string, diagnostics: Iterable<DiagnosticPlace>): boolean;
}

export function createLooks(): Looks {
  const current = new Set<string>();
  return {
    told: (uri) => void current.add(uri),
    // The places of what was said before are those of another text.
    changed: (uri) => void current.delete(uri),
    closed: (uri) => void current.delete(uri),
    hasLooked(uri, language, diagnostics) {
      if (!current.has(uri)) return false;
      if (RESOLVED.has(language)) return true;
      return (
        SOMETIMES_RESOLVED.has(language) && [...diagnostics].some((diagnostic) => kindOf(diagnostic) !== undefined)
      );
    },
  };
}
