import type { Snippet } from '@ghostline/protocol';
import { splitLines } from '../text/lines.ts';
import type { Excerpt } from '../types.ts';
import { type Part, linesWithin } from './part.ts';
import type { Scene } from './scene.ts';

/** An excerpt as a part: whole lines, at most `limit` code units. Undefined when nothing is left. */
export function partOfExcerpt(
  excerpt: Excerpt,
  source: Snippet['source'],
  limit: number,
  scene: Pick<Scene, 'documents' | 'rules'>,
): Part | undefined {
  const { uri, path, startLine } = excerpt;
  const all = splitLines(excerpt.text);
  const lines = all.slice(0, linesWithin(all, limit));
  const text = lines.join('\n');
  if (text.trim() === '' || text.includes('\0')) return undefined;
  const endLine = startLine + lines.length;
  const safeText = safeLinesOf(excerpt, lines, scene) ?? scene.rules.redact(text);
  return { key: `${uri}#${source}:${startLine}`, uri, path, source, startLine, endLine, text, safeText };
}

/** In an open document what surrounds the excerpt is known: the middle of a key is recognised by its beginning. */
function safeLinesOf(
  { uri, startLine }: Excerpt,
  lines: readonly string[],
  { documents }: Pick<Scene, 'documents'>,
): string | undefined {
  const document = documents.find((candidate) => candidate.uri === uri);
  if (!document?.isText) return undefined;
  const isThere = lines.every((line, index) => document.lines[startLine + index] === line);
  return isThere ? document.safeLines.slice(startLine, startLine + lines.length).join('\n') : undefined;
}
