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
/** A whole line of a key's body, in a string literal or not. */
const BODY_LINE = /^[\s"'`]*[A-Za-z0-9+/]{60,76}={0,2}(?:\\r)?(?:\\n)?["'`+,\\\s]*$/;
/** What is left of such a line where the text is cut, or the last line of a key. */
const BODY_REST = /^[\s"'`]*[A-Za-z0-9+/]{0,76}={0,2}(?:\\r)?(?:\\n)?["'`+,\\\s]*$/;
const LAST_BODY_LINE = /[A-Za-z0-9+/]{16}|=/;
/** Two whole lines are 120 characters without a space: no code, and worth nothing to a model, whatever else they may be. */
const BODY_LINES_AT_EDGE = 2;

/** A key's first line, and after it what may be the rest of it, or code that only mentions it. */
const OPEN_BODY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----((?:[A-Za-z0-9+/=\s\\"'`,:]|-(?!----)){0,512})$/;

/** Where the body of a key may have begun that has no half line yet; the end of `text` when none has. */
export function openKeyBodyAt(text: string): number {
  if (!text.includes('PRIVATE KEY')) return text.length;
  const open = OPEN_BODY.exec(text);
  return open ? text.length - open[1]!.length : text.length;
}

/** Overwrites PEM private keys, also those whose beginning or end, or both, are outside of the text. */
export function redactPrivateKeys(text: string): { readonly text: string; readonly count: number } {
  const marked = redactMarkedKeys(text);
  const atStart = bodyAtStart(marked.text);
  const atEnd = bodyAtEnd(marked.text, atStart);
  if (atStart === 0 && atEnd === text.length) return marked;
  const redacted =
    placeholderFor(marked.text.slice(0, atStart)) +
    marked.text.slice(atStart, atEnd) +
    placeholderFor(marked.text.slice(atEnd));
  return { text: redacted, count: marked.count + Number(atStart > 0) + Number(atEnd < text.length) };
}

/** Where the body of a key ends that began before the text; 0 when there is none. */
function bodyAtStart(text: string): number {
  let at = lineEndFrom(text, 0);
  if (!BODY_REST.test(text.slice(0, Math.min(at, MAX_KEY_LINE)))) return 0;
  let lines = Number(BODY_LINE.test(text.slice(0, at)));
  while (at < text.length) {
    const end = lineEndFrom(text, at);
    const line = end - at > MAX_KEY_LINE ? '' : text.slice(at, end);
    if (!BODY_LINE.test(line)) return lines < BODY_LINES_AT_EDGE ? 0 : isLastOfBody(line) ? end : at;
    lines += 1;
    at = end;
  }
  return lines < BODY_LINES_AT_EDGE ? 0 : at;
}

/** Where the body of a key begins that ends after the text, but not before `floor`; the text's end when there is none. */
function bodyAtEnd(text: string, floor: number): number {
  let at = lineStartBefore(text, text.length);
  if (at < floor || !BODY_REST.test(text.slice(at, at + MAX_KEY_LINE))) return text.length;
  let lines = Number(BODY_LINE.test(text.slice(at)));
  while (at > floor) {
    const start = lineStartBefore(text, at - 1);
    if (start < floor || at - start > MAX_KEY_LINE || !BODY_LINE.test(text.slice(start, at))) break;
    lines += 1;
    at = start;
  }
  return lines < BODY_LINES_AT_EDGE ? text.length : at;
}

function isLastOfBody(line: string): boolean {
  return BODY_REST.test(line) && LAST_BODY_LINE.test(line);
}

/** The offset after the line that holds `at`, its break included. */
function lineEndFrom(text: string, at: number): number {
  const lineBreak = text.indexOf('\n', at);
  return lineBreak < 0 ? text.length : lineBreak + 1;
}

function lineStartBefore(text: string, end: number): number {
  return end <= 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
}

function redactMarkedKeys(text: string): { readonly text: string; readonly count: number } {
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
