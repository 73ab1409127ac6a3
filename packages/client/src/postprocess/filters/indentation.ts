import { createCodeWalk } from '../../text/code-walk.ts';
import { indentOf, isBlank, leadingSpace } from '../../text/lines.ts';
import { type Draft, type Filter, firstFilled } from '../draft.ts';
import { opensBlock, standsWithOpener } from '../openers.ts';
import type { Place } from '../place.ts';

/** Where white space says something that it does not say elsewhere, or must be what it is. */
const OWN_RULES = new Set(['makefile', 'haskell', 'diff', 'tsv', 'coffeescript']);

/**
 * Indents the text as its document is: with tabs or spaces as there, not twice where some was typed already, and a block
 * that a model wrote as if it began at the left edge as deep as it stands. What is within a string stays as it is.
 */
export const indentation: Filter = {
  name: 'indentation',
  apply(draft, place) {
    if (place.isProse || OWN_RULES.has(place.language) || place.brackets.within !== 'code') return draft;
    return withDepth(withoutTyped(withStyle(draft, place), place), place);
  },
};

/** Columns that a block is indented by; what the editor or its user has typed tells where the document does not. */
function stepOf(place: Place, typed: number): number {
  const style = place.indentStyle;
  if (style) return style.char === '\t' ? indentOf('\t') : style.size;
  return typed > 0 ? typed : 4;
}

/** Changes lines by their index, but for those that begin within a string or comment. */
function mapCode(draft: Draft, { syntax, cursorLine }: Place, change: (line: string, index: number) => string): Draft {
  const walk = createCodeWalk({ language: syntax });
  let changed = false;
  const lines = draft.lines.map((line, index) => {
    const isCode = walk.within() === 'code' || walk.within() === 'block comment';
    walk.feed(line, index === 0 ? cursorLine : '');
    walk.endLine();
    const result = isCode && !isBlank(line) ? change(line, index) : line;
    changed ||= result !== line;
    return result;
  });
  return changed ? { ...draft, lines } : draft;
}

/** Tabs for spaces, or spaces for tabs, where the document has only the others. */
function withStyle(draft: Draft, place: Place): Draft {
  const { lines } = draft;
  const style = place.indentStyle;
  if (!style) return draft;
  if (style.char === ' ') {
    if (!lines.some((line) => line.startsWith('\t'))) return draft;
    return mapCode(draft, place, (line, index) => {
      if (index === 0 && !place.isFresh) return line;
      return line.replace(/^\t+/, (tabs) => ' '.repeat(tabs.length * style.size));
    });
  }
  if (!lines.some((line) => line.startsWith('  '))) return draft;
  let size: number | undefined;
  return mapCode(draft, place, (line, index) => {
    const spaces = /^ {2,}/.exec(line)?.[0].length ?? 0;
    if (spaces === 0 || (index === 0 && !place.isFresh)) return line;
    size ??= sizeOf(spaces, expectedTabs(lines, index, place));
    return '\t'.repeat(Math.floor(spaces / size)) + line.slice(Math.floor(spaces / size) * size);
  });
}

/** How many tabs deep the line of that index stands, the first that is indented. */
function expectedTabs(lines: readonly string[], index: number, { cursorLine, lineAbove = '', syntax }: Place): number {
  const own = lines.slice(0, index).findLast((line) => !isBlank(line)) ?? '';
  const here = cursorLine + (own === lines[0] ? own : '');
  const isHere = index > 0 && !isBlank(here);
  const opener = own !== '' && own !== lines[0] ? own : isHere ? here : lineAbove;
  const tabs = /^\t*/.exec(isHere ? here : lineAbove)![0].length;
  return tabs + (opensBlock(opener, syntax) ? 1 : 0);
}

/** The spaces a model has written for one tab. */
function sizeOf(spaces: number, tabs: number): number {
  if (tabs > 0 && spaces % tabs === 0 && [2, 3, 4].includes(spaces / tabs)) return spaces / tabs;
  return spaces % 4 === 0 ? 4 : spaces % 2 === 0 ? 2 : spaces;
}

/** The first line without the white space that stands before the cursor already. */
function withoutTyped(draft: Draft, place: Place): Draft {
  const { isFresh, cursorLine, lineAbove, above, syntax } = place;
  const [first = '', ...rest] = draft.lines;
  const space = leadingSpace(first);
  if (space === '' || space === first) return draft;
  const without = (count: number): Draft => ({ ...draft, lines: [first.slice(count), ...rest] });
  if (!isFresh) {
    // Two words need one space between them.
    return /\s$/.test(cursorLine) ? without(space.length) : draft;
  }
  if (cursorLine === '') {
    // A single space is no indentation of any style.
    const isStray = space === ' ' && indentOf(lineAbove ?? '') !== 1;
    return isStray ? without(1) : draft;
  }
  const nearest = above.at(-1) ?? '';
  const typed = indentOf(cursorLine);
  const deepest = indentOf(nearest) + (opensBlock(nearest, syntax) ? stepOf(place, typed - indentOf(nearest)) : 0);
  if (typed + indentOf(space) <= deepest) return draft;
  if (typed >= deepest) return without(space.length);
  return space.startsWith(cursorLine) ? without(cursorLine.length) : draft;
}

/**
 * A block whose first line stands no deeper than what opened it, though not at the left edge, was written as if that were
 * where it begins: all of it moves as deep as its opener.
 */
function withDepth(draft: Draft, place: Place): Draft {
  const { lines } = draft;
  const { cursorLine, isFresh, syntax } = place;
  const base = leadingSpace(cursorLine);
  if (base === '' || syntax.brackets.length === 0) return draft;
  const opener = cursorLine + lines[0]!;
  if (firstFilled(lines) === 0 ? !opensBlock(opener, syntax) : isFresh || !opensBlock(cursorLine, syntax)) return draft;
  const body = lines.findIndex((line, index) => index > 0 && !isBlank(line));
  if (body < 0) return draft;
  const indent = indentOf(lines[body]!);
  if (indent === 0 || indent > indentOf(base) || standsWithOpener(lines[body]!)) return draft;
  return mapCode(draft, place, (line, index) => (index === 0 ? line : base + line));
}
