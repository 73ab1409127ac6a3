import type { Language } from './languages.ts';

/** Longer lines are minified or data: nothing is concluded from them, which also bounds the patterns run on one. */
const MAX_LINE = 500;

/** How far back a block opener is looked for over blank and comment lines. */
const MAX_LINES_BACK = 20;

/** The block whose opening the cursor follows, with nothing but blank and comment lines between. */
export interface OpenedBlock {
  /** Columns the opening line is indented by. */
  readonly indent: number;
  /** Brackets the opening line leaves open, outermost first; empty when a word or colon opened the block. */
  readonly brackets: string;
}

/** Columns of leading white space; a tab counts four (VS Code's default), which only matters where both are mixed. */
export function indentOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') columns += 1;
    else if (char === '\t') columns += 4;
    else break;
  }
  return columns;
}

/** The text after the last line break. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** The first line with anything on it that starts after the line `text` begins with. */
export function nextFilledLine(text: string): string | undefined {
  let start = text.indexOf('\n') + 1;
  while (start > 0) {
    const end = text.indexOf('\n', start);
    const line = end < 0 ? text.slice(start) : text.slice(start, end);
    if (line.trim() !== '') return line;
    start = end + 1;
  }
  return undefined;
}

/** The block that was opened right before the end of `prefix`, if one was. */
export function openedBlock(prefix: string, language: Language): OpenedBlock | undefined {
  let end = prefix.length;
  for (let lines = 0; lines < MAX_LINES_BACK && end >= 0; lines++) {
    const start = prefix.lastIndexOf('\n', end - 1) + 1;
    const line = prefix.slice(Math.max(start, end - MAX_LINE - 1), end);
    if (line.length > MAX_LINE) return undefined;
    const code = withoutComment(line, language);
    if (code !== '') {
      const brackets = unclosedBrackets(code, language);
      const opensByBracket = language.brackets.some(([open]) => open !== undefined && code.endsWith(open));
      if (!opensByBracket && !language.blockOpener?.test(code)) return undefined;
      return { indent: indentOf(line), brackets };
    }
    if (start === 0) return undefined;
    end = start - 1;
  }
  return undefined;
}

/** The brackets that `code` opens and leaves open, outermost first. Strings are skipped, unterminated ones are not. */
export function unclosedBrackets(code: string, language: Language): string {
  let stack = '';
  for (let i = 0; i < code.length; i++) {
    const char = code[i]!;
    if (language.quotes.includes(char) || language.multilineQuotes.includes(char)) {
      const close = code.indexOf(char, i + 1);
      if (close > 0) i = close;
      continue;
    }
    const pair = language.brackets.find((pair) => pair.includes(char));
    if (pair === undefined) continue;
    if (pair[0] === char) stack += char;
    else if (stack.at(-1) === pair[0]) stack = stack.slice(0, -1);
  }
  return stack;
}

/** `line` up to its line comment, trimmed. A marker inside a word or a URL is none: it must follow white space. */
function withoutComment(line: string, { lineComment }: Language): string {
  const trimmed = line.trim();
  if (lineComment === undefined) return trimmed;
  if (trimmed.startsWith(lineComment)) return '';
  const at = trimmed.indexOf(` ${lineComment}`);
  return at < 0 ? trimmed : trimmed.slice(0, at).trimEnd();
}
