/** A name that stands near the cursor; `line` and `character` say where it begins. */
export interface NearName {
  readonly name: string;
  readonly line: number;
  readonly character: number;
}

/** Tabby's five: each may cost a language server some milliseconds. */
const MAX_NAMES = 5;
/** The line of the cursor and the three above it: what is being written now. */
const LINES_ABOVE = 3;
/** A line that is longer was written by a tool. */
const MAX_LINE_UNITS = 400;

const NAME = /[\p{L}_$][\p{L}\p{N}_$]+/gu;
const WORD_BEFORE = /[\p{L}\p{N}_$]+$/u;
/** What many languages keep for themselves: nobody has declared it. */
const KEYWORDS = new Set(
  (
    'abstract and any as assert async await bool boolean break byte case catch char class const constructor continue crate ' +
    'debugger declare def default defer delete do double elif else elsif end ensure enum except export extends extern false ' +
    'final finally float fn for foreach from func function get global goto guard if impl implements import in include init ' +
    'instanceof int interface internal is lambda let long loop match mod module mut namespace never new nil none None not ' +
    'null number object of open operator or override package pass private protected pub public raise readonly rescue return ' +
    'self Self sealed select set short signed sizeof static str string String struct super switch symbol template then this ' +
    'throw throws trait true True False try type typealias typedef typename typeof undefined union unknown unless unsafe ' +
    'unsigned until use using val var virtual void volatile when where while with yield'
  ).split(' '),
);

/**
 * The names nearest to the cursor, nearest first, each once: those before it on its line from right to left, then the lines
 * above. Not the one being typed, keywords, or what stands in a string or comment on its line.
 */
export function namesNear(lineAt: (line: number) => string, line: number, character: number): readonly NearName[] {
  const found = new Map<string, NearName>();
  for (let at = line; at >= Math.max(0, line - LINES_ABOVE) && found.size < MAX_NAMES; at--) {
    const whole = lineAt(at);
    const before = at === line ? whole.slice(0, character) : whole;
    if (before.length > MAX_LINE_UNITS) continue;
    const text = at === line ? before.replace(WORD_BEFORE, '') : before;
    for (const match of [...codeOf(text).matchAll(NAME)].toReversed()) {
      const [name] = match;
      if (KEYWORDS.has(name) || found.has(name) || found.size === MAX_NAMES) continue;
      found.set(name, { name, line: at, character: match.index });
    }
  }
  return [...found.values()];
}

/** The line with its strings and its comment blanked; offsets stay. By the surface only: several lines are not looked at. */
function codeOf(line: string): string {
  return line.replace(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/.*$|\/\*.*?\*\/|(?:^|\s)#(?![[!]|include|import|define|if).*$/g,
    (hidden) => ' '.repeat(hidden.length),
  );
}
