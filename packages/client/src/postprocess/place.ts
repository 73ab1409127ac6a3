import { type Language, languageOf } from '@ghostline/syntax';
import { leadingClosers } from '@ghostline/syntax';
import { type OpenBracket, type Within, createCodeWalk, lastOpen } from '../text/code-walk.ts';
import { firstLine, indentOf, isBlank, lastLine, splitLines } from '../text/lines.ts';
import { type IndentStyle, indentStyleOf } from './indent-style.ts';
import { standsWithOpener } from './openers.ts';
import type { Surroundings } from './surroundings.ts';

/** What the filters ask about the place of a completion. */
export interface Place extends Surroundings {
  readonly syntax: Language;
  /** True for text to be read by people, in which no code rule holds. */
  readonly isProse: boolean;
  /** The cursor's line up to the cursor. */
  readonly cursorLine: string;
  /** True when nothing but white space stands before the cursor on its line. */
  readonly isFresh: boolean;
  readonly restOfLine: string;
  /** The closing brackets and quotes that stand right after the cursor. */
  readonly closers: string;
  /** The line before the cursor's, blank or not; undefined at the start of the document. */
  readonly lineAbove: string | undefined;
  /** Filled lines before the cursor's, the nearest last. */
  readonly above: readonly string[];
  /** Filled lines after the cursor's, the nearest first, without white space at their ends. */
  readonly below: readonly string[];
  readonly brackets: BracketPlace;
  /** How the document is indented, where all of its lines agree. */
  readonly indentStyle: IndentStyle | undefined;
}

export interface BracketPlace {
  readonly within: Within;
  /** True when the document closes all it opens around the cursor, and nothing else. */
  readonly isBalanced: boolean;
  /** Whether a text may close brackets that are open before the cursor: call it once for each, in order. */
  allowClosing(): (closer: string) => Within | false;
}

/** More are not looked at: the longest block whose repetition is looked for. */
const LINES_ABOVE = 20;
/** More equal lines than this are no chance (as many as Tabby compares). */
const LINES_BELOW = 3;

const PROSE = new Set(['markdown', 'plaintext', 'latex', 'tex', 'restructuredtext', 'asciidoc', 'git-commit']);

/** A fit is asked for at every keystroke, and its place stays the same while the user types along. */
const known = new WeakMap<Surroundings, Place>();

export function placeOf(around: Surroundings): Place {
  let place = known.get(around);
  if (!place) known.set(around, (place = survey(around)));
  return place;
}

function survey(around: Surroundings): Place {
  const { prefix, suffix } = around;
  const syntax = languageOf(around.language);
  const cursorLine = lastLine(prefix);
  const restOfLine = firstLine(suffix);
  let brackets: BracketPlace | undefined;
  let style: { readonly is: IndentStyle | undefined } | undefined;
  return {
    ...around,
    syntax,
    isProse: PROSE.has(around.language),
    cursorLine,
    isFresh: isBlank(cursorLine),
    restOfLine,
    closers: leadingClosers(cursorLine, restOfLine),
    lineAbove: lineBefore(prefix, prefix.length - cursorLine.length),
    above: filledBefore(prefix, prefix.length - cursorLine.length),
    below: filledAfter(suffix),
    get brackets() {
      return (brackets ??= surveyBrackets(around, syntax, cursorLine));
    },
    get indentStyle() {
      return (style ??= { is: indentStyleOf(around) }).is;
    },
  };
}

function lineBefore(text: string, start: number): string | undefined {
  if (start === 0) return undefined;
  const end = start - 1;
  return withoutReturn(text.slice(text.lastIndexOf('\n', end - 1) + 1, end));
}

function filledBefore(text: string, start: number): string[] {
  const lines: string[] = [];
  for (let at = start; at > 0 && lines.length < LINES_ABOVE;) {
    const line = lineBefore(text, at)!;
    if (!isBlank(line)) lines.unshift(line);
    at = at < 2 ? 0 : text.lastIndexOf('\n', at - 2) + 1;
  }
  return lines;
}

