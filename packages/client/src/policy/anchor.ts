import { leadingClosers, scanBrackets } from '@ghostline/syntax';
import { windowAround } from '../context/window.ts';
import { type Eol, eolOf, lastLine } from '../text/lines.ts';
import type { DocumentSnapshot } from '../types.ts';

/**
 * Where in which text a completion belongs: the part of the document that its model saw. Whether a later document still
 * fits is decided on exactly that part, so an edit far outside neither invalidates nor misleads.
 */
export interface Anchor {
  readonly uri: string;
  readonly cursor: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly endsDocument: boolean;
  readonly eol: Eol;
}

export function anchorAt(document: DocumentSnapshot): Anchor {
  const { prefix, suffix } = windowAround(document);
  return {
    uri: document.uri,
    cursor: document.cursor,
    prefix,
    suffix,
    endsDocument: document.cursor + suffix.length === document.text.length,
    eol: eolOf(document.text),
  };
}

/** How a document got ahead of an anchor by typing only. */
export interface Progress {
  /** Text between the anchor's cursor and the document's. */
  readonly typed: string;
  /** The line break and indentation that editors put before a closing bracket or tag when a line ends right before it. */
  readonly broken: string;
  /** Characters the editor closed by itself, after the cursor and what is `broken`. */
  readonly autoClosed: string;
  /** How many characters at the start of the anchor's suffix were typed over. */
  readonly typedOver: number;
}

/**
 * What was typed since `anchor`, or undefined when anything else happened: another document, a cursor before the anchor,
 * an edit of the text around. The suffix must be exactly equal, but for what editors do by themselves: brackets and quotes
 * that they add when one is opened and skip when it is closed, and closing brackets and tags that they move to a line of
 * their own.
 */
export function progressSince(anchor: Anchor, document: DocumentSnapshot): Progress | undefined {
  const { text, cursor } = document;
  if (document.uri !== anchor.uri || cursor < anchor.cursor) return undefined;
  if (!text.startsWith(anchor.prefix, anchor.cursor - anchor.prefix.length)) return undefined;
  const typed = text.slice(anchor.cursor, cursor);
  if (suffixStands(anchor, document, 0, 0)) return { typed, broken: '', autoClosed: '', typedOver: 0 };

  const broken = /\n[ \t]*$/.test(typed) ? lineBreakBeforeCloser(text, cursor) : '';
  if (broken !== '' && suffixStands(anchor, document, broken.length, 0)) {
    return { typed, broken, autoClosed: '', typedOver: 0 };
  }
  const expected = scanBrackets(typed).open;
  const closers = cursor + broken.length;
  for (let added = 1, next = 0; ; added++) {
    const at = expected.indexOf(text.charAt(closers + added - 1) || '\0', next);
    if (at < 0) break;
    next = at + 1;
    if (suffixStands(anchor, document, broken.length + added, 0)) {
      return { typed, broken, autoClosed: text.slice(closers, closers + added), typedOver: 0 };
    }
  }

  const typedOver = scanBrackets(typed, leadingClosers(lastLine(anchor.prefix), anchor.suffix)).closedOuter;
  if (typedOver > 0 && suffixStands(anchor, document, 0, typedOver)) {
    return { typed, broken: '', autoClosed: '', typedOver };
  }
  return undefined;
}

/** Deeper indentation than this is no code that anybody types. */
const DEEPEST_INDENT = 200;

function lineBreakBeforeCloser(text: string, at: number): string {
  return /^\r?\n[ \t]*(?=[)\]}]|<\/)/.exec(text.slice(at, at + DEEPEST_INDENT))?.[0] ?? '';
}

/** True when the anchor's suffix, without its first `skipped` characters, stands `added` characters after the cursor. */
function suffixStands(anchor: Anchor, { text, cursor }: DocumentSnapshot, added: number, skipped: number): boolean {
  const suffix = anchor.suffix.slice(skipped);
  const start = cursor + added;
  return text.startsWith(suffix, start) && (!anchor.endsDocument || start + suffix.length === text.length);
}
