import { isWordUnit } from './characters.ts';

/** What stands at the cursor, in the terms a continuation needs. */
export interface CursorLine {
  /** White space at the start of the line. */
  readonly indent: string;
  /** White space at the start of the nearest line above that is not blank. */
  readonly indentAbove: string;
  /** Nothing but white space stands before the cursor. */
  readonly blank: boolean;
  /** What follows on the line, trimmed. */
  readonly rest: string;
  /** The first line after the cursor's that is not blank, without what trails; empty when there is none. */
  readonly nextLine: string;
  readonly lineBreak: '\n' | '\r\n';
}

export interface ContinuationLimits {
  readonly maxChars: number;
  readonly singleLine: boolean;
}

export interface Continuation {
  readonly text: string;
  /** `maxChars` ended it, not the line or the block. */
  readonly cut: boolean;
}

export function cursorLine(prefix: string, suffix: string): CursorLine {
  const rest = lineAt(suffix, 0);
  const below = suffix.slice(rest.length + 1);
  const start = lineStartAt(prefix, prefix.length);
  const line = prefix.slice(start);
  return {
    indent: indentOf(line),
    indentAbove: indentAbove(prefix, start),
    blank: isBlank(line),
    rest: rest.trim(),
    nextLine: lineAt(below, lineStartAt(below, below.length - below.trimStart().length)).trimEnd(),
    lineBreak: prefix.includes('\r\n') || suffix.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** The rest of the word that `text` has at `at`. */
export function restOfWord(text: string, at: number, { maxChars }: ContinuationLimits): Continuation | undefined {
  let end = at;
  while (end < text.length && isWordUnit(text.charCodeAt(end))) end += 1;
  return end === at || end - at > maxChars ? undefined : { text: text.slice(at, end), cut: false };
}

/**
 * What `text` has at `at` as an insertion at the cursor: the rest of the line and, unless `singleLine`, the block that the
 * line opens or, on the blank line below such a line, the block that it begins. Undefined when that is blank or stands after
 * the cursor already. What follows on the cursor's line is left out where the text ends with it; text that goes on behind
 * closing brackets the cursor's line has keeps them, for the client to write over. `open`: the text goes on where the user
 * is typing, so its last line is not known to be whole.
 */
export function continuationAt(
  text: string,
  at: number,
  cursor: CursorLine,
  limits: ContinuationLimits,
  open: boolean,
): Continuation | undefined {
  const first = lineAt(text, at);
  if (open && at + first.length === text.length) return undefined;
  const source = sourceLine(text, at);
  const missing = cursor.blank ? missingIndent(source, cursor) : '';
  // What lies so far beyond the limit that nothing before it depends on it is not looked at, however long the line.
  const line = (cursor.blank ? first.trim() : first.trimEnd()).slice(0, limits.maxChars + cursor.rest.length + 1);
  const head = withoutRest(line, cursor.rest);
  const lines = [head === '' ? '' : missing + head];
  if (!limits.singleLine && hasRoomForLines(source, first, cursor)) {
    const indent = cursor.indent + missing;
    const beginsBlock = cursor.blank && isDeeper(source.indent, source.indentAbove) && !isFilled(indent, cursor);
    const belongs = beginsBlock
      ? (line: string) => line.startsWith(source.indent)
      : (line: string) => isDeeper(line, source.indent) || closes(line, source.indent);
    lines.push(...linesAfter(text, at, { from: source.indent, to: indent, belongs }, limits.maxChars, open));
  }
  leaveClosingLine(lines, cursor);

  const whole = lines.join(cursor.lineBreak);
  const kept = withinLimit(lines, cursor.lineBreak, limits.maxChars);
  if (kept.trim() === '' || repeatsWhatFollows(kept, cursor)) return undefined;
  return { text: kept, cut: kept.length < whole.length };
}

/** The line that a continuation is taken from. */
interface SourceLine {
  readonly indent: string;
  readonly indentAbove: string;
  /** The character before the continuation, not counting white space; empty at the start of the line. */
  readonly before: string;
}

function sourceLine(text: string, at: number): SourceLine {
  const start = lineStartAt(text, at);
  return {
    indent: indentOf(lineAt(text, start)),
    indentAbove: indentAbove(text, start),
    before: text.slice(start, at).trimEnd().slice(-1),
  };
}

/**
 * What a blank line at the cursor lacks of the indentation that the source's line has relative to the one above it. Where
 * the line is indented in its own way, somebody chose that.
 */
function missingIndent(source: SourceLine, cursor: CursorLine): string {
  if (cursor.indent !== '' && cursor.indent !== cursor.indentAbove) return '';
  let wanted = '';
  if (source.indentAbove === cursor.indentAbove) wanted = source.indent;
  else if (source.indent.startsWith(source.indentAbove))
    wanted = cursor.indentAbove + source.indent.slice(source.indentAbove.length);
  return wanted.startsWith(cursor.indent) ? wanted.slice(cursor.indent.length) : '';
}

/** An insertion of several lines in front of existing text tears its line apart, but for `{█}`, which it opens up. */
function hasRoomForLines({ before }: SourceLine, first: string, { rest }: CursorLine): boolean {
  return rest === '' || (isBlank(first) && '([{'.includes(before) && before !== '' && CLOSERS_ONLY.test(rest));
}

/** The block that the cursor's line would begin, indented by `indent`, has lines already. */
function isFilled(indent: string, { nextLine }: CursorLine): boolean {
  return nextLine !== '' && nextLine.startsWith(indent);
}

/** What an editor closes by itself, and what then ends a statement or an element. */
const CLOSERS_ONLY = /^[)\]}"'`]+[;,]?$/;

