import type { DocumentSnapshot } from '../types.ts';
import { type Anchor, type Progress, progressSince } from './anchor.ts';
import type { Answer } from './answer.ts';
import { createRadixTrie } from './radix-trie.ts';

/**
 * A hundred answers cover some minutes of typing; with their 28 KiB windows, and the keys of the trie, which are as long
 * again, they come to 5 MB, and to 10 MB in scripts beyond Latin-1.
 */
const MAX_ENTRIES = 100;

export interface Sought {
  readonly document: DocumentSnapshot;
  /** Where `document` stands now. */
  readonly anchor: () => Anchor;
  /** At least so many alternatives were asked for. */
  readonly candidates: number;
}

export interface CompletionCache {
  put(answer: Answer): void;
  /** The answer with the longest prefix whose text starts with what was typed since, and goes on after it. */
  find(sought: Sought): { answer: Answer; progress: Progress } | undefined;
  clear(): void;
}

/**
 * Finished answers for documents that come back: after an acceptance, an undo, a moved cursor, a closed and reopened
 * suggestion. Every remainder of an answer is found, after each of its characters; but it is reused for a longer prefix
 * only if that very answer says so, never a neighbour's.
 */
export function createCompletionCache(maxEntries = MAX_ENTRIES): CompletionCache {
  let trie = createRadixTrie<Answer>();
  /** Least recently used first. */
  const answers = new Set<Answer>();

  function forget(answer: Answer): void {
    answers.delete(answer);
    trie.delete(keyOf(answer.anchor), answer);
  }

  return {
    put(answer) {
      if (answers.has(answer)) return;
      answers.add(answer);
      trie.add(keyOf(answer.anchor), answer);
      const [oldest] = answers;
      if (oldest && answers.size > maxEntries) forget(oldest);
    },
    find({ document, anchor, candidates }) {
      if (answers.size === 0) return undefined;
      for (const answer of trie.beginningsOf(keyOf(anchor()))) {
        if (answer.candidates < candidates) continue;
        const progress = matches(answer, anchor(), document);
        if (!progress) continue;
        answers.delete(answer);
        answers.add(answer);
        return { answer, progress };
      }
      return undefined;
    },
    clear() {
      trie = createRadixTrie();
      answers.clear();
    },
  };
}

function keyOf({ uri, prefix }: Anchor): string {
  return `${uri}\0${prefix}`;
}

function matches(answer: Answer, at: Anchor, document: DocumentSnapshot): Progress | undefined {
  const typed = at.prefix.slice(answer.anchor.prefix.length);
  // Texts before the suffix: most are dismissed here.
  if (!answer.indexes().some((index) => goesOnAfter(answer.settled(index), typed))) return undefined;
  // Text above the window may be longer or shorter by now: where the answer stands is counted from the cursor.
  return progressSince({ ...answer.anchor, cursor: document.cursor - typed.length }, document);
}

function goesOnAfter(text: string, typed: string): boolean {
  return text.length > typed.length && text.startsWith(typed);
}
