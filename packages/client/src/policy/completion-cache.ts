import type { DocumentSnapshot } from '../types.ts';
import { type Progress, progressSince } from './anchor.ts';
import type { Answer } from './answer.ts';

/** A hundred answers cover some minutes of typing; with their 32 KiB windows they stay below 4 MB. */
const MAX_ENTRIES = 100;

export interface CompletionCache {
  put(answer: Answer): void;
  /**
   * The answer with the longest prefix whose text starts with what was typed since, and goes on after it; among those
   * that were asked for at least so many alternatives.
   */
  find(document: DocumentSnapshot, candidates: number): { answer: Answer; progress: Progress } | undefined;
  clear(): void;
}

/**
 * Finished answers for documents that come back: after an undo, a moved cursor, a closed and reopened suggestion. The
 * remainder of an answer is reused for a longer prefix only if that very answer says so, never a neighbour's.
 */
export function createCompletionCache(maxEntries = MAX_ENTRIES): CompletionCache {
  /** Least recently used first. */
  const answers = new Set<Answer>();

  return {
    put(answer) {
      answers.add(answer);
      if (answers.size <= maxEntries) return;
      for (const oldest of answers) {
        answers.delete(oldest);
        return;
      }
    },
    find(document, candidates) {
      let best: { answer: Answer; progress: Progress } | undefined;
      for (const answer of answers) {
        if (answer.candidates < candidates) continue;
        if (best && answer.anchor.cursor < best.answer.anchor.cursor) continue;
        const progress = matches(answer, document);
        if (progress) best = { answer, progress };
      }
      if (best) {
        answers.delete(best.answer);
        answers.add(best.answer);
      }
      return best;
    },
    clear: () => answers.clear(),
  };
}

function matches(answer: Answer, document: DocumentSnapshot): Progress | undefined {
  const length = document.cursor - answer.anchor.cursor;
  if (length < 0 || document.uri !== answer.anchor.uri) return undefined;
  const texts = answer.indexes().map((index) => answer.received(index));
  // Numbers before texts: with a hundred entries most are dismissed here.
  if (!texts.some((text) => text.length > length)) return undefined;
  const progress = progressSince(answer.anchor, document);
  if (!progress || !texts.some((text) => text.length > length && text.startsWith(progress.typed))) return undefined;
  return progress;
}
