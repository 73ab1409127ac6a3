import type { Language } from '@ghostline/syntax';
import { indentOf, isBlank } from './lines.ts';

/** Where in code a place is: in code itself, in a comment, or in a string, then by the quote that closes it. */
export type Within = 'code' | 'line comment' | 'block comment' | Quote;
export type Quote = '"' | "'" | '`' | '"""' | "'''" | '```';

export interface OpenBracket {
  readonly closer: string;
  /** Columns of white space before the line it stands on. */
  readonly indent: number;
  /** What its closing returns to: a template string, for the bracket that interrupts it. */
  readonly within: Within;
}

/** A bracket that closes nothing that was opened in the text walked through. */
export interface Unopened {
  readonly closer: string;
  /** Offset in the piece of the line that was fed. */
  readonly at: number;
  readonly indent: number;
  /** True when only white space and closers stand before it on its line. */
  readonly leadsLine: boolean;
}

export interface CodeWalk {
  within(): Within;
  /** Brackets open, outermost first. */
  open(): readonly OpenBracket[];
  /** Goes through a piece of a line; `lead` is what of the line was there before. */
  feed(piece: string, lead?: string): void;
  /** The line is over: so are line comments and the strings that cannot go on. */
  endLine(): void;
}

export interface CodeWalkOptions {
  readonly language: Language;
  readonly within?: Within;
  /** Returns what the text is within after it; code unless said. */
  readonly onUnopened?: (bracket: Unopened) => Within | undefined;
}

/** The line that is walked through. */
interface Line {
  readonly lead: string;
  readonly indent: number;
  /** Nothing but white space and closers so far. */
  leads: boolean;
}

const ONLY_CLOSERS = /^[\s)\]}]*$/;

/** Code is never nested so deep; brackets that do not match are looked for no further out. */
const DEEPEST = 100;

/** Index of the innermost bracket that `closer` closes, or -1. */
export function lastOpen(open: readonly OpenBracket[], closer: string): number {
  for (let i = open.length - 1; i >= Math.max(0, open.length - DEEPEST); i--) if (open[i]!.closer === closer) return i;
  return -1;
}

const ECMASCRIPT = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);

/** A longer regular expression is hardly written in one line, and the bound keeps the search for its end linear. */
const MAX_REGEX = 200;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\//y;
/** What stands before a regular expression, not before a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%~^]|=>|\b(?:return|typeof|case|in|of|do|else|yield|await|throw))\s*$/;
/** A character in languages in which the quote has other uses: `'('`, `'\''`; not the lifetime `'a`. */
const CHARACTER = /'(?:\\[^']{1,10}'?|[^\\'])'/y;

/**
 * Follows brackets, strings and comments through code by the surface syntax of its language. No grammar: interpolation
 * is followed in templates of ECMAScript only. In a language without brackets (prose, YAML) everything is code.
 */
