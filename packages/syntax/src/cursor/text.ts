/** What is asked of a text here: a string is one, and so are two strings that nobody put together. */
export interface Text {
  readonly length: number;
  charCodeAt(at: number): number;
  /** Of a line break. */
  indexOf(lineBreak: '\n', from: number): number;
  lastIndexOf(lineBreak: '\n', from: number): number;
  startsWith(word: string, at: number): boolean;
  slice(start: number, end: number): string;
}

/** The text around a cursor. */
export interface TextAround {
  readonly text: Text;
  readonly before: string;
  readonly after: string;
}

/**
 * `before` and `after` as one text without making it: put together, 20 KB were copied for each keystroke to look at a few lines
 * around the cursor.
 */
export function joined(before: string, after: string): Text {
  const cursor = before.length;
  return {
    length: cursor + after.length,
    charCodeAt: (at) => (at < cursor ? before.charCodeAt(at) : after.charCodeAt(at - cursor)),
    indexOf(lineBreak, from) {
      const found = from < cursor ? before.indexOf(lineBreak, from) : -1;
      if (found >= 0) return found;
      const later = after.indexOf(lineBreak, from - cursor);
      return later < 0 ? -1 : later + cursor;
    },
    lastIndexOf(lineBreak, from) {
      const found = from >= cursor ? after.lastIndexOf(lineBreak, from - cursor) : -1;
      return found < 0 ? before.lastIndexOf(lineBreak, from) : found + cursor;
    },
    startsWith(word, at) {
      if (at >= cursor) return after.startsWith(word, at - cursor);
      if (at + word.length <= cursor) return before.startsWith(word, at);
      return before.slice(at) + after.slice(0, at + word.length - cursor) === word;
    },
    slice(start, end) {
      if (end <= cursor) return before.slice(start, end);
      return before.slice(start) + after.slice(Math.max(0, start - cursor), end - cursor);
    },
  };
}

/** Offset of the first character of the line that `offset` is on. */
export function lineStartAt(text: Text, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line break that ends the line `offset` is on, or of the text's end. */
export function lineEndAt(text: Text, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

export function isBlankBetween(text: Text, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isBlankAt(text, at)) return false;
  return true;
}

/** Offset of the last character before `offset` that is not blank; -1 without one. */
export function lastFilledBefore(text: Text, offset: number): number {
  let at = offset - 1;
  while (at >= 0 && isBlankAt(text, at)) at--;
  return at;
}

/** Offset of the first character from `offset` on that is not blank; the text's length without one. */
export function firstFilledFrom(text: Text, offset: number): number {
  let at = offset;
  while (at < text.length && isBlankAt(text, at)) at++;
  return at;
}

function isBlankAt(text: Text, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}
