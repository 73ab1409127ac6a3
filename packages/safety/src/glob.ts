/** One character's worth of a glob: a run of anything, any one, this one, or one of (or outside of) a class. */
type Piece =
  | { readonly kind: 'run' | 'any' }
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'class'; readonly has: (char: string) => boolean };

/** A glob for one name, that is without slashes. Undefined when it is malformed, as git takes such a one: it matches nothing. */
export type NameGlob = readonly Piece[] | undefined;

const POSIX_CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[a-z\d]/,
  alpha: /[a-z]/,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /\d/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[a-z]/,
  xdigit: /[a-f\d]/,
};

/** Reads one segment of a pattern in lower case, with git's wildcards: `*`, `?`, `[a-z]`, `[!a]`, `\` before a literal. */
export function parseNameGlob(glob: string): NameGlob {
  const pieces: Piece[] = [];
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at]!;
    if (char === '*') {
      if (pieces.at(-1)?.kind !== 'run') pieces.push({ kind: 'run' });
    } else if (char === '?') {
      pieces.push({ kind: 'any' });
    } else if (char === '[') {
      const parsed = parseClass(glob, at + 1);
      if (!parsed) return undefined;
      pieces.push({ kind: 'class', has: parsed.has });
      at = parsed.end;
    } else if (char === '\\') {
      at += 1;
      if (at === glob.length) return undefined;
      pieces.push({ kind: 'char', char: glob[at]! });
    } else {
      pieces.push({ kind: 'char', char });
    }
  }
  return pieces;
}

/** The class whose first character after `[` is at `from`; `end` is where its `]` is. */
function parseClass(glob: string, from: number): { has: (char: string) => boolean; end: number } | undefined {
  const negated = glob[from] === '!' || glob[from] === '^';
  const tests: ((char: string) => boolean)[] = [];
  const first = negated ? from + 1 : from;
  for (let at = first; at < glob.length; at++) {
    if (glob[at] === ']' && at > first) {
      return { has: (char) => tests.some((test) => test(char)) !== negated, end: at };
    }
    if (glob.startsWith('[:', at)) {
      const close = glob.indexOf(':]', at + 2);
      if (close < 0) return undefined;
      const named = POSIX_CLASSES[glob.slice(at + 2, close)];
      if (!named) return undefined;
      tests.push((char) => named.test(char));
      at = close + 1;
      continue;
    }
    if (glob[at] === '\\') at += 1;
    const low = glob[at];
    if (low === undefined) return undefined;
    if (glob[at + 1] === '-' && glob[at + 2] !== undefined && glob[at + 2] !== ']') {
      at += glob[at + 2] === '\\' ? 3 : 2;
      const high = glob[at];
      if (high === undefined) return undefined;
      tests.push((char) => char >= low && char <= high);
    } else {
      tests.push((char) => char === low);
    }
  }
  return undefined;
}

/** Only the last run is ever retried, so no glob takes exponential time. */
export function matchesNameGlob(glob: NameGlob, name: string): boolean {
  if (!glob) return false;
  let at = 0;
  let next = 0;
  let runAt = 0;
  let runNext = -1;
  while (at < name.length) {
    const piece = glob[next];
    if (piece?.kind === 'run') {
      runAt = at;
      runNext = ++next;
    } else if (piece && matchesPiece(piece, name[at]!)) {
      at += 1;
      next += 1;
    } else if (runNext >= 0) {
      at = ++runAt;
      next = runNext;
    } else {
      return false;
    }
  }
  while (glob[next]?.kind === 'run') next += 1;
  return next === glob.length;
}

function matchesPiece(piece: Exclude<Piece, { kind: 'run' }> | Piece, char: string): boolean {
  if (piece.kind === 'char') return piece.char === char;
  return piece.kind === 'any' || (piece.kind === 'class' && piece.has(char));
}