export function createCodeWalk({ language, within: start = 'code', onUnopened }: CodeWalkOptions): CodeWalk {
  const { brackets, quotes, multilineQuotes, tripleQuotes, lineComment } = language;
  const isEcma = ECMASCRIPT.has(language.id);
  const closerOf = new Map(brackets.map((pair) => [pair[0]!, pair[1]!]));
  const closers = new Set(closerOf.values());
  const [blockOpen, blockClose] = language.blockComment ?? ['', ''];
  const telling = tellingOf(language, isEcma);
  const stack: OpenBracket[] = [];
  let within = start;
  let escaped = false;

  /** Offset after what begins at `i` in code. */
  function code(piece: string, i: number, line: Line): number {
    const char = piece[i]!;
    const before = i > 0 ? piece[i - 1]! : (line.lead.at(-1) ?? '');
    if (lineComment !== undefined && piece.startsWith(lineComment, i) && (lineComment.length > 1 || isGap(before))) {
      within = 'line comment';
      return piece.length;
    }
    if (blockOpen !== '' && piece.startsWith(blockOpen, i)) {
      within = 'block comment';
      return i + blockOpen.length;
    }
    if (quotes.includes(char) || multilineQuotes.includes(char)) return quote(piece, i, char, before);
    if (char === "'") return i + (matchAt(CHARACTER, piece, i)?.length ?? 1);
    if (char === '/' && isEcma) {
      const text = piece.slice(i, i + MAX_REGEX);
      // A closing tag is none.
      const isRegex = before !== '<' && BEFORE_REGEX.test(beforeOf(piece, i, line.lead));
      return i + ((isRegex ? matchAt(REGEX, text, 0)?.length : undefined) ?? 1);
    }
    const closer = closerOf.get(char);
    if (closer !== undefined) stack.push({ closer, indent: line.indent, within: 'code' });
    else if (closers.has(char)) close(char, i, line);
    return i + 1;
  }

  function quote(piece: string, i: number, char: string, before: string): number {
    const triple = char.repeat(3);
    if (tripleQuotes && char !== '`' && piece.startsWith(triple, i)) {
      within = triple as Quote;
      return i + 3;
    }
    // 1'000 and, in the text of JSX, don't.
    const isApostrophe =
      char === "'" && (/\d/.test(before) || (isEcma && /\p{L}/u.test(before) && /\p{L}/u.test(piece[i + 1] ?? '')));
    if (!isApostrophe) within = char as Quote;
    return i + 1;
  }

  function close(closer: string, at: number, { indent, leads }: Line): void {
    const match = lastOpen(stack, closer);
    if (match >= 0) {
      within = stack[match]!.within;
      stack.length = match;
      return;
    }
    within = onUnopened?.({ closer, at, indent, leadsLine: leads }) ?? 'code';
  }

  function string(piece: string, i: number, indent: number): number {
    if (escaped) {
      escaped = false;
      return i + 1;
    }
    const char = piece[i]!;
    if (char === '\\') {
      escaped = true;
      return i + 1;
    }
    if (piece.startsWith(within, i)) {
      const { length } = within;
      within = 'code';
      return i + length;
    }
    if (isEcma && within === '`' && char === '$' && piece[i + 1] === '{') {
      stack.push({ closer: '}', indent, within: '`' });
      within = 'code';
      return i + 2;
    }
    return i + 1;
  }

  return {
    within: () => within,
    open: () => stack,
    feed(piece, lead = '') {
      if (brackets.length === 0) return;
      const line: Line = { lead, indent: indentOf(lead + piece), leads: ONLY_CLOSERS.test(lead) };
      let i = 0;
      while (i < piece.length) {
        if (within === 'line comment') return;
        if (within === 'code') {
          telling.lastIndex = i;
          const found = telling.exec(piece);
          if (!found) return;
          line.leads &&= isBlank(piece.slice(i, found.index));
          i = code(piece, found.index, line);
          line.leads &&= closers.has(found[0]);
        } else if (within === 'block comment') {
          const end = piece.indexOf(blockClose, i);
          if (end < 0) return;
          within = 'code';
          i = end + blockClose.length;
        } else {
          i = string(piece, i, line.indent);
        }
      }
    },
    endLine() {
      const endsString = within.length === 1 && !multilineQuotes.includes(within) && !escaped;
      if (within === 'line comment' || endsString) within = 'code';
      escaped = false;
    },
  };
}

/** Every character that means anything in code; all others are skipped. */
function tellingOf(
  { brackets, quotes, multilineQuotes, lineComment, blockComment }: Language,
  isEcma: boolean,
): RegExp {
  const firsts = (lineComment?.[0] ?? '') + (blockComment?.[0][0] ?? '');
  const all = `${brackets.join('')}${quotes}${multilineQuotes}'${firsts}${isEcma ? '/' : ''}`;
  return new RegExp(`[${all.replace(/[\\\]^-]/g, '\\$&')}]`, 'g');
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Enough of the line before `i` to see what a slash may be. */
function beforeOf(piece: string, i: number, lead: string): string {
  return i >= 12 ? piece.slice(i - 12, i) : lead.slice(-12) + piece.slice(0, i);
}

function isGap(char: string): boolean {
  return char === '' || char === ' ' || char === '\t';
}
