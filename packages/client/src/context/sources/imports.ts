import { declarationEnd } from '../declarations.ts';
import type { IndexedDocument } from '../document-index.ts';
import { HEAD_UNITS, type ImportHead, importsIn, isImported } from '../import-lines.ts';
import { type Part, isSendablePath, linesWithin } from '../part.ts';
import type { Scene } from '../scene.ts';
import type { Source } from '../source.ts';
import type { SimilarParts } from './similar.ts';

/** As many as Tabby sends declarations of; with their comments off, the most of what one function uses. */
const MAX_DECLARATIONS = 5;
const MAX_UNITS = 500;
/** Sixty import lines: what they are worth when the window has lost them is their names. */
const MAX_HEAD_UNITS = 2400;

/** What the file imports, where it comes from an open document: what it declares by that name, or its best part. */
export function createImportedParts(similar: Pick<SimilarParts, 'partsOf'>): Source {
  const headOf = rememberedHead();
  return {
    name: 'definition',
    // Named by the file itself, but not asked for at this place: between a definition and what is only alike.
    weight: 1.05,
    recall(scene) {
      const { document, documents } = scene;
      const { imports } = headOf(document.text, document.language);
      const near = new Set(scene.words);
      const declared: { part: Part; isNear: boolean }[] = [];
      const whole: Part[] = [];
      for (const entry of imports) {
        const from = documents.find(({ path }) => isImported(entry, path, document.path));
        if (!from) continue;
        const found = entry.names.flatMap((name) => {
          const part = declarationOf(name, from);
          return part ? [{ part, isNear: near.has(name) }] : [];
        });
        declared.push(...found);
        if (found.length === 0) whole.push(...similar.partsOf(from, scene).slice(0, 1));
      }
      declared.sort((a, b) => Number(b.isNear) - Number(a.isNear));
      return [...declared.slice(0, MAX_DECLARATIONS).map(({ part }) => part), ...whole];
    },
  };
}

function declarationOf(name: string, document: IndexedDocument): Part | undefined {
  const start = document.declarations().get(name);
  if (start === undefined) return undefined;
  const { uri, path, lines, safeLines } = document;
  const all = lines.slice(start, declarationEnd(lines, start));
  const count = linesWithin(all, MAX_UNITS);
  if (count === 0) return undefined;
  const end = start + count;
  return {
    key: `${uri}#definition:${start}`,
    uri,
    path,
    source: 'definition',
    startLine: start,
    endLine: end,
    text: lines.slice(start, end).join('\n'),
    safeText: safeLines.slice(start, end).join('\n'),
  };
}

/** The import lines of the document itself that its window has lost: it is cut below them. */
export function createImportHead(): (scene: Scene) => Part | undefined {
  const headOf = rememberedHead();
  return ({ document, anchor, rules }) => {
    const windowStart = document.cursor - anchor.prefix.length;
    if (windowStart === 0 || !isSendablePath(document.path)) return undefined;
    const lost = headOf(document.text, document.language).lines.filter(({ end }) => end <= windowStart);
    const lines = lost.map(({ text }) => text);
    const text = lines.slice(0, linesWithin(lines, MAX_HEAD_UNITS)).join('\n');
    if (text === '') return undefined;
    const { uri, path } = document;
    return {
      key: `${uri}#imports`,
      uri,
      path,
      source: 'open_file',
      startLine: 0,
      endLine: 0,
      text,
      safeText: rules.redact(text),
    };
  };
}

/** Heads are the same at nearly every keystroke. */
function rememberedHead(): (text: string, language: string) => ImportHead {
  let known: { readonly head: string; readonly language: string; readonly found: ImportHead } | undefined;
  return (text, language) => {
    const head = text.slice(0, HEAD_UNITS);
    if (known?.head !== head || known.language !== language)
      known = { head, language, found: importsIn(head, language) };
    return known.found;
  };
}
