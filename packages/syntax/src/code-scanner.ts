import type { Language } from './languages.ts';

/** What a character belongs to. Literals of regular expressions count as strings. */
export type Scope = 'code' | 'comment' | 'string';

/** Follows brackets through code, past strings and comments, one character at a time. */
export interface CodeScanner {
  /** `unopened`: this bracket closes nothing that is open, or not what was opened last. */
  next(char: string): 'unopened' | undefined;
  /** Takes the characters from `from` on that change nothing but where it is, in one step; returns where they end. */
  skip(text: string, from: number, end: number): number;
  /** True when `char` is a closing bracket in code. */
  closes(char: string): boolean;
  /** How many brackets are open. */
  depth(): number;
  /** True within a string or comment that goes on over lines. */
  inside(): boolean;
  /** What a character that comes next would belong to. */
  scope(): Scope;
  /** True within a string that three quotes opened. */
  inTripleString(): boolean;
  /** Another one that goes on from here. */
  fork(): CodeScanner;
}

const WORD = /[\w$]+/y;
const BLANK = /[ \t]+/y;
const TEXT_OF_STRING = /[^"'`\\\n${]+/y;
const TEXT_OF_LINE_COMMENT = /[^\n]+/y;

type Mode = 'code' | 'line-comment' | 'block-comment' | 'string' | 'regex' | 'multiline-string' | 'triple-string';

/** Words after which a slash begins a regular expression: no value stands before it. */
const BEFORE_A_VALUE = new Set(
  'return typeof case in of instanceof delete void throw new else do yield await'.split(' '),
);
const LONGEST_WORD = 10;

/**
 * `open`: the brackets already open, outermost first. Lexes by the language table only: interpolation is followed in
 * ECMAScript's templates and taken for text elsewhere, and a quote nobody closes ends with its line.
 */
export function createCodeScanner(language: Language, open: string): CodeScanner {
  return scannerFrom(language, { ...AT_START, stack: [...open] });
}

/** What has been read, as far as it decides about what comes. */
interface ScannerState {
  readonly mode: Mode;
  readonly quote: string;
  readonly escaped: boolean;
  readonly previous: string;
  /** Equal quotes in a row, this one included. */
  readonly run: number;
  /** The characters before this one, for markers of more than two. */
  readonly tail: string;
  readonly stack: readonly string[];
  /** How deep the brackets were where each `${` that is open stands, outermost first. */
  readonly interpolations: readonly number[];
  /** The last character of code that is not blank, and the word it ends; they tell a division from a literal. */
  readonly significant: string;
  readonly word: string;
  /** The character before was a slash that begins a literal unless this one makes it a comment. */
  readonly slash: boolean;
  readonly inClass: boolean;
}

const AT_START: ScannerState = {
  mode: 'code',
  quote: '',
  escaped: false,
  previous: '\n',
  run: 0,
  tail: '',
  stack: [],
  interpolations: [],
  significant: '',
  word: '',
  slash: false,
  inClass: false,
};

/** What is looked for in a language. */
interface Marks {
  readonly opens: string;
  readonly closes: string;
  readonly quotes: string;
  readonly lineMarker: string;
  readonly blockOpen: string;
  readonly blockClose: string;
  readonly textOfBlockComment: RegExp;
}

/** By language: made for each scanner, they took more than the scanner. */
const marks = new WeakMap<Language, Marks>();

function marksOf(language: Language): Marks {
  let known = marks.get(language);
  if (!known) {
    const { brackets, quotes, multilineQuotes, lineComment = '', blockComment } = language;
    const [blockOpen, blockClose] = blockComment ?? ['', ''];
    known = {
      opens: brackets.map((pair) => pair[0]).join(''),
      closes: brackets.map((pair) => pair[1]).join(''),
      quotes: quotes + multilineQuotes,
      lineMarker: lineComment,
      blockOpen,
      blockClose,
      textOfBlockComment: blockClose === '' ? TEXT_OF_LINE_COMMENT : new RegExp(`[^\\n\\${blockClose[0]}]+`, 'y'),
    };
    marks.set(language, known);
  }
  return known;
}

function scannerFrom(language: Language, from: ScannerState): CodeScanner {
  const { ecmascript } = language;
  const { opens, closes, quotes, lineMarker, blockOpen, blockClose, textOfBlockComment } = marksOf(language);
  let { mode, quote, escaped, previous, run, tail, significant, word, slash, inClass } = from;
  const stack = [...from.stack];
  const interpolations = [...from.interpolations];

  function code(char: string, before: string): 'unopened' | undefined {
    if (slash) {
      slash = false;
      if (char !== '/' && char !== '*') {
        mode = 'regex';
        inClass = false;
        escaped = false;
        literal(char);
        return undefined;
      }
    }
    if (quotes.includes(char) && opensString(char, before)) {
      quote = char;
      if (language.tripleQuotes && run === 3) {
        mode = 'triple-string';
        run = 0;
      } else {
        mode = language.multilineQuotes.includes(char) ? 'multiline-string' : 'string';
      }
    } else if (startsLineComment(char, before)) {
      mode = 'line-comment';
    } else if (startsBlockComment(char, before)) {
      mode = 'block-comment';
      previous = ''; // the star of `/*` does not close it
      tail = '';
    } else if (opens.includes(char)) {
      stack.push(char);
    } else if (ecmascript && char === '/' && before !== '/' && !followsValue()) {
      slash = true;
    } else {
      const pair = closes.indexOf(char);
      if (pair >= 0) return close(opens[pair]!);
    }
    return undefined;
  }

  /** What is not closed is left behind as soon as something further out is. */
  function close(opener: string): 'unopened' | undefined {
    const at = stack.lastIndexOf(opener);
    const proper = at >= 0 && at === stack.length - 1;
    if (at >= 0) stack.length = at;
    if (opener === '{' && interpolations.at(-1) === stack.length) {
      interpolations.pop();
      mode = 'multiline-string';
      quote = '`';
    }
    return proper ? undefined : 'unopened';
  }

  /** `don't` in the text of an element, or 1'000'000: no string begins right after such a character. */
  function opensString(char: string, before: string): boolean {
    if (char !== "'" && char !== '"') return true;
    return !(ecmascript ? isWord(before) && !BEFORE_A_VALUE.has(word) : char === "'" && before >= '0' && before <= '9');
  }

  function followsValue(): boolean {
    if (isWord(significant)) return !BEFORE_A_VALUE.has(word);
    // `</tag>`: a closing tag in JSX, and no comparison is followed by a literal.
    return significant !== '' && ')]}"\'`.<'.includes(significant);
  }

  function startsLineComment(char: string, before: string): boolean {
    if (lineMarker.length === 2) return before === lineMarker[0] && char === lineMarker[1];
    return char === lineMarker && (before === ' ' || before === '\t' || before === '\n');
  }

  function startsBlockComment(char: string, before: string): boolean {
    if (blockOpen.length <= 2) return before === blockOpen[0] && char === blockOpen[1];
    return (tail + char).endsWith(blockOpen);
  }

  function endsBlockComment(char: string, before: string): boolean {
    if (blockClose.length <= 2) return before === blockClose[0] && char === blockClose[1];
    return (tail + char).endsWith(blockClose);
  }

  function literal(char: string): void {
    if (char === '\n') mode = 'code';
    else if (escaped) escaped = false;
    else if (char === '\\') escaped = true;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) {
      mode = 'code';
      previous = ''; // `/a//b` divides by b
    }
  }

  function string(char: string, before: string): void {
    if (escaped) escaped = false;
    else if (char === '\\') escaped = true;
    else if (char === quote && (mode !== 'triple-string' || run === 3)) mode = 'code';
    else if (char === '\n' && mode === 'string') mode = 'code';
    else if (ecmascript && quote === '`' && char === '{' && before === '$') {
      mode = 'code';
      interpolations.push(stack.length);
      stack.push('{');
    }
  }

  function plain(char: string): RegExp | undefined {
    if (mode === 'line-comment') return TEXT_OF_LINE_COMMENT;
    if (mode === 'block-comment')
      return blockClose.slice(0, -1).includes(previous || ' ') ? undefined : textOfBlockComment;
    if (mode === 'code') return slash ? undefined : isWord(char) ? WORD : BLANK;
    return mode === 'regex' || escaped ? undefined : TEXT_OF_STRING;
  }

  return {
    skip(text, from, end) {
      const pattern = from < end ? plain(text[from]!) : undefined;
      if (pattern === undefined) return from;
      pattern.lastIndex = from;
      if (!pattern.test(text)) return from;
      const to = Math.min(pattern.lastIndex, end);
      if (pattern === WORD) {
        word = text.slice(Math.max(from, to - LONGEST_WORD), to);
        if (isWord(previous) && word.length < LONGEST_WORD) word = '';
        significant = text[to - 1]!;
      }
      previous = text[to - 1]!;
      run = 0;
      if (blockOpen.length > 2) tail = text.slice(Math.max(0, to - 3), to);
      return to;
    },
    next(char) {
      const before = previous;
      previous = char;
      run = quotes.includes(char) ? (char === before ? run + 1 : 1) : 0;
      let verdict: 'unopened' | undefined;
      if (mode === 'code') {
        verdict = code(char, before);
        if (ecmascript && !isBlank(char)) {
          word = isWord(char) ? ((isWord(before) ? word : '') + char).slice(-LONGEST_WORD) : '';
          significant = char;
        }
      } else if (mode === 'line-comment') {
        if (char === '\n') mode = 'code';
      } else if (mode === 'block-comment') {
        if (endsBlockComment(char, before)) {
          mode = 'code';
          previous = ''; // `*//` does not begin another one
        }
      } else if (mode === 'regex') {
        literal(char);
      } else {
        string(char, before);
      }
      if (blockOpen.length > 2) tail = (tail + char).slice(-3);
      return verdict;
    },
    closes: (char) => mode === 'code' && closes.includes(char),
    depth: () => stack.length,
    inside: () => mode === 'block-comment' || mode === 'multiline-string' || mode === 'triple-string',
    scope() {
      if (mode === 'code') return 'code';
      return mode === 'line-comment' || mode === 'block-comment' ? 'comment' : 'string';
    },
    inTripleString: () => mode === 'triple-string',
    fork: () =>
      scannerFrom(language, {
        mode,
        quote,
        escaped,
        previous,
        run,
        tail,
        significant,
        word,
        slash,
        inClass,
        stack,
        interpolations,
      }),
  };
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

function isWord(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    (char >= '0' && char <= '9') ||
    char === '_' ||
    char === '$'
  );
}
