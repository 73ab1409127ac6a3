import type { Language } from '@ghostline/syntax';

/** What was left out of a text, in characters by reason. */
export interface Savings {
  readonly licences: number;
  readonly comments: number;
  readonly blanks: number;
  readonly blobs: number;
}

export interface Economised {
  /** The same string when nothing was left out. */
  readonly text: string;
  readonly saved: Savings;
}

export const NOTHING_SAVED: Savings = { licences: 0, comments: 0, blanks: 0, blobs: 0 };

/** Of a longer comment its beginning is kept: what a thing is stands there. Most doc comments are shorter. */
const MAX_COMMENT_LINES = 8;
const KEPT_COMMENT_LINES = 3;
/** Longer than any word, path or identifier: base64, hashes in a row, minified data. */
const BLOB = /[A-Za-z0-9+/=_-]{160,}/g;
const KEPT_BLOB_CHARS = 32;
/** No formatter leaves lines this long: tables of numbers, minified code. */
const MAX_LINE_CHARS = 600;
const KEPT_LINE_CHARS = 200;
const ELLIPSIS = '...';
const LICENCE = /copyright|licen[cs]e|SPDX-|all rights reserved|permission is hereby/i;

/**
 * A text that is not near the cursor without what says little about code for its length: licence headers, the rest of long
 * comments, runs of blank lines, blobs. Looks at lines alone, so that the parts of a text give what the whole does but where
 * they meet. `startsFile`: the text may begin with a licence.
 */
export function economise(text: string, language: Language, startsFile: boolean): Economised {
  const saved = { licences: 0, comments: 0, blanks: 0, blobs: 0 };
  const kept: string[] = [];
  const lines = text.split('\n');
  const isComment = commentLines(language);
  let changed = false;
  /** Nothing but what may stand before a licence so far. */
  let isHead = startsFile;

  function keep(more: readonly string[]): void {
    isHead &&= more.every((line) => line.trim() === '' || line.startsWith('#!'));
    for (const line of more) kept.push(line);
  }

  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    if (line.trim() === '') {
      const end = endOf(lines, at, (other) => other.trim() === '');
      // The last line is what follows the last line break, or the next part's beginning.
      const run = end === lines.length ? end - 1 : end;
      if (run - at > 1) {
        for (let blank = at + 1; blank < run; blank++) saved.blanks += lines[blank]!.length + 1;
        keep([line, ...lines.slice(run, end)]);
        changed = true;
      } else keep(lines.slice(at, end));
      at = end;
      continue;
    }
    const end = isComment.endOfRun(lines, at);
    if (end > at) {
      const run = lines.slice(at, end);
      const rest = isHead && run.length > 1 && LICENCE.test(run.join('\n')) ? [] : shortened(run, isComment.closes);
      if (rest.length < run.length) {
        saved[rest.length === 0 ? 'licences' : 'comments'] += lengthOf(run) - lengthOf(rest);
        changed = true;
      }
      keep(rest);
      at = end;
      continue;
    }
    const short = withoutBlobs(line);
    if (short !== line) {
      saved.blobs += line.length - short.length;
      changed = true;
    }
    keep([short]);
    at += 1;
  }
  return changed ? { text: kept.join('\n'), saved } : { text, saved: NOTHING_SAVED };
}

/** The beginning of a long comment, and its end where that is a line of its own. */
function shortened(run: readonly string[], closes: (line: string) => boolean): readonly string[] {
  if (run.length <= MAX_COMMENT_LINES) return run;
  const last = run.at(-1)!;
  return [...run.slice(0, KEPT_COMMENT_LINES), ...(closes(last) ? [last] : [])];
}

interface CommentLines {
  /** Where the comment lines that begin at `at` end; `at` when there are none. */
  endOfRun(lines: readonly string[], at: number): number;
  /** Whether a line is the end of a block comment. */
  closes(line: string): boolean;
}

function commentLines({ lineComment, blockComment }: Language): CommentLines {
  const [open, close] = blockComment ?? [];
  /** The line of the next end, known for those from `from` to it: looked for anew at each beginning, it would take their square. */
  let ends = { from: 0, at: -1 };

  /** Of those after `at`; the number of lines when there is none. */
  function nextClose(lines: readonly string[], at: number, closing: string): number {
    if (at < ends.from || at >= ends.at) {
      let end = at + 1;
      while (end < lines.length && !lines[end]!.includes(closing)) end += 1;
      ends = { from: at, at: end };
    }
    return ends.at;
  }

  return {
    endOfRun(lines, at) {
      const first = lines[at]!.trimStart();
      if (open !== undefined && close !== undefined && first.startsWith(open)) {
        const isWhole = lines[at]!.includes(close, lines[at]!.indexOf(open) + open.length);
        const end = isWhole ? at : nextClose(lines, at, close);
        // Code may stand behind it; one that does not end here is left as it is.
        return end < lines.length && lines[end]!.trimEnd().endsWith(close) ? end + 1 : at;
      }
      if (lineComment === undefined || !first.startsWith(lineComment)) return at;
      return endOf(lines, at, (line) => line.trimStart().startsWith(lineComment));
    },
    closes: (line) => close !== undefined && line.trim() === close,
  };
}

function withoutBlobs(line: string): string {
  if (line.length < 160) return line;
  const short = line.replace(BLOB, (blob) => blob.slice(0, KEPT_BLOB_CHARS) + ELLIPSIS);
  return short.length > MAX_LINE_CHARS ? wholeStart(short, KEPT_LINE_CHARS) + ELLIPSIS : short;
}

/** Not in the middle of a character. */
function wholeStart(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

function endOf(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && belongs(lines[end]!)) end += 1;
  return end;
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
