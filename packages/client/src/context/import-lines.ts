/** One thing that a file imports. */
export interface Import {
  /** As it is written, with slashes for what parts its names: `./a`, `com/acme/Order`, `../lib/x`. */
  readonly module: string;
  /** What is taken from it; empty for all of it. */
  readonly names: readonly string[];
}

export interface ImportHead {
  readonly imports: readonly Import[];
  /** The text of the lines that say so, in their order. */
  readonly lines: readonly { readonly text: string; readonly end: number }[];
}

/** Where imports stand: the first few hundred lines; some languages allow them anywhere, hardly anyone uses it. */
export const HEAD_UNITS = 16 * 1024;

interface Grammar {
  /** One import each, over several lines where the language allows it; `module`, and `names` where there are any. */
  readonly pattern: RegExp;
  /** What parts the names of a module, where it is not a path. */
  readonly separator?: RegExp;
}

const ECMASCRIPT: Grammar = {
  pattern:
    /^[ \t]*(?:(?:import|export)\b(?<names>[^;'"`()=]{0,2000}?)(?:\bfrom\s*)?|(?:const|let|var)\s+(?<required>[^;='"]{1,400}?)\s*=\s*(?:await\s+import|require)\()['"](?<module>[^'"\n]{1,300})['"][^\n]*/gm,
};
const PYTHON: Grammar = {
  pattern:
    /^[ \t]*(?:from\s+(?<module>[.\w]{1,200})\s+import\s+(?<names>\([^)]{0,2000}\)|[^\n(]{1,400})|import\s+(?<whole>[\w.]{1,200})[^\n]*)/gm,
  separator: /\./,
};
const JAVA: Grammar = {
  pattern:
    /^[ \t]*import\s+(?:static\s+)?(?<module>\w{1,100}(?:\.\w{1,100}){0,20})(?:\.\{(?<names>[^}]{0,400})\})?[^\n]*/gm,
  separator: /\./,
};
const RUST: Grammar = {
  pattern:
    /^[ \t]*(?:pub(?:\([^)]*\))?\s+)?(?:use\s+(?<module>[\w:]{1,300})(?:\{(?<names>[^;]{0,1000})\})?|mod\s+(?<whole>\w{1,100}))\s*;/gm,
  separator: /::/,
};
const C: Grammar = { pattern: /^[ \t]*#[ \t]*(?:include|import)[ \t]+["<](?<module>[^">\n]{1,300})[">][^\n]*/gm };
/** In a block, a line is a path and nothing else. */
const GO: Grammar = { pattern: /^[ \t]*(?:import[ \t]+)?(?:[\w.]{1,60}[ \t]+)?"(?<module>[\w./@-]{1,300})"[ \t]*$/gm };

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  typescript: ECMASCRIPT,
  typescriptreact: ECMASCRIPT,
  javascript: ECMASCRIPT,
  javascriptreact: ECMASCRIPT,
  vue: ECMASCRIPT,
  svelte: ECMASCRIPT,
  python: PYTHON,
  java: JAVA,
  kotlin: JAVA,
  scala: JAVA,
  groovy: JAVA,
  rust: RUST,
  c: C,
  cpp: C,
  'objective-c': C,
  'objective-cpp': C,
  go: GO,
  csharp: {
    pattern: /^[ \t]*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?<module>[\w.]{1,300})\s*;/gm,
    separator: /\./,
  },
  php: {
    pattern:
      /^[ \t]*(?:use\s+(?:function\s+)?|(?:require|include)(?:_once)?[\s(]+['"])(?<module>[\w\\./]{1,300})[^\n]*/gm,
    separator: /\\/,
  },
  ruby: { pattern: /^[ \t]*require(?:_relative)?[\s(]+['"](?<module>[^'"\n]{1,300})['"][^\n]*/gm },
  dart: { pattern: /^[ \t]*(?:import|part)\s+['"](?:package:)?(?<module>[^'"\n]{1,300})['"][^\n]*/gm },
  lua: { pattern: /^[^\n]{0,80}\brequire[\s(]+['"](?<module>[^'"\n]{1,300})['"][^\n]*/gm, separator: /\./ },
  elixir: {
    pattern:
      /^[ \t]*(?:alias|import|use)\s+(?<module>\w{1,100}(?:\.\w{1,100}){0,20})(?:\.\{(?<names>[^}]{0,400})\})?[^\n]*/gm,
    separator: /\./,
  },
};

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const NO_NAMES = new Set(['type', 'typeof', 'as', 'from', 'default', 'self', 'import', 'export']);

/** The imports at the head of a file; none for a language that is not known. */
export function importsIn(text: string, language: string): ImportHead {
  const grammar = Object.hasOwn(GRAMMARS, language) ? GRAMMARS[language] : undefined;
  if (!grammar) return { imports: [], lines: [] };
  const imports: Import[] = [];
  const lines: { text: string; end: number }[] = [];
  for (const match of text.slice(0, HEAD_UNITS).matchAll(grammar.pattern)) {
    const { module, whole, names, required } = match.groups!;
    const name = module ?? whole;
    if (name === undefined) continue;
    imports.push({ module: pathOf(name, grammar.separator), names: namesIn(names ?? required ?? '') });
    lines.push({ text: match[0].trimEnd(), end: match.index + match[0].length });
  }
  return { imports, lines };
}

/** `a as b` is declared as `a`. */
function namesIn(list: string): string[] {
  const names = list
    .replace(/\bas\s+[\p{L}_$][\p{L}\p{N}_$]*/gu, '')
    .replace(/(?:\/\/|#)[^\n]*/g, '')
    .match(NAME);
  return (names ?? []).filter((name) => !NO_NAMES.has(name));
}

function pathOf(module: string, separator: RegExp | undefined): string {
  if (!separator) return module;
  // Python's `..models` is two folders' business: one dot is this folder, each more is one above.
  const dots = /^\.+/.exec(module)?.[0].length ?? 0;
  const names = module.slice(dots).split(separator).filter(Boolean);
  const climb = dots === 0 ? [] : dots === 1 ? ['.'] : Array.from({ length: dots - 1 }, () => '..');
  return [...climb, ...names].join('/');
}

/** What a file may be called besides the name of its module. */
const FOLDER_FILES = new Set(['index', '__init__', 'mod', 'lib', 'init']);
/** Names that stand for the root of the sources, which is somewhere in the path. */
const ROOTS = new Set(['@', '~', '#', 'crate', 'super', 'self', 'src']);

/** Whether the file at `path` is the one that the file at `from` means; by their names alone. */
export function isImported({ module, names }: Import, path: string, from: string): boolean {
  const target = namesOf(path);
  const folder = target.at(-1)!;
  if (FOLDER_FILES.has(folder) && target.length > 1) target.pop();
  const wanted = namesOf(module);
  if (wanted[0] === '.' || wanted[0] === '..') {
    const base = from.split('/').slice(0, -1);
    for (const name of wanted) {
      if (name === '..') base.pop();
      else if (name !== '.') base.push(name);
    }
    return (
      endsAlike(target, base, base.length) || names.some((name) => endsAlike(target, [...base, name], base.length + 1))
    );
  }
  const rooted = wanted.filter((name, index) => index > 0 || !ROOTS.has(name));
  if (rooted.length === 0) return false;
  // A name taken from a module may be a module itself (Python), the last name of a path its content (Rust).
  const ways = [rooted, ...names.map((name) => [...rooted, name]), ...(rooted.length > 1 ? [rooted.slice(0, -1)] : [])];
  return ways.some((way) => endsAlike(target, way, Math.min(way.length, 3)) && (way.length > 1 || way === rooted));
}

/** Names of a path or module, the last without its extension. */
function namesOf(path: string): string[] {
  const names = path.split('/').filter(Boolean);
  const last = names.at(-1) ?? '';
  const dot = last.lastIndexOf('.');
  return dot > 0 && last !== '..' ? [...names.slice(0, -1), last.slice(0, dot)] : names;
}

/** True when the last `count` names are the same, and there are as many. */
function endsAlike(a: readonly string[], b: readonly string[], count: number): boolean {
  if (a.length < count || b.length < count || count === 0) return false;
  for (let back = 1; back <= count; back++) if (a.at(-back) !== b.at(-back)) return false;
  return true;
}
