export type Eol = '\n' | '\r\n';

/** The line break of a text, by its first one. */
export function eolOf(text: string): Eol {
  const at = text.indexOf('\n');
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** `text` with every kind of line break written as `eol`. */
export function withEol(text: string, eol: Eol): string {
  return text.replace(/\r\n?|\n/g, eol);
}

export function splitLines(text: string): string[] {
  return text.split(/\r?\n/);
}

/** The part of `text` before its first line break. */
export function firstLine(text: string): string {
  const at = text.indexOf('\n');
  if (at < 0) return text;
  return text.slice(0, at > 0 && text[at - 1] === '\r' ? at - 1 : at);
}

/** The part of `text` after its last line break. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** Columns of white space a line begins with; a tab counts four (VS Code's default), which matters where both are mixed. */
export function indentOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') columns += 1;
    else if (char === '\t') columns += 4;
    else break;
  }
  return columns;
}

/** The white space a line begins with. */
export function leadingSpace(line: string): string {
  return line.slice(0, line.length - line.trimStart().length);
}

export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** True for letters, digits and underscores anywhere in it: it says something of its own. */
export function hasWord(line: string): boolean {
  return /[\p{L}\p{N}_]/u.test(line);
}

/** True when a cut of `text` at `offset` would separate the halves of a surrogate pair. */
export function splitsPair(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return false;
  return isBetween(text.charCodeAt(offset - 1), 0xd800, 0xdbff) && isBetween(text.charCodeAt(offset), 0xdc00, 0xdfff);
}

/** True when the first half of a surrogate pair stands at the end of `text`, and the other may follow. */
export function endsInHalf(text: string): boolean {
  return isBetween(text.charCodeAt(text.length - 1), 0xd800, 0xdbff);
}

function isBetween(unit: number, low: number, high: number): boolean {
  return unit >= low && unit <= high;
}
