import { isWordUnit } from './characters.ts';

/** What stands at the cursor, in the terms a continuation needs. */
export interface CursorLine {
  /** White space at the start of the line. */
  readonly indent: string;
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
  return {
    indent: indentOf(lineAt(prefix, lineStartAt(prefix, prefix.length))),
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
 * line opens. Undefined when that is blank or stands after the cursor already. `open`: the text goes on where the user is
 * typing, so its last line is not known to be whole.
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
  // An insertion of several lines in front of existing text would tear its line apart.
  const singleLine = limits.singleLine || cursor.rest !== '';
  const lines = [withoutRest(first.trimEnd(), cursor.rest)];
  if (!singleLine) lines.push(...blockAfter(text, at, cursor.indent, limits.maxChars, open));
  dropBlankEnd(lines);
  if (lines.length > 1 && lines.at(-1) === cursor.nextLine) lines.pop();
  dropBlankEnd(lines);

  const whole = lines.join(cursor.lineBreak);
  const kept = withinLimit(lines, cursor.lineBreak, limits.maxChars);
  if (kept.trim() === '' || repeatsWhatFollows(kept, cursor)) return undefined;
  return { text: kept, cut: kept.length < whole.length };
}

/** `text` up to what the line at the cursor has already, such as the `)` an editor closed by itself. */
function withoutRest(text: string, rest: string): string {
  const at = rest === '' ? -1 : text.lastIndexOf(rest);
  return at < 0 ? text : text.slice(0, at).trimEnd();
}

/** Inserting what stands right behind the cursor, or a line that stands right below it, is never what was meant. */
function repeatsWhatFollows(text: string, { rest, nextLine }: CursorLine): boolean {
  const firstLine = lineAt(text.trimStart(), 0).trim();
  return rest === '' ? firstLine === nextLine.trimStart() : rest.startsWith(firstLine);
}

/** The lines that belong to the one at `at`, indented for the cursor: deeper ones, and a closing one as deep as itself. */
function blockAfter(text: string, at: number, cursorIndent: string, maxChars: number, open: boolean): string[] {
  const ownStart = lineStartAt(text, at);
  const ownIndent = indentOf(lineAt(text, ownStart));
  // When the match ends inside of the indentation, the continuation brings the rest of it.
  const indent = cursorIndent + text.slice(at, ownStart + ownIndent.length);
  const lines: string[] = [];
  let length = lineAt(text, at).length;
  let start = at + length + 1;
  while (start < text.length && length <= maxChars) {
    const line = lineAt(text, start);
    if (open && start + line.length === text.length) break;
    if (!isBlank(line) && !isDeeper(line, ownIndent) && !closes(line, ownIndent)) break;
    lines.push(isBlank(line) ? '' : indent + line.slice(ownIndent.length).trimEnd());
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

/** As many whole lines as fit; of the first line alone as many whole words. */
function withinLimit(lines: readonly string[], lineBreak: string, maxChars: number): string {
  let kept = '';
  for (const [index, line] of lines.entries()) {
    const grown = index === 0 ? line : kept + lineBreak + line;
    if (grown.length > maxChars) return index === 0 ? wholeWords(line, maxChars) : kept;
    kept = grown;
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

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}
