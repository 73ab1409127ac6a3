import { isSubsequence } from '@ghostline/syntax';
import type { DocumentChange, Suggestion } from '../types.ts';

/** Ghost text as an editor keeps it between two answers: what is left of it goes from the cursor to `end`. */
export interface Ghost {
  readonly suggestion: Suggestion;
  /** What is left to insert. */
  readonly text: string;
  /** The text replaces the document from the cursor to here. */
  readonly end: number;
}

export type AfterChange =
  /** Typed along: the rest of it stays. */
  { readonly kind: 'stays'; readonly ghost: Ghost } | { readonly kind: 'typed-out' } | { readonly kind: 'disagrees' };

/**
 * What VS Code's core makes of ghost text at a change, before anybody is asked: it stays as long as the document from
 * where it began to the cursor is the beginning of it, and what it replaces can be part of it.
 */
export function afterChange(
  { suggestion, text, end }: Ghost,
  { offset, deleted, inserted }: DocumentChange,
  before: { readonly cursor: number },
  after: { readonly text: string; readonly cursor: number },
): AfterChange {
  const disagrees = { kind: 'disagrees' } as const;
  // Changes at its end belong to it: an editor's closing bracket lands there.
  if (offset < before.cursor || offset + deleted > end || after.cursor < before.cursor) return disagrees;
  const newEnd = end + inserted.length - deleted;
  const typed = after.text.slice(before.cursor, after.cursor);
  if (!text.startsWith(typed) || after.cursor > newEnd) return disagrees;
  const left = text.slice(typed.length);
  const replaced = after.text.slice(after.cursor, newEnd);
  if (left === '' || left === replaced) return { kind: 'typed-out' };
  // Enter between brackets puts the closing one on a line of its own: the core draws nothing over several lines.
  if (replaced.includes('\n') || !isSubsequence(replaced, left)) return disagrees;
  return { kind: 'stays', ghost: { suggestion, text: left, end: newEnd } };
}

/** How an answer changes what is on screen, for somebody who looks at it. */
export type Redraw = 'same' | 'grown' | 'different';

/** Both ghosts stand at `cursor` of `text`. */
export function redraw(
  on: Ghost,
  next: Ghost,
  { text, cursor }: { readonly text: string; readonly cursor: number },
): Redraw {
  const resultOf = (ghost: Ghost) => ghost.text + text.slice(ghost.end, Math.max(on.end, next.end));
  if (resultOf(on) === resultOf(next)) return 'same';
  // `foo(` before an auto-closed bracket grows into `foo(a)` over it.
  const shared = on.end > cursor && !next.text.startsWith(on.text) ? withoutCovered(on, text, cursor) : on.text;
  return next.text.startsWith(shared) ? 'grown' : 'different';
}

/** The text without what of it stands after the cursor already, where that is its end. */
function withoutCovered({ text, end }: Ghost, document: string, cursor: number): string {
  const covered = document.slice(cursor, end);
  return text.endsWith(covered) ? text.slice(0, -covered.length) : text;
}
