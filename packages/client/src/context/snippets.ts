import { type Snippet, utf8Length } from '@ghostline/protocol';
import { splitLines } from '../text/lines.ts';
import type { DocumentSnapshot, OpenDocument } from '../types.ts';
import { identifiersOf, similarWindows } from './identifiers.ts';
import type { TextRules } from './text-rules.ts';
import type { TextWindow } from './window.ts';

/** Copilot's figure for similar files: about one screen and a half, enough for a function with its neighbours. */
const WINDOW_LINES = 60;
/** Lines around the cursor that say what is being worked on: mostly those above, which were written or read last. */
const REFERENCE_LINES = { before: 45, after: 15 };
const MAX_SNIPPETS = 8;
/** As much as the prefix: more would push the server's budget into dropping it again. */
const MAX_BYTES = 24 * 1024;
/** A second window of the same file helps when it is large; a third mostly displaces another file. */
const WINDOWS_PER_FILE = 2;
/** Copilot's bounds: 20 files and 200,000 characters keep the first pass, before anything is remembered, at some 10 ms. */
const MAX_FILES = 20;
const MAX_CHARS = 200_000;

interface IndexedFile {
  readonly text: string;
  readonly lines: readonly string[];
  readonly words: readonly (readonly string[])[];
}

/** Chooses which parts of the open documents go with a request, as they are; remembers their words between requests. */
export function createSnippetFinder() {
  let index = new Map<string, IndexedFile>();

  /** Best first: files of the same language before others, then by similarity to the lines around the cursor. */
  function find(
    document: DocumentSnapshot,
    around: TextWindow,
    open: readonly OpenDocument[],
    rules: Pick<TextRules, 'isExcluded'>,
  ): Snippet[] {
    const reference = wordsAround(around);
    const seen = new Map<string, IndexedFile>();
    const candidates: { snippet: Snippet; sameLanguage: boolean; score: number }[] = [];
    let chars = 0;
    for (const other of open.slice(0, MAX_FILES)) {
      if (other.uri === document.uri || !isSendablePath(other.path) || rules.isExcluded(other.path)) continue;
      if (chars + other.text.length > MAX_CHARS) continue;
      chars += other.text.length;
      const file = indexed(index.get(other.uri), other.text);
      seen.set(other.uri, file);
      for (const { start, end, score } of similarWindows(file.words, reference, WINDOW_LINES, WINDOWS_PER_FILE)) {
        const text = file.lines.slice(start, end).join('\n');
        const snippet: Snippet = { path: other.path, text, source: 'open_file', score };
        candidates.push({ snippet, sameLanguage: other.language === document.language, score });
      }
    }
    index = seen;
    candidates.sort((a, b) => Number(b.sameLanguage) - Number(a.sameLanguage) || b.score - a.score);
    return withinBudget(candidates);
  }
  return { find };
}

function withinBudget(candidates: readonly { snippet: Snippet }[]): Snippet[] {
  const chosen: Snippet[] = [];
  let bytes = 0;
  for (const { snippet } of candidates) {
    if (chosen.length === MAX_SNIPPETS) break;
    const size = utf8Length(snippet.text);
    if (bytes + size > MAX_BYTES) continue;
    bytes += size;
    chosen.push(snippet);
  }
  return chosen;
}

/** What the protocol takes as a path; editors also open documents without one. */
export function isSendablePath(path: string): boolean {
  return path !== '' && path.length <= 1024;
}

function indexed(known: IndexedFile | undefined, text: string): IndexedFile {
  if (known?.text === text) return known;
  const lines = splitLines(text);
  return { text, lines, words: lines.map(identifiersOf) };
}

function wordsAround({ prefix, suffix }: TextWindow): Set<string> {
  const before = splitLines(prefix).slice(-REFERENCE_LINES.before);
  const after = splitLines(suffix).slice(0, REFERENCE_LINES.after);
  return new Set([...before, ...after].flatMap(identifiersOf));
}
