import type { Language } from '@ghostline/syntax';

/** Longer lines are minified or data: nothing is concluded from them. */
const MAX_LINE = 500;

/** True when `line` opens a block: it ends in an opening bracket, or as its language begins one with words. */
export function opensBlock(line: string, { brackets, blockOpener, lineComment }: Language): boolean {
  if (line.length > MAX_LINE) return false;
  const trimmed = line.trim();
  const comment = lineComment === undefined ? -1 : ` ${trimmed}`.indexOf(` ${lineComment}`);
  const code = comment < 0 ? trimmed : trimmed.slice(0, comment).trimEnd();
  if (code === '') return false;
  return brackets.some((pair) => code.endsWith(pair[0]!)) || blockOpener?.test(code) === true;
}

const STANDS_WITH_OPENER = /^\s*(?:[)\]}#]|(?:case|default|public|private|protected|signals|slots)\b|end\b)/;

/** True of closers, directives and labels: they stand no deeper than what opens their block, in one style or another. */
export function standsWithOpener(line: string): boolean {
  return STANDS_WITH_OPENER.test(line);
}