function filledAfter(text: string): string[] {
  const lines: string[] = [];
  for (let at = text.indexOf('\n'); at >= 0 && lines.length < LINES_BELOW;) {
    const end = text.indexOf('\n', at + 1);
    const line = text.slice(at + 1, end < 0 ? text.length : end).trimEnd();
    if (line !== '') lines.push(line);
    at = end;
  }
  return lines;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** So many brackets of one kind are not opened in one column. */
const SAME_COLUMN = 20;

function surveyBrackets(around: Surroundings, language: Language, cursorLine: string): BracketPlace {
  const { prefix, suffix, scope, startsDocument = true, endsDocument = true } = around;
  const before = createCodeWalk({ language });
  const lines = splitLines(prefix);
  for (const [index, line] of lines.entries()) {
    before.feed(line);
    if (index < lines.length - 1) before.endLine();
  }
  const within = withinScope(before.within(), scope, cursorLine, language);
  const outer = [...before.open()];

  /** What the suffix leaves open, and whether it closes more than is open. */
  const waiting = [...outer];
  const unclosed = new Set<OpenBracket>();
  const closedOnLine = new Set<OpenBracket>();
  let spare = false;
  let row = 0;
  const after = createCodeWalk({
    language,
    within,
    onUnopened({ closer, indent, leadsLine }) {
      let match = lastOpen(waiting, closer);
      if (match < 0) {
        spare = true;
        return undefined;
      }
      // A bracket that closes a block stands below the line that opened it: those further in are not closed yet.
      if (leadsLine && row > 0 && waiting[match]!.indent > indent) {
        const aligned = waiting.findLastIndex((open) => open.closer === closer && open.indent <= indent);
        if (aligned >= 0 && waiting[aligned]!.indent === indent) match = aligned;
      }
      const [open, ...skipped] = waiting.splice(match);
      for (const bracket of skipped) unclosed.add(bracket);
      if (row === 0) closedOnLine.add(open!);
      return open!.within;
    },
  });
  /** How far left code stands below that is no part of a block which opens there. */
  let leftmost = Number.POSITIVE_INFINITY;
  for (const [index, line] of splitLines(suffix).entries()) {
    row = index;
    const isBeside = row > 0 && after.open().length === 0 && after.within() === 'code' && isStatement(line, language);
    if (isBeside) leftmost = Math.min(leftmost, indentOf(line));
    after.feed(line, index === 0 ? cursorLine : '');
    after.endLine();
  }
  // What the window does not show is closed beyond it, unless its block is over already.
  for (const bracket of waiting) if (endsDocument || leftmost <= bracket.indent) unclosed.add(bracket);
  const isOpen = (bracket: OpenBracket) => unclosed.has(bracket) || closedOnLine.has(bracket);
  const unknownOutside = !startsDocument && !spare;

  return {
    within,
    isBalanced: within === 'code' && unclosed.size === 0 && !spare,
    allowClosing() {
      const left = [...outer];
      return (closer) => {
        const match = lastOpen(left, closer);
        if (match < 0) return unknownOutside ? 'code' : false;
        const bracket = left[match]!;
        // Of several in one column it cannot be told which one the text below closes.
        const allowed = left
          .slice(Math.max(0, match - SAME_COLUMN), match + 1)
          .some((other) => other.closer === closer && other.indent === bracket.indent && isOpen(other));
        left.length = match;
        return allowed && bracket.within;
      };
    },
  };
}

/** A line that only stands left of a block when that has ended. */
function isStatement(line: string, { lineComment, blockComment }: Language): boolean {
  const code = line.trimStart();
  const isComment = [lineComment, blockComment?.[0]].some((mark) => mark !== undefined && code.startsWith(mark));
  return code !== '' && !isComment && !standsWithOpener(line);
}

function withinScope(
  found: Within,
  scope: Surroundings['scope'],
  cursorLine: string,
  { lineComment }: Language,
): Within {
  const isComment = found === 'line comment' || found === 'block comment';
  switch (scope) {
    case undefined:
      return found;
    case 'code':
      return 'code';
    case 'comment':
      if (isComment) return found;
      return lineComment !== undefined && cursorLine.includes(lineComment) ? 'line comment' : 'block comment';
    case 'string': {
      if (found !== 'code' && !isComment) return found;
      const quote = /["'`](?=[^"'`]*$)/.exec(cursorLine)?.[0];
      return quote === "'" || quote === '`' ? quote : '"';
    }
  }
}
