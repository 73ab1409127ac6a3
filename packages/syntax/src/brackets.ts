const CLOSER_OF: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const CLOSERS = ')]}';
const QUOTES = `"'\``;

/** What a piece of code does to the brackets and quotes around it. */
export interface BracketScan {
  /** How many characters at the start of `outer` the text types again: it closes what was opened before it. */
  readonly closedOuter: number;
  /** Closers of what the text leaves open, innermost first: what an editor would have closed by itself. */
  readonly open: string;
  /** Brackets that close something opened before the text, besides those of `outer`. */
  readonly unmatched: number;
}

/** A scan of a text that comes in pieces. */
export interface BracketScanner {
  feed(piece: string): void;
  /** Of what has been fed. */
  scan(): BracketScan;
}

/**
 * Follows brackets and quotes through `text`. `outer` are the closers that stand right after it in the document; a quote
 * among them means that the text starts inside that string. A heuristic without a grammar: quotes end with their line
 * (but for backticks), so that an apostrophe in a comment misleads for one line at most.
 */
export function scanBrackets(text: string, outer = ''): BracketScan {
  const scanner = createBracketScanner(outer);
  scanner.feed(text);
  return scanner.scan();
}

/** As `scanBrackets`, however the text is cut into pieces. */
export function createBracketScanner(outer = ''): BracketScanner {
  const expected: string[] = [];
  let closedOuter = 0;
  let unmatched = 0;
  let escaped = false;

  function take(char: string): void {
    const innermost = expected.at(-1);
    const next = outer[closedOuter];
    if (escaped) {
      escaped = false;
    } else if (char === '\\') {
      escaped = true;
    } else if (innermost !== undefined && QUOTES.includes(innermost)) {
      if (char === innermost || (char === '\n' && innermost !== '`')) expected.pop();
    } else if (expected.length === 0 && next !== undefined && QUOTES.includes(next)) {
      if (char === next) closedOuter += 1;
    } else if (QUOTES.includes(char)) {
      expected.push(char);
    } else if (CLOSER_OF[char] !== undefined) {
      expected.push(CLOSER_OF[char]);
    } else if (CLOSERS.includes(char)) {
      if (char === innermost) {
        expected.pop();
      } else if (expected.length === 0) {
        if (char === next) closedOuter += 1;
        else unmatched += 1;
      }
    }
  }

  return {
    feed(piece) {
      for (let i = 0; i < piece.length; i++) take(piece[i]!);
    },
    scan: () => ({
      closedOuter,
      get open() {
        return expected.toReversed().join('');
      },
      unmatched,
    }),
  };
}

/**
 * The closing brackets and quotes that `after` starts with. A quote closes only when `before`, the line up to there, has
 * it open; else it starts the next string.
 */
export function leadingClosers(before: string, after: string): string {
  const closers = /^[)\]}"'`]*/.exec(after)![0];
  const quote = closers.search(/["'`]/);
  if (quote < 0) return closers;
  const { open } = scanBrackets(before);
  const opening = [...closers].findIndex((char, i) => QUOTES.includes(char) && open[i] !== char);
  return opening < 0 ? closers : closers.slice(0, opening);
}

/** The character that an editor adds by itself when `opener` is typed. */
export function autoClosed(opener: string): string | undefined {
  return CLOSER_OF[opener] ?? (opener.length === 1 && QUOTES.includes(opener) ? opener : undefined);
}

/** True when `part` can be made from `whole` by leaving characters out: what an editor needs to draw ghost text over it. */
export function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of part) {
    at = whole.indexOf(char, at) + char.length;
    if (at < char.length) return false;
  }
  return true;
}
