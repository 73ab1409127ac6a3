import type { Node } from 'web-tree-sitter';
import type { Scope } from '../code-scanner.ts';
import type { Language } from '../languages.ts';
import { type Lexed, indentAt, lex } from './lex.ts';
import { indentedBlockAt, startOfLexing } from './line-facts.ts';
import { ancestorsOf, holdsStatements, isComment, scopeOf } from './node-types.ts';
import { closerOf, holdsItems, openedBefore } from './openings.ts';
import { firstFilledFrom, lastFilledBefore, lineStartAt } from './text.ts';
import type { CursorFacts, EnclosingBlock, Opened } from './types.ts';

/** Statements are looked for so far back: enough for a signature of many lines, at 50 µs. */
const CHARS_OF_STATEMENT = 2048;

/** Comments in a row that are passed on the way to code. */
const MAX_COMMENTS = 64;

/** How many ancestors of the cursor are looked at for a block. */
const MAX_DEPTH = 64;

/**
 * The facts as the tree of `text` tells. `undefined` where it cannot: code in the making does not parse, and what a
 * parser makes of an open quote is to skip it and to take the text of the string for code.
 */
export function treeFacts(root: Node, text: string, cursor: number, language: Language): CursorFacts | undefined {
  const path = ancestorsOf(leafBefore(root, cursor));
  const said = scopeAt(path, text, cursor, language);
  const doubtful = said.node === undefined && isDamaged(path);
  const start = doubtful ? startOfLexing(text, cursor) : startOfStatements(root, text, cursor);
  const lexed = lex(text, start, cursor, language);
  if (doubtful && lexed.scope !== 'code') return undefined;

  const { codeEnd, comments } = codeBefore(root, text, cursor);
  const from = said.scope === 'comment' ? Math.max(cursor, trimmedEnd(said.node!, text)) : cursor;
  const nextCode = codeAfter(root, text, from);
  const opened = said.scope === 'string' ? undefined : openedAt(root, text, codeEnd, nextCode, lexed, language);
  return {
    scope: said.scope,
    codeEnd,
    comments,
    nextCode,
    opened,
    inList: isInList(path, text, cursor, lexed, language),
    block: blockAt(path, text, cursor, { codeEnd, nextCode, opened }, language),
  };
}

/** The code that the cursor is in, or the statement before, does not parse. */
function isDamaged(path: readonly Node[]): boolean {
  const outermost = path.at(-2);
  if (!outermost) return path[0]?.hasError ?? false;
  return outermost.hasError || (outermost.previousSibling?.hasError ?? false);
}

function leafBefore(root: Node, offset: number): Node | null {
  return root.descendantForIndex(Math.max(0, offset - 1), offset);
}

interface Said {
  readonly scope: Scope;
  /** The node that says so; none says that there is nothing but code. */
  readonly node?: Node;
}

function scopeAt(path: readonly Node[], text: string, cursor: number, language: Language): Said {
  for (const node of path) {
    const scope = scopeOf(node);
    if (scope === undefined) continue;
    const { startIndex, endIndex } = node;
    if (scope === 'code') {
      if (cursor >= (node.firstChild?.endIndex ?? endIndex) && cursor < endIndex) return { scope, node };
      continue;
    }
    if (cursor <= startIndex) continue;
    const outer = scope === 'comment' ? outermostComment(node) : node;
    const end = scope === 'comment' ? trimmedEnd(outer, text) : endIndex;
    if (cursor < end) return { scope, node: outer };
    if (isOpenEnded(outer, text, language) && !text.slice(end, cursor).includes('\n')) return { scope, node: outer };
  }
  return { scope: 'code' };
}

function outermostComment(node: Node): Node {
  let outer = node;
  while (outer.parent && isComment(outer.parent)) outer = outer.parent;
  return outer;
}

