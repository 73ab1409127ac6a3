/**
 * The client and the server know one line ending, LF: models are trained on it, and one text has one cache key. A
 * document with CRLF has one more code unit per line break before a place, and VS Code says the line of every place.
 */

/** The document's text with LF. */
export function withLf(text: string, crlf: boolean): string {
  return crlf ? text.replaceAll('\r\n', '\n') : text;
}

/** An offset of the document as an offset into its text with LF. `line` is the zero-based line the offset lies on. */
export function lfOffset(offset: number, line: number, crlf: boolean): number {
  return crlf ? offset - line : offset;
}
