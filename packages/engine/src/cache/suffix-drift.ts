import { createBracketScanner, leadingClosers, scanBrackets } from '@ghostline/syntax';

/**
 * The text after the cursor is a window, which ends here or there by what else the prompt holds. Two windows on one text are
 * told from two texts by so many characters at least: six lines of code.
 */
const MIN_WINDOW_CHARS = 256;
/** Deeper indentation than this is no code that anybody types. */
const DEEPEST_INDENT = 200;

/** What an editor did after the cursor by itself while somebody typed. */
export interface SuffixDrift {
  /** The line break and indentation it put before a closing bracket or tag. */
  readonly broken: string;
  /** Brackets and quotes it closed, innermost first. */
  readonly closed: string;
}

const NONE: SuffixDrift = { broken: '', closed: '' };

/**
 * How the text after the cursor became `now`, when `typed` was typed between `prefix` and `suffix`; undefined when anything
 * else happened to it. The same cases as in the client: equal, a bracket moved to a line of its own, brackets closed, and
 * brackets that were typed over.
 */
export function suffixDrift(prefix: string, suffix: string, typed: string, now: string): SuffixDrift | undefined {
  if (isSameText(suffix, now)) return NONE;
  if (typed === '') return undefined;
  const broken = /\n[ \t]*$/.test(typed) ? lineBreakBeforeCloser(now) : '';
  if (broken !== '' && isSameText(suffix, now.slice(broken.length))) return { broken, closed: '' };
  const open = scanBrackets(typed).open;
  for (let closed = 1, next = 0; ; closed++) {
    const at = open.indexOf(now.charAt(broken.length + closed - 1) || '\0', next);
    if (at < 0) break;
    next = at + 1;
    const end = broken.length + closed;
    if (isSameText(suffix, now.slice(end))) return { broken, closed: now.slice(broken.length, end) };
  }
  const line = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const typedOver = scanBrackets(typed, leadingClosers(line, suffix)).closedOuter;
  return typedOver > 0 && isSameText(suffix.slice(typedOver), now) ? NONE : undefined;
}

/**
 * What of `rest`, an answer to the text before the drift, belongs before what the editor has put there: all up to the
 * bracket that it closed. Undefined when nothing does.
 */
export function beforeDrift(rest: string, { broken, closed }: SuffixDrift): string | undefined {
  let end = rest.length;
  if (closed !== '') {
    const scanner = createBracketScanner(closed);
    for (let i = 0; i < rest.length; i++) {
      scanner.feed(rest[i]!);
      const { closedOuter, unmatched } = scanner.scan();
      if (unmatched > 0) return undefined;
      if (closedOuter > 0) {
        end = i;
        break;
      }
    }
  }
  // The line break that stands there already is not to come twice.
  const kept = broken === '' ? rest.slice(0, end) : rest.slice(0, end).trimEnd();
  return kept.trim() === '' ? undefined : kept;
}

function isSameText(a: string, b: string): boolean {
  if (a.length === b.length) return a === b;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  return shorter.length >= MIN_WINDOW_CHARS && longer.startsWith(shorter);
}

function lineBreakBeforeCloser(text: string): string {
  return /^\r?\n[ \t]*(?=[)\]}]|<\/)/.exec(text.slice(0, DEEPEST_INDENT))?.[0] ?? '';
}