/** Rust's grammar has the line break belong to a comment of documentation. */
function trimmedEnd(node: Node, text: string): number {
  let end = node.endIndex;
  while (end > node.startIndex && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

/** A line comment goes on as long as its line does; so does what is not closed. */
function isOpenEnded(node: Node, text: string, { blockComment }: Language): boolean {
  const end = trimmedEnd(node, text);
  if (!isComment(node)) return node.lastChild?.isMissing ?? false;
  if (/^[rRuU]?["']/.test(text.slice(node.startIndex, node.startIndex + 2))) return false;
  if (blockComment === undefined || !text.startsWith(blockComment[0], node.startIndex)) return true;
  return (
    !text.endsWith(blockComment[1], end) || end - node.startIndex < blockComment[0].length + blockComment[1].length
  );
}

/** A line near the cursor that begins in code, as far as an undamaged tree tells. */
function startOfStatements(root: Node, text: string, cursor: number): number {
  const start = lineStartAt(text, Math.max(0, cursor - CHARS_OF_STATEMENT));
  const inside = ancestorsOf(root.descendantForIndex(start, start)).findLast(
    (node) => scopeOf(node) !== undefined && node.startIndex < start && node.endIndex > start,
  );
  return inside === undefined ? start : Math.min(inside.endIndex, cursor);
}

function commentAt(root: Node, offset: number): Node | undefined {
  const found = ancestorsOf(root.descendantForIndex(offset, offset + 1)).find((node) => isComment(node));
  return found && outermostComment(found);
}

function codeBefore(root: Node, text: string, cursor: number): Pick<CursorFacts, 'codeEnd' | 'comments'> {
  const comments: { start: number; end: number }[] = [];
  let at = cursor;
  for (let passed = 0; passed < MAX_COMMENTS; passed++) {
    const last = lastFilledBefore(text, at);
    if (last < 0) return { codeEnd: 0, comments };
    const comment = commentAt(root, last);
    if (!comment) return { codeEnd: last + 1, comments };
    comments.unshift({ start: comment.startIndex, end: trimmedEnd(comment, text) });
    at = comment.startIndex;
  }
  return { codeEnd: at, comments };
}

function codeAfter(root: Node, text: string, from: number): number {
  let at = from;
  for (let passed = 0; passed < MAX_COMMENTS; passed++) {
    at = firstFilledFrom(text, at);
    const comment = at < text.length ? commentAt(root, at) : undefined;
    if (!comment || comment.endIndex <= at) return at;
    at = comment.endIndex;
  }
  return at;
}

function openedAt(
  root: Node,
  text: string,
  codeEnd: number,
  nextCode: number,
  lexed: Lexed,
  language: Language,
): Opened | undefined {
  const leaf = leafBefore(root, codeEnd);
  const parent = leaf?.parent;
  if (!leaf || !parent) return undefined;
  const byLines = lexed.codeEnd === codeEnd ? openedBefore(text, lexed, language) : undefined;
  const kind = kindOpened(leaf, parent, byLines, language);
  if (kind === undefined) return undefined;
  const char = text[codeEnd - 1]!;
  return {
    kind,
    indent: byLines?.indent ?? indentAt(text, lineStartAt(text, codeEnd)),
    closers: byLines?.closers ?? [closerOf(char, language)],
    empty: isOpener(leaf) ? isEmpty(root, parent, nextCode, kind) : undefined,
  };
}

function kindOpened(
  leaf: Node,
  parent: Node,
  byLines: Opened | undefined,
  language: Language,
): Opened['kind'] | undefined {
  const { type } = leaf;
  if (leaf.isNamed || parent.isError) return wordOpens(leaf, byLines);
  if (type.endsWith('{')) {
    if (scopeOf(parent) === 'code') return undefined;
    return holdsStatements(parent) ? 'body' : 'list';
  }
  if (type.endsWith('(') || type.endsWith('[')) return 'list';
  if (type === '>') return parent.type === 'jsx_opening_element' ? 'element' : undefined;
  if (type === ':') {
    if (language.indentation) return /_(?:statement|definition|clause)$/.test(parent.type) ? 'body' : undefined;
    return /case|default|label|section|group/.test(parent.type) ? 'body' : undefined;
  }
  return wordOpens(leaf, byLines);
}

function isOpener({ type }: Node): boolean {
  return /[({[>]$/.test(type);
}

/** What lines say, unless their last word or bracket is text. */
function wordOpens(leaf: Node, byLines: Opened | undefined): Opened['kind'] | undefined {
  if (byLines === undefined) return undefined;
  return ancestorsOf(leaf).some((node) => scopeOf(node) === 'string') ? undefined : byLines.kind;
}

/** Whether what `parent` holds begins with what closes it; unknown where the code around is damaged. */
function isEmpty(root: Node, parent: Node, nextCode: number, kind: Opened['kind']): boolean | undefined {
  const next = root.descendantForIndex(nextCode, nextCode + 1);
  if (kind === 'element') {
    const closing = ancestorsOf(next).find((node) => node.type === 'jsx_closing_element');
    return closing && closing.startIndex === nextCode && closing.parent?.id === parent.parent?.id ? true : undefined;
  }
  const last = parent.lastChild;
  if (parent.isError || !last || last.isMissing || !/^[)\]}]$/.test(last.type)) return undefined;
  if (last.startIndex === nextCode) return true;
  const outermost = ancestorsOf(parent).at(-2);
  return outermost && !outermost.hasError ? false : undefined;
}

function isInList(path: readonly Node[], text: string, cursor: number, lexed: Lexed, language: Language): boolean {
  for (const node of path.slice(0, MAX_DEPTH)) {
    if (node.isError) return holdsItems(text, lexed.open.at(-1), language);
    if (cursor <= node.startIndex || cursor >= node.endIndex || scopeOf(node) !== undefined) continue;
    if ('([{'.includes(text[node.startIndex]!)) return !holdsStatements(node);
    if (holdsStatements(node)) return false;
  }
  return false;
}

const OPENER = /[({[]$|^(?:do|then|begin)$/;

function blockAt(
  path: readonly Node[],
  text: string,
  cursor: number,
  near: Pick<CursorFacts, 'codeEnd' | 'nextCode' | 'opened'>,
  language: Language,
): EnclosingBlock | undefined {
  if (language.indentation) return indentedBlockAt(text, cursor);
  for (const node of path.slice(0, MAX_DEPTH)) {
    if (cursor <= node.startIndex || node.isError || scopeOf(node) === 'code') continue;
    const closer = node.lastChild;
    if (!closer || closer.startIndex < cursor) continue;
    const words = language.blockClosers.includes(closer.type);
    if (!words && !/^[)\]}]$|^jsx_closing_element$/.test(closer.type)) continue;
    const opener = words ? undefined : openerOf(node, closer);
    if (!words && (!opener || opener.endIndex > cursor)) continue;
    const indent = indentAt(text, lineStartAt(text, constructOf(node).startIndex));
    return {
      indent,
      empty: isEmptyUpTo(text, closer, opener, near),
      end: closer.isMissing ? undefined : closer.startIndex,
    };
  }
  return undefined;
}

function isEmptyUpTo(
  text: string,
  closer: Node,
  opener: Node | undefined,
  { codeEnd, nextCode, opened }: Pick<CursorFacts, 'codeEnd' | 'nextCode' | 'opened'>,
): boolean {
  if (!opened || (opener ? codeEnd < opener.endIndex : !opened.closers.includes(closer.type))) return false;
  if (!closer.isMissing) return nextCode === closer.startIndex;
  return nextCode >= text.length || indentAt(text, lineStartAt(text, nextCode)) <= opened.indent;
}

/** Brackets stand first and last in most nodes; in some, words come before. */
function openerOf(node: Node, closer: Node): Node | undefined {
  const first = node.firstChild;
  if (first && (OPENER.test(first.type) || first.type === 'jsx_opening_element')) return first;
  if (node.childCount > MAX_DEPTH) return undefined;
  return (
    node.children.findLast(
      (child) => child !== null && child.startIndex < closer.startIndex && OPENER.test(child.type),
    ) ?? undefined
  );
}

const LISTS_STATEMENTS =
  /list$|block|body|^(?:program|source_file|module|compilation_unit|translation_unit|stylesheet)$/;

/** What `node` is the block of: the outermost node around it within the next block or list. */
function constructOf(node: Node): Node {
  let construct = node;
  for (let up = node.parent; up?.parent; up = up.parent) {
    if (up.isError || LISTS_STATEMENTS.test(up.type) || /^[({[]$/.test(up.firstChild?.type ?? '')) break;
    construct = up;
  }
  return construct;
}
