import type { Language } from './languages.ts';

/** Follows brackets through generated code, past strings and comments, one character at a time. */
export interface CodeScanner {
  /** `unopened`: this bracket closes nothing that is open. */
  next(char: string): 'unopened' | undefined;
  /** True when `char` is a closing bracket in code. */
  closes(char: string): boolean;
  /** How many brackets are open. */
  depth(): number;
  /** True within a string or comment that goes on over lines. */
  inside(): boolean;
}

type Mode = 'code' | 'line-comment' | 'block-comment' | 'string' | 'multiline-string' | 'triple-string';

/**
 * `open`: the brackets already open, outermost first. Lexes by the language table only: regular expressions and
 * interpolation are taken for code and text as they look, and a quote nobody closes ends with its line.
 */
export function createCodeScanner(language: Language, open: string): CodeScanner {
  const opens = language.brackets.map((pair) => pair[0]).join('');
  const closes = language.brackets.map((pair) => pair[1]).join('');
  const quotes = language.quotes + language.multilineQuotes;
  const lineMarker = language.lineComment ?? '';
  // Longer markers are those of markup, which has no brackets to follow.
  const [blockOpen, blockClose] = language.blockComment?.[0].length === 2 ? language.blockComment : ['', ''];
  const stack = [...open];
  let mode: Mode = 'code';
  let quote = '';
  let escaped = false;
  let previous = '\n';
  /** Equal quotes in a row, this one included. */
  let run = 0;

  function code(char: string, before: string): 'unopened' | undefined {
    if (quotes.includes(char)) {
      quote = char;
      if (language.tripleQuotes && run === 3) {
        mode = 'triple-string';
        run = 0;
      } else {
        mode = language.multilineQuotes.includes(char) ? 'multiline-string' : 'string';
      }
    } else if (startsLineComment(char, before)) {
      mode = 'line-comment';
    } else if (before === blockOpen[0] && char === blockOpen[1]) {
      mode = 'block-comment';
      previous = ''; // the star of `/*` does not close it
    } else if (opens.includes(char)) {
      stack.push(char);
    } else {
      const pair = closes.indexOf(char);
      if (pair >= 0 && stack.pop() !== opens[pair]) return 'unopened';
    }
    return undefined;
  }

  function startsLineComment(char: string, before: string): boolean {
    if (lineMarker.length === 2) return before === lineMarker[0] && char === lineMarker[1];
    return char === lineMarker && (before === ' ' || before === '\t' || before === '\n');
  }

  function string(char: string): void {
    if (escaped) escaped = false;
    else if (char === '\\') escaped = true;
    else if (char === quote && (mode !== 'triple-string' || run === 3)) mode = 'code';
    else if (char === '\n' && mode === 'string') mode = 'code';
  }

  return {
    next(char) {
      const before = previous;
      previous = char;
      run = quotes.includes(char) ? (char === before ? run + 1 : 1) : 0;
      if (mode === 'code') return code(char, before);
      if (mode === 'line-comment') {
        if (char === '\n') mode = 'code';
      } else if (mode === 'block-comment') {
        if (before === blockClose[0] && char === blockClose[1]) mode = 'code';
      } else {
        string(char);
      }
      return undefined;
    },
    closes: (char) => mode === 'code' && closes.includes(char),
    depth: () => stack.length,
    inside: () => mode === 'block-comment' || mode === 'multiline-string' || mode === 'triple-string',
  };
}
