import { placeholderFor } from './placeholder.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const END_ANYWHERE = new RegExp(END.source);
/** Base64, PEM headers, and what string literals of several languages put between its lines. */
const BODY = /(?:[A-Za-z0-9+/=\s\\"'`,:]|-(?!----))*/y;
/** Code that only mentions the markers has no such run between them; half a line of a key. */
const KEY_RUN = /[A-Za-z0-9+/]{32}/;
const KEY_LINE = /^[\s"'`]*[A-Za-z0-9+/=]{1,128}(?:\\r)?(?:\\n)?["'`+,\\\s]*$/;
/** PEM lines have 64 or 76 characters; this leaves room for indentation and quotes. */
const MAX_KEY_LINE = 160;

/** Overwrites PEM private keys, also those whose beginning or end is outside of the text. */
export function redactPrivateKeys(text: string): { readonly text: string; readonly count: number } {
  if (!text.includes('PRIVATE KEY')) return { text, count: 0 };
  const keys: { start: number; end: number }[] = [];
  const headless = keyWithoutBegin(text);
  if (headless) keys.push(headless);
  for (const begin of text.matchAll(BEGIN)) {
    const bodyStart = begin.index + begin[0].length;
    let end = endOf(BODY, text, bodyStart);
    if (!KEY_RUN.test(text.slice(bodyStart, end))) continue;
    end = endOf(END, text, end);
    keys.push({ start: begin.index, end });
  }
  let redacted = '';
  let at = 0;
  for (const { start, end } of keys) {
    redacted += text.slice(at, start) + placeholderFor(text.slice(start, end));
    at = end;
  }
  return keys.length === 0 ? { text, count: 0 } : { text: redacted + text.slice(at), count: keys.length };
}

/** A key that began before the text, as when a window over a file starts within it. */
function keyWithoutBegin(text: string): { start: number; end: number } | undefined {
  const end = END_ANYWHERE.exec(text);
  if (!end || text.lastIndexOf('PRIVATE KEY', end.index) >= 0) return undefined;
  let start = end.index;
  while (start > 0) {
    const lineStart = text.lastIndexOf('\n', start - 2) + 1;
    if (start - lineStart > MAX_KEY_LINE || !KEY_LINE.test(text.slice(lineStart, start))) break;
    start = lineStart;
  }
  return KEY_RUN.test(text.slice(start, end.index)) ? { start, end: end.index + end[0].length } : undefined;
}

/** Where a sticky `pattern` that begins at `from` ends; `from` when it does not match there. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}
