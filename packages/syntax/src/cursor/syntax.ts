import type { Edit, Language as Grammar, Tree } from 'web-tree-sitter';
import { languageOf } from '../languages.ts';
import { decide } from './decide.ts';
import { type GrammarSource, loadGrammars } from './grammars.ts';
import { treeFacts } from './tree-facts.ts';
import type { CursorSyntax } from './types.ts';
import { type Window, differenceBetween, pointAt, windowAt, windowFrom } from './window.ts';

/** A document and its cursor: offsets are UTF-16 code units into `text`. */
export interface SyntaxDocument {
  readonly uri: string;
  readonly text: string;
  readonly cursor: number;
  /** VS Code language id. */
  readonly language: string;
}

/** What grammars tell about cursors. */
export interface Syntax {
  /** Starts to load what the language needs, once; nothing waits for it. Asking about a cursor does so, too. */
  prepare(language: string): void;
  /**
   * What stands at the cursor, as a tree of the text around it tells. `undefined` for languages without a grammar, while
   * it is being loaded, where the code is too damaged or too hard to parse: `describeLines` answers then.
   */
  at(document: SyntaxDocument): CursorSyntax | undefined;
  /**
   * How many errors the text around would have more, or fewer, with `inserted` in the place of `[start, end)`: nodes that
   * do not parse, or are missing. To rank candidates. `undefined` when unknown.
   */
  errorsAdded(document: SyntaxDocument, change: SyntaxChange): number | undefined;
  forget(uri: string): void;
  dispose(): void;
}

export interface SyntaxChange {
  readonly start: number;
  readonly end: number;
  readonly inserted: string;
}

export interface SyntaxOptions extends GrammarSource {
  /** A clock in ms, for the parse budget. */
  readonly now?: () => number;
}

/** Trees of this many documents are kept, those looked at last: with full windows they fit into the first 32 MB of the parser. */
const MAX_TREES = 8;

/**
 * A full window takes 4 ms to parse in TypeScript and 15 ms in C++, the very first one, while the engine compiles the
 * parser, 20 ms. Beyond that, a text is one the grammar has trouble with, and would have it again at the next keystroke;
 * within it, no task comes near the 50 ms that an extension host's users feel.
 */
const PARSE_BUDGET_MS = 30;
const RETRY_AFTER_MS = 2_000;

/** What is known of a document. */
interface Parsed {
  readonly grammar: string;
  readonly window: Window;
  readonly windowText: string;
  /** Length of the whole document. */
  readonly length: number;
  readonly tree: Tree;
}

