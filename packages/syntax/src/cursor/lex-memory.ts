import type { Language } from '../languages.ts';
import type { LexState } from './lex.ts';
import { lineStartAt } from './text.ts';

/** Remembers where lexing stood at the start of lines, to go on from there: typing changes the line at the end only. */
export interface LexMemory {
  /**
   * How it stood at the start of one of the last lines before `end`; undefined when that is not remembered. `from` is where
   * code begins at or after `start`.
   */
  find(text: string, start: number, from: number, end: number, language: Language): LexState | undefined;
  keep(text: string, start: number, from: number, language: Language, state: LexState): void;
}

interface Entry {
  readonly before: string;
  readonly start: number;
  readonly from: number;
  readonly language: Language;
  readonly state: LexState;
}

/** Keystrokes of so many people at once; with the documents they hold on to, 15 MB where all are as long as they may be. */
const MAX_ENTRIES = 512;
/** An Enter, or a suggestion of some lines that was accepted: what stood above them is known. */
const LINES_BACK = 8;
/** So many characters before the start of a line name it; texts that are equal there are compared as a whole. */
const NAME_CHARS = 200;

export function createLexMemory(): LexMemory {
  /** Least recently used first. */
  const entries = new Map<string, Entry>();

  return {
    find(text, start, from, end, language) {
      let line = lineStartAt(text, end);
      for (let lines = 0; lines < LINES_BACK && line > from; lines++) {
        const name = nameOf(text, start, line);
        const entry = entries.get(name);
        if (entry && isOf(entry, text, start, from, line, language)) {
          entries.delete(name);
          entries.set(name, entry);
          return entry.state;
        }
        line = lineStartAt(text, line - 1);
      }
      return undefined;
    },
    keep(text, start, from, language, state) {
      const name = nameOf(text, start, state.at);
      entries.delete(name);
      entries.set(name, { before: text.slice(start, state.at), start, from, language, state });
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
    },
  };
}

function nameOf(text: string, start: number, line: number): string {
  return text.slice(Math.max(start, line - NAME_CHARS), line);
}

function isOf(entry: Entry, text: string, start: number, from: number, line: number, language: Language): boolean {
  if (entry.start !== start || entry.from !== from || entry.language !== language) return false;
  return entry.state.at === line && entry.before === text.slice(start, line);
}
