import { anchorAt } from '../../policy/anchor.ts';
import { draw } from '../../testing/draw.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import type { CompletionQuery, DocumentSnapshot, Excerpt, OpenDocument } from '../../types.ts';
import { createGatherer } from '../gather.ts';
import { type IsIgnored, createTextRules } from '../text-rules.ts';

export interface SessionOptions {
  readonly exclude?: readonly string[];
  readonly admin?: readonly string[];
  readonly isIgnored?: IsIgnored;
}

/** What else there is at a keystroke. */
export interface Surroundings extends Partial<Omit<CompletionQuery, 'document' | 'openDocuments'>> {
  readonly open?: readonly OpenDocument[];
}

/** Gathers for one document after another, as a client does, on a clock that stands still. */
export function openSession({ exclude = [], admin = [], isIgnored }: SessionOptions = {}) {
  const clock = createManualClock();
  const gather = createGatherer(clock);
  const rules = createTextRules(isIgnored).with(exclude, { excludedPaths: admin, excludedLanguages: [] });

  function at(document: DocumentSnapshot | string, { open = [], ...rest }: Surroundings = {}) {
    const snapshot = typeof document === 'string' ? draw(document) : document;
    const query: CompletionQuery = { document: snapshot, trigger: 'automatic', openDocuments: () => open, ...rest };
    return gather(query, anchorAt(snapshot), rules);
  }
  return {
    clock,
    rules,
    at,
    async context(
      document: DocumentSnapshot | string,
      { signal, ...surroundings }: Surroundings & { readonly signal?: AbortSignal } = {},
    ) {
      return at(document, surroundings).complete(signal ?? new AbortController().signal);
    },
  };
}

export function opened(path: string, text: string, language = 'typescript'): OpenDocument {
  return { uri: `file:///${path}`, path, text, language };
}

export function excerpt(path: string, text: string, startLine = 0): Excerpt {
  return { ...opened(path, text), startLine };
}
