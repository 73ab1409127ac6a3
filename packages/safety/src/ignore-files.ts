import { type NameGlob, matchesNameGlob, parseNameGlob } from './glob.ts';

/** The rules of one ignore file. */
export type IgnoreRules = readonly IgnoreRule[];

interface IgnoreRule {
  /** Names from the file's folder on; `**` stands for any number of folders. */
  readonly segments: readonly (NameGlob | '**')[];
  readonly ignores: boolean;
  readonly foldersOnly: boolean;
}

/** An ignore file where it lies. */
export interface IgnoreLevel {
  /** Its folder, relative to the same root as the paths that are asked about; empty for the root itself. */
  readonly folder: string;
  readonly rules: IgnoreRules;
}

/**
 * Reads `.gitignore` and what has its syntax, as git does (gitignore(5), dir.c), but for capitals: they do not count, as
 * on the file systems of Windows and macOS, so that a rule hides rather too much than too little.
 */
export function parseIgnoreFile(text: string): IgnoreRules {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap(parseRule);
}

function parseRule(line: string): IgnoreRule[] {
  if (line.startsWith('#')) return [];
  let glob = withoutTrailingSpaces(line.replace(/\r$/, '')).toLowerCase();
  const ignores = !glob.startsWith('!');
  if (!ignores) glob = glob.slice(1);
  const foldersOnly = glob.endsWith('/');
  if (foldersOnly) glob = glob.slice(0, -1);
  if (glob === '') return [];
  const anchored = glob.includes('/');
  const names = glob.replace(/^\//, '').split('/');
  const segments = names.map((name) => (anchored && name === '**' ? '**' : parseNameGlob(name)));
  return [{ segments: anchored ? segments : ['**', ...segments], ignores, foldersOnly }];
}

function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && !isEscaped(line, end - 1)) end -= 1;
  return line.slice(0, end);
}

function isEscaped(line: string, at: number): boolean {
  let slashes = 0;
  while (line[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}

/**
 * Whether `path` is ignored, as git decides it: the deepest file with a word on it has it, the last of its rules that
 * matches; and nothing below an ignored folder can be taken back. Slashes lean forward; `levels` in any order.
 */
export function isIgnoredBy(levels: readonly IgnoreLevel[], path: string): boolean {
  const names = namesOf(path);
  const deepestFirst = levels
    .map(({ folder, rules }) => ({ folder: namesOf(folder), rules }))
    .filter(({ folder }) => folder.length < names.length && folder.every((name, index) => name === names[index]))
    .toSorted((a, b) => b.folder.length - a.folder.length);
  for (let length = 1; length <= names.length; length++) {
    if (decisionOn(names.slice(0, length), length < names.length, deepestFirst)) return true;
  }
  return false;
}

function decisionOn(
  names: readonly string[],
  isFolder: boolean,
  deepestFirst: readonly { folder: readonly string[]; rules: IgnoreRules }[],
): boolean {
  for (const { folder, rules } of deepestFirst) {
    if (folder.length >= names.length) continue;
    const below = names.slice(folder.length);
    const rule = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && matches(rule.segments, below));
    if (rule) return rule.ignores;
  }
  return false;
}

function namesOf(path: string): string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((name) => name !== '' && name !== '.');
}

/** All of `names`. Only the last `**` is ever retried. */
function matches(segments: IgnoreRule['segments'], names: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let runAt = 0;
  let runNext = -1;
  for (;;) {
    if (next < segments.length && segments[next] === '**') {
      // At the end it means what is inside, not the folder itself.
      if (next === segments.length - 1) return at < names.length;
      runAt = at;
      runNext = ++next;
    } else if (next === segments.length && at === names.length) {
      return true;
    } else if (next < segments.length && at < names.length && matchesSegment(segments[next], names[at]!)) {
      at += 1;
      next += 1;
    } else if (runNext >= 0 && runAt < names.length) {
      at = ++runAt;
      next = runNext;
    } else {
      return false;
    }
  }
}

function matchesSegment(segment: NameGlob | '**', name: string): boolean {
  return segment !== '**' && matchesNameGlob(segment, name);
}