export function createSyntax({ now = () => performance.now(), ...source }: SyntaxOptions): Syntax {
  const grammars = loadGrammars(source);
  /** By URI, those looked at last at the end. */
  const documents = new Map<string, Parsed>();
  /** Documents that were too hard to parse, and until when they are left alone. */
  const resting = new Map<string, number>();

  function parse(grammar: Grammar, text: string, last: Tree | null): Tree | undefined {
    const parser = grammars.parser(grammar);
    const deadline = now() + PARSE_BUDGET_MS;
    const tree = parser.parse(text, last, { progressCallback: () => now() > deadline });
    // What was begun would otherwise be gone on with, whatever text comes next.
    if (!tree) parser.reset();
    return tree ?? undefined;
  }

  /** The tree of `document` as it is now, from the last one where there is one. */
  function parsed({ uri, text, cursor, language }: SyntaxDocument, name: string, grammar: Grammar): Parsed | undefined {
    const last = documents.get(uri);
    documents.delete(uri);
    if (last && last.grammar === name) {
      const window = windowFrom(last.window, last.length, text, cursor);
      if (window) return remember(uri, reparsed(last, window, text, grammar));
    }
    last?.tree.delete();
    const until = resting.get(uri);
    if (until !== undefined && now() < until) return undefined;
    const window = windowAt(text, cursor, languageOf(language));
    const windowText = text.slice(window.start, window.end);
    const tree = parse(grammar, windowText, null);
    return remember(uri, tree && { grammar: name, window, windowText, length: text.length, tree });
  }

  function reparsed(last: Parsed, window: Window, text: string, grammar: Grammar): Parsed | undefined {
    const windowText = text.slice(window.start, window.end);
    const changed = differenceBetween(last.windowText, windowText);
    if (!changed) return { ...last, window, length: text.length };
    const next = edited(last.tree, last.windowText, windowText, changed, (tree) => parse(grammar, windowText, tree));
    last.tree.delete();
    return next && { ...last, window, windowText, length: text.length, tree: next };
  }

  function remember(uri: string, found: Parsed | undefined): Parsed | undefined {
    if (!found) {
      resting.set(uri, now() + RETRY_AFTER_MS);
      return undefined;
    }
    resting.delete(uri);
    documents.set(uri, found);
    for (const [oldest, { tree }] of documents) {
      if (documents.size <= MAX_TREES) break;
      documents.delete(oldest);
      tree.delete();
    }
    return found;
  }

  /** Runs `ask` on the document's tree. A parser that failed is not to be trusted with anything again. */
  function withTree<T>(
    document: SyntaxDocument,
    ask: (found: Parsed, grammar: Grammar) => T | undefined,
  ): T | undefined {
    const name = languageOf(document.language).grammar;
    const grammar = name === undefined ? undefined : grammars.get(name);
    if (name === undefined || grammar === undefined) return undefined;
    try {
      const found = parsed(document, name, grammar);
      return found && ask(found, grammar);
    } catch (error) {
      for (const [uri, { grammar: of }] of documents) if (of === name) documents.delete(uri);
      grammars.failed(name, error);
      return undefined;
    }
  }

  function forget(uri: string): void {
    documents.get(uri)?.tree.delete();
    documents.delete(uri);
    resting.delete(uri);
  }

  return {
    prepare(id) {
      const { grammar } = languageOf(id);
      if (grammar !== undefined) grammars.get(grammar);
    },
    at(document) {
      return withTree(document, ({ tree, window, windowText }) => {
        const language = languageOf(document.language);
        const cursor = document.cursor - window.start;
        const facts = treeFacts(tree.rootNode, windowText, cursor, language);
        if (!facts) return undefined;
        const { block } = facts;
        return {
          ...decide(windowText, cursor, facts, language),
          block: block && { ...block, end: block.end === undefined ? undefined : block.end + window.start },
          by: 'tree' as const,
        };
      });
    },
    errorsAdded(document, { start, end, inserted }) {
      return withTree(document, ({ tree, window, windowText }, grammar) => {
        if (start < window.start || end > window.end) return undefined;
        const from = start - window.start;
        const to = end - window.start;
        const text = windowText.slice(0, from) + inserted + windowText.slice(to);
        const difference = { start: from, oldEnd: to, newEnd: from + inserted.length };
        const copy = tree.copy();
        const changed = edited(copy, windowText, text, difference, (edited) => parse(grammar, text, edited));
        copy.delete();
        if (!changed) return undefined;
        const added = errorsIn(changed) - errorsIn(tree);
        changed.delete();
        return added;
      });
    },
    forget,
    dispose() {
      for (const uri of documents.keys()) forget(uri);
      grammars.dispose();
    },
  };
}

/** `parse` with `tree` told what has changed. */
function edited(
  tree: Tree,
  before: string,
  after: string,
  { start, oldEnd, newEnd }: { readonly start: number; readonly oldEnd: number; readonly newEnd: number },
  parse: (tree: Tree) => Tree | undefined,
): Tree | undefined {
  tree.edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEnd),
    newEndPosition: pointAt(after, newEnd),
  } as Edit);
  return parse(tree);
}

function errorsIn({ rootNode }: Tree): number {
  let errors = 0;
  const waiting = [rootNode];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.isError || node.isMissing) errors += 1;
    if (node.hasError) waiting.push(...node.children.filter((child) => child !== null));
  }
  return errors;
}
