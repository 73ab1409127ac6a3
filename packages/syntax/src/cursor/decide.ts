import type { Language } from '../languages.ts';
import { describesCode } from './comment-text.ts';
import { indentAt } from './lex.ts';
import { type Text, isBlankBetween, lineEndAt, lineStartAt } from './text.ts';
import type { FactsToDecide, CursorSyntax, Opened } from './types.ts';

/** The same decisions whoever found the facts. Offsets of `facts` count in `text`. */
export function decide(
  text: Text,
  cursor: number,
  facts: FactsToDecide,
  language: Language,
): Pick<CursorSyntax, 'scope' | 'afterComment' | 'wantsBlock'> {
  const { scope } = facts;
  if (scope === 'string') return { scope, afterComment: false, wantsBlock: false };
  const restIsBlank = isRestBlank(text, cursor, facts);
  const afterComment = restIsBlank && asksForCode(text, cursor, facts, language);
  const fills = facts.opened !== undefined && isEmptyAt(text, facts, facts.opened, restIsBlank);
  return {
    scope,
    afterComment,
    wantsBlock:
      (fills && (scope === 'code' || mayEndHere(text, cursor, facts, language))) || (afterComment && !facts.inList),
  };
}

/** Nothing but a comment stands after the cursor on its line. */
function isRestBlank(text: Text, cursor: number, { nextCode }: FactsToDecide): boolean {
  return nextCode > lineEndAt(text, cursor) || nextCode >= text.length;
}

/** The comment that the cursor is in may end with its line, as the cursor stands there. What must be closed goes on. */
function mayEndHere(text: Text, cursor: number, { comments }: FactsToDecide, language: Language): boolean {
  const start = comments.at(-1)?.start;
  if (start === undefined || !startsLineComment(text, start, language)) return false;
  return isBlankBetween(text, cursor, lineEndAt(text, cursor));
}

/** What was opened before the cursor holds nothing after it either. */
function isEmptyAt(text: Text, { nextCode }: FactsToDecide, opened: Opened, restIsBlank: boolean): boolean {
  if (!restIsBlank)
    return (
      opened.kind === 'body' && opened.closers.some((closer) => closer !== '' && text.startsWith(closer, nextCode))
    );
  if (opened.empty !== undefined) return opened.empty;
  if (nextCode >= text.length) return true;
  return indentAt(text, lineStartAt(text, nextCode)) <= opened.indent;
}

function asksForCode(text: Text, cursor: number, facts: FactsToDecide, language: Language): boolean {
  const last = facts.comments.at(-1);
  if (last === undefined) return false;
  if (facts.scope === 'comment' && !mayEndHere(text, cursor, facts, language)) return false;

  const end = Math.min(last.end, cursor);
  const first = firstOfRun(text, facts);
  if (!isBlankBetween(text, lineStartAt(text, first), first)) return false;
  if (!describesCode(text.slice(first, end))) return false;

  const cursorLine = lineStartAt(text, cursor);
  const commentLine = lineStartAt(text, end);
  if (cursorLine === commentLine) return isBlankBetween(text, end, cursor) && nothingBelow(text, cursor, facts);
  return lineEndAt(text, commentLine) + 1 === cursorLine && isBlankBetween(text, cursorLine, cursor);
}

function startsLineComment(text: Text, at: number, { lineComment }: Language): boolean {
  return lineComment !== undefined && text.startsWith(lineComment, at);
}

/** Where the comments begin that stand on the lines right above the last one, as one comment of several lines. */
function firstOfRun(text: Text, { comments }: FactsToDecide): number {
  let start = comments.at(-1)!.start;
  for (const above of comments.slice(0, -1).toReversed()) {
    const wholeLine = isBlankBetween(text, lineStartAt(text, above.start), above.start);
    const gap = text.slice(above.end, start);
    if (!wholeLine || gap.trim() !== '' || gap.indexOf('\n') !== gap.lastIndexOf('\n')) break;
    start = above.start;
  }
  return start;
}

/** The line below the cursor holds no code that a comment above it could be about. */
function nothingBelow(text: Text, cursor: number, { nextCode }: FactsToDecide): boolean {
  const below = lineEndAt(text, cursor) + 1;
  if (nextCode >= text.length || nextCode > lineEndAt(text, below)) return !isComment(text, below, nextCode);
  const indent = indentAt(text, lineStartAt(text, cursor));
  return indentAt(text, below) < indent || /^[)\]}]/.test(text.slice(nextCode, nextCode + 1));
}

/** The comment goes on on the line at `below`. */
function isComment(text: Text, below: number, nextCode: number): boolean {
  const end = lineEndAt(text, below);
  return below < text.length && nextCode > below && !isBlankBetween(text, below, end);
}
