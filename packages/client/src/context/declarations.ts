import { linesWithin } from './part.ts';

/** Words before a name that is declared, of the languages that have one; those without (C) are found by the editor only. */
const DECLARATION =
  /(?:^|[\s(])(?:class|interface|enum|struct|trait|union|record|protocol|object|module|defmodule|namespace|type|typealias|function\*?|func|fun|fn|def|defp|macro_rules!|const|let|var|val|static)\s+(?:\([^()]{0,60}\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)/gu;
/** Declared in a function, a name is nobody's to import: no more indentation than a member of a class has. */
const MAX_INDENT = /^(?: {0,4}|\t?)\S/;

/** The line on which each name is declared first, at the outer levels of a file. */
export function declarationsIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    if (!MAX_INDENT.test(line) || line.length > 400) continue;
    for (const [, name] of line.matchAll(DECLARATION))
      if (name !== undefined && !found.has(name)) found.set(name, index);
  }
  return found;
}

/** A type is worth its members. */
const TYPE =
  /(?:^|\s)(?:class|interface|enum|struct|trait|union|record|protocol|object|type|typealias|namespace|module|defmodule)\s/;
const MAX_TYPE_LINES = 12;
/** Of a function the head says it all, over several lines where it has many parameters. */
const MAX_HEAD_LINES = 8;

/**
 * Where the declaration that begins on line `start` ends as far as it says how it is used: a type with its members, anything
 * else without its body.
 */
export function declarationEnd(lines: readonly string[], start: number): number {
  return TYPE.test(lines[start] ?? '') ? blockEnd(lines, start) : headEnd(lines, start);
}

function headEnd(lines: readonly string[], start: number): number {
  let open = 0;
  for (let end = start; end < Math.min(lines.length, start + MAX_HEAD_LINES); end++) {
    const line = lines[end]!;
    open += line.replace(/[^([]/g, '').length - line.replace(/[^)\]]/g, '').length;
    if (open <= 0) return end + 1;
  }
  return Math.min(lines.length, start + 1);
}

function blockEnd(lines: readonly string[], start: number): number {
  const indent = indentOf(lines[start]!);
  const limit = Math.min(lines.length, start + MAX_TYPE_LINES);
  for (let end = start + 1; end < limit; end++) {
    const line = lines[end]!;
    if (line.trim() === '') {
      if (indentOf(lines[end + 1] ?? '') <= indent) return end;
    } else if (indentOf(line) <= indent) {
      return /^\s*[)\]}]/.test(line) || /^\s*end\b/.test(line) ? end + 1 : end;
    }
  }
  return limit;
}

/** The text of the declaration that begins on line `start`, whole lines of it, at most `limit` code units. */
export function declarationAt(lines: readonly string[], start: number, limit: number): string {
  const all = lines.slice(start, declarationEnd(lines, start));
  return all.slice(0, linesWithin(all, limit)).join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
