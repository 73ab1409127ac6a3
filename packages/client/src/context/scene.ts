import type { Anchor } from '../policy/anchor.ts';
import type { DocumentSnapshot, OpenDocument } from '../types.ts';
import type { IndexedDocument } from './document-index.ts';
import type { WordSet } from './similar-windows.ts';
import type { Extract, TextRules } from './text-rules.ts';
import { type Vocabulary, identifiersOf } from './vocabulary.ts';

/** What the sources look at: the document, the lines around the cursor, and the other documents that may be shown. */
export interface Scene {
  readonly document: DocumentSnapshot;
  readonly anchor: Anchor;
  readonly rules: TextRules;
  /** Open documents besides this one, most recent first. */
  readonly documents: readonly IndexedDocument[];
  /** The words around the cursor. */
  readonly words: readonly string[];
  readonly reference: WordSet;
  /** The same for the same words. */
  readonly wordsKey: string;
  /** In ms. */
  readonly at: number;
  /** Whether that may be shown; what may not is counted, once for each place. */
  admits(part: Pick<OpenDocument, 'uri' | 'path'> & { readonly language?: string }, extract?: Extract): boolean;
}

/** Lines around the cursor that say what is being worked on: mostly those above, which were written or read last. */
const REFERENCE_LINES = { before: 45, after: 15 };
const WORD_UNIT = /[\p{L}\p{N}_$\p{Cs}]/u;
const WORD_AFTER = /^[\p{L}\p{N}_$]*/u;

/** Different words around the cursor, but for the one being typed: half a word is no word, and changes with every key. */
export function wordsAround({ prefix, suffix }: Pick<Anchor, 'prefix' | 'suffix'>): readonly string[] {
  const before = withoutLastWord(lastLines(prefix, REFERENCE_LINES.before));
  const after = firstLines(suffix, REFERENCE_LINES.after).replace(WORD_AFTER, '');
  return [...new Set([...identifiersOf(before), ...identifiersOf(after)])];
}

export function wordSet(words: readonly string[], vocabulary: Vocabulary): WordSet {
  const ids = words.map((word) => vocabulary.idOf(word));
  const has = new Uint8Array(vocabulary.size);
  for (const id of ids) has[id] = 1;
  return { has, size: ids.length };
}

/** From the end: a pattern would begin anew at each character of a line that is one long word. */
function withoutLastWord(text: string): string {
  let end = text.length;
  while (end > 0 && WORD_UNIT.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}

function lastLines(text: string, count: number): string {
  let at = text.length;
  for (let line = 0; line < count && at > 0; line++) at = text.lastIndexOf('\n', at - 1);
  return at > 0 ? text.slice(at + 1) : text;
}

function firstLines(text: string, count: number): string {
  let at = -1;
  for (let line = 0; line < count; line++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) return text;
  }
  return text.slice(0, at);
}