/** `text` up to what the line at the cursor has already. */
function withoutRest(text: string, rest: string): string {
  if (rest === '') return text;
  if (!CLOSERS_ONLY.test(rest)) {
    const at = text.lastIndexOf(rest);
    return at < 0 ? text : text.slice(0, at).trimEnd();
  }
  const head = text.slice(0, -rest.length);
  if (text.endsWith(rest) && isBalanced(head)) return head.trimEnd();
  return withoutForeignClosers(text, rest);
}

function isBalanced(text: string): boolean {
  const { end, depth } = followBrackets(text, '');
  return end === text.length && depth === 0;
}

/** `text` up to a bracket that closes neither its own nor one of `rest`: that was opened around the source only. */
function withoutForeignClosers(text: string, rest: string): string {
  return text.slice(0, followBrackets(text, rest.replaceAll(/[^)\]}]/g, '')).end).trimEnd();
}

/** Up to where `text` closes only what it opened itself and, in order, `outer`; and how many of its own it leaves open. */
function followBrackets(text: string, outer: string): { readonly end: number; readonly depth: number } {
  const own: string[] = [];
  let closed = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    const opener = '([{'.indexOf(char);
    if (opener >= 0) own.push(')]}'[opener]!);
    else if (')]}'.includes(char)) {
      if (char === own.at(-1)) own.pop();
      else if (own.length === 0 && char !== outer[closed]) return { end: at, depth: 0 };
      else if (own.length === 0) closed += 1;
    }
  }
  return { end: text.length, depth: own.length };
}

/** Without the closing line that stands below the cursor already; one that opens up `{█}` closes no more than that did. */
function leaveClosingLine(lines: string[], { rest, nextLine }: CursorLine): void {
  dropBlankEnd(lines);
  const last = lines.at(-1)!;
  if (lines.length === 1) return;
  if (rest !== '') lines[lines.length - 1] = withoutForeignClosers(last, rest);
  else if (last === nextLine || (closerOf(last) !== undefined && closerOf(last) === closerOf(nextLine))) lines.pop();
  dropBlankEnd(lines);
}

/** The bracket that a line starts with, with its indentation. */
function closerOf(line: string): string | undefined {
  return /^[ \t]*[)\]}]/.exec(line)?.[0];
}

/** Inserting what stands right behind the cursor, or a line that stands right below it, is never what was meant. */
function repeatsWhatFollows(text: string, { rest, nextLine }: CursorLine): boolean {
  const firstLine = lineAt(text.trimStart(), 0).trim();
  return rest === '' ? firstLine === nextLine.trimStart() : rest.startsWith(firstLine);
}

interface BlockLines {
  /** The indentation of the source's line, replaced with that of the cursor's. */
  readonly from: string;
  readonly to: string;
  belongs(line: string): boolean;
}

/** The lines below the one at `at` as long as they belong to it, indented for the cursor. */
function linesAfter(text: string, at: number, block: BlockLines, maxChars: number, open: boolean): string[] {
  const lines: string[] = [];
  let length = lineAt(text, at).length;
  let start = at + length + 1;
  while (start < text.length && length <= maxChars) {
    const line = lineAt(text, start);
    if (open && start + line.length === text.length) break;
    if (!isBlank(line) && !block.belongs(line)) break;
    lines.push(isBlank(line) ? '' : block.to + line.slice(block.from.length).trimEnd());
    length += 1 + lines.at(-1)!.length;
    start += line.length + 1;
  }
  return lines;
}

function isDeeper(line: string, indent: string): boolean {
  return line.startsWith(indent) && /^[ \t]/.test(line.slice(indent.length));
}

function closes(line: string, indent: string): boolean {
  return line.startsWith(indent) && /^(?:[)\]}]|<\/|end\b)/.test(line.slice(indent.length));
}

function dropBlankEnd(lines: string[]): void {
  while (lines.length > 1 && isBlank(lines.at(-1)!)) lines.pop();
}

/** As many whole lines as fit, the last one not blank; of the first line alone as many whole words. */
function withinLimit(lines: readonly string[], lineBreak: string, maxChars: number): string {
  let kept = '';
  let grown = '';
  for (const [index, line] of lines.entries()) {
    grown = index === 0 ? line : grown + lineBreak + line;
    if (grown.length > maxChars) return index === 0 ? wholeWords(line, maxChars) : kept;
    if (!isBlank(line)) kept = grown;
  }
  return kept;
}

function wholeWords(line: string, maxChars: number): string {
  let end = maxChars;
  while (end > 0 && isWordUnit(line.charCodeAt(end - 1)) && isWordUnit(line.charCodeAt(end))) end -= 1;
  return line.slice(0, end).trimEnd();
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end);
}

function lineStartAt(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** The indentation of the nearest line that is not blank above the one that starts at `start`. */
function indentAbove(text: string, start: number): string {
  const above = text.slice(0, start).trimEnd();
  return indentOf(above.slice(lineStartAt(above, above.length)));
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}
