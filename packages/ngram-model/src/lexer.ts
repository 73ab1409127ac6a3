import { isBlankUnit, isOperatorUnit, isWordUnit } from './characters.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * Tokens of one text, in parallel arrays. What is lost is what nobody would propose again: blanks at the end of lines, and blank
 * lines beyond two.
 */
export interface Tokens {
  readonly ids: number[];
  /** The blanks before each token; empty for line breaks, whose indentation is theirs. */
  readonly spaces: string[];
  /** Where the last token ends in the text; a line break ends where the next line's text begins. */
  end: number;
}

export interface LexOptions {
  readonly vocabulary: Vocabulary;
  /** The columns of a level of indentation in this text, and in those it is compared with: see `unitOf`. */
  readonly unit: number;
  readonly commonUnit: number;
  /** The text begins in the middle of a line with that much indentation. */
  readonly columns?: number;
  /** Asked now and then: the rest of the text is left. */
  readonly isLate: () => boolean;
}

/** Reads a text of any language as tokens. */
export function lex(text: string, { vocabulary, unit, commonUnit, isLate, ...options }: LexOptions): Tokens {
  const tokens: Tokens = { ids: [], spaces: [], end: 0 };
  const { ids, spaces } = tokens;
  let space = '';
  let at = options.columns === undefined ? indentEnd(text, 0) : 0;
  let columns = options.columns ?? columnsOf(text, 0, at, unit);
  while (at < text.length) {
    if ((ids.length & 1023) === 1023 && isLate()) break;
    const start = at;
    const char = text.charCodeAt(at);
    if (char === LINE_FEED) {
      let blankLines = 0;
      let lineStart = at + 1;
      let end = indentEnd(text, lineStart);
      while (text.charCodeAt(end) === LINE_FEED) {
        blankLines += 1;
        lineStart = end + 1;
        end = indentEnd(text, lineStart);
      }
      const next = columnsOf(text, lineStart, end, unit);
      ids.push(vocabulary.lineBreakId(Math.min(2, blankLines), inUnits(next - columns, unit, commonUnit)));
      spaces.push('');
      columns = next;
      at = end;
      space = '';
    } else if (isBlankUnit(char)) {
      do at += 1;
      while (at < text.length && isBlankUnit(text.charCodeAt(at)));
      space = text.slice(start, at);
      continue;
    } else {
      if (isWordUnit(char)) {
        do at += 1;
        while (at < text.length && isWordUnit(text.charCodeAt(at)));
      } else if (isOperatorUnit(char)) {
        do at += 1;
        while (at < text.length && isOperatorUnit(text.charCodeAt(at)));
      } else at += 1;
      ids.push(vocabulary.idOf(text.slice(start, at)));
      spaces.push(space);
      space = '';
    }
    tokens.end = at;
  }
  return tokens;
}

const LINE_FEED = 0x0a;

export function indentEnd(text: string, lineStart: number): number {
  let end = lineStart;
  while (end < text.length && isBlankUnit(text.charCodeAt(end))) end += 1;
  return end;
}

export function columnsOf(text: string, start: number, end: number, tab: number): number {
  let columns = 0;
  for (let at = start; at < end; at += 1) columns += text.charCodeAt(at) === TAB ? tab : 1;
  return columns;
}

const TAB = 0x09;

/** A difference of whole levels is as many levels in every text; anything else is alignment and stays. */
function inUnits(columns: number, unit: number, commonUnit: number): number {
  return unit !== commonUnit && columns % unit === 0 ? (columns / unit) * commonUnit : columns;
}

/** How many columns a level of indentation has in this text: by how much lines most often stand deeper than the one before. */
export function unitOf(text: string): number {
  const votes = new Map<number, number>();
  let before = 0;
  let start = 0;
  // The first lines of a file show its style; a level of one column is alignment (` * `).
  for (let line = 0; line < 400 && start >= 0 && start < text.length; line += 1) {
    const end = indentEnd(text, start);
    const char = text.charCodeAt(end);
    if (char !== LINE_FEED && end < text.length && char !== 0x2a) {
      const columns = text.charCodeAt(start) === TAB ? (end - start) * DEFAULT_UNIT : end - start;
      if (columns - before > 1 && columns - before <= 8)
        votes.set(columns - before, (votes.get(columns - before) ?? 0) + 1);
      before = columns;
    }
    start = text.indexOf('\n', end) + 1;
    if (start === 0) break;
  }
  let best = DEFAULT_UNIT;
  let most = 0;
  for (const [columns, count] of votes) if (count > most) [best, most] = [columns, count];
  return best;
}

const DEFAULT_UNIT = 4;
