import { isWordUnit } from './characters.ts';

/** What stands at the cursor, in the terms a continuation needs. */
export interface CursorLine {
  /** White space at the start of the line. */
  readonly indent: string;
  /** What follows on the line, trimmed. */
  readonly rest: string;
  /** The first line after the cursor's that is not blank, trimmed; empty when there is none. */
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
  const after = suffix.slice(rest.length).trimStart();
  return {
    indent: indentOf(lineAt(prefix, lineStartAt(prefix, prefix.length))),
    rest: rest.trim(),
    nextLine: lineAt(after, 0).trim(),
    lineBreak: /\r\n/.test(prefix) || /\r\n/.test(suffix) ? '\r\n' : '\n',
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
  if (!singleLine) lines.push(...blockAfter(text, at, first, cursor, limits.maxChars, open));
  if (lines.length > 1 && lines.at(-1)!.trim() === cursor.nextLine) lines.pop();
  while (lines.length > 1 && lines.at(-1)!.trim() === '') lines.pop();

  const whole = lines.join(cursor.lineBreak);
  const kept = withinLimit(lines, cursor.lineBreak, limits.maxChars);
  if (kept.trim() === '' || repeatsWhatFollows(kept, cursor)) return undefined;
  return { text: kept, cut: kept.length < whole.length };
}

/** `text` without the end that the line at the cursor has already, such as the `);` an editor closed by itself. */
function withoutRest(text: string, rest: string): string {
  return rest !== '' && text.endsWith(rest) ? text.slice(0, -rest.length).trimEnd() : text;
}

/** Inserting a line that stands right below is never what was meant. */
function repeatsWhatFollows(text: string, { rest, nextLine }: CursorLine): boolean {
  const firstLine = lineAt(text.trimStart(), 0).trim();
  return firstLine === (rest === '' ? nextLine : rest);
}

/** The lines that belong to the one at `at`: deeper ones, and a closing one as deep as itself. */
function blockAfter(
  text: string,
  at: number,
  first: string,
  cursor: CursorLine,
  maxChars: number,
  open: boolean,
): string[] {
  const ownIndent = indentOf(lineAt(text, lineStartAt(text, at)));
  const lines: string[] = [];
  let start = at + first.length + 1;
  let length = first.length;
  while (start < text.length && length <= maxChars) {
    const line = lineAt(text, start);
    if (open && start + line.length === text.length) break;
    if (!isBlank(line)) {
      const indent = indentOf(line);
      const deeper = indent.length > ownIndent.length && indent.startsWith(ownIndent);
      const closes = indent === ownIndent && /^[)\]}]|^<\/|^end\b/.test(line.slice(indent.length));
      if (!deeper && !closes) break;
    }
    lines.push(isBlank(line) ? '' : cursor.indent + line.slice(ownIndent.length).trimEnd());
    start += line.length + 1;
    length += line.length + 1;
  }
  return lines;
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
