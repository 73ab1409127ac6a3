import type { IndexedDocument } from '../document-index.ts';
import type { Part } from '../part.ts';
import type { Scene } from '../scene.ts';
import { type ScoredWindow, similarWindows, withoutOverlap } from '../similar-windows.ts';
import type { Source } from '../source.ts';

/**
 * 60 lines is Copilot's figure for similar files: about one screen and a half, enough for a function with its neighbours.
 * Windows begin on every tenth line: where one begins must not move with every word that is typed, and a sixth of a window
 * more or less above the similar lines is all the same to a model.
 */
const SHAPE = { size: 60, step: 10 };
/** A second window of the same file helps when it is large; a third mostly displaces another file. */
const WINDOWS_PER_FILE = 2;
/** Lines of 130 characters: a window of longer ones is data, or code that a tool has written. */
const MAX_WINDOW_UNITS = 8 * 1024;
/** How much better another window of a file must be to take the place of one that was found before. */
const CLEARLY_BETTER = 1.2;

export interface SimilarParts extends Source {
  /** The best parts of a document, also one that is hardly similar. */
  partsOf(document: IndexedDocument, scene: Scene): readonly Part[];
}

interface Known {
  readonly words: string;
  readonly windows: readonly ScoredWindow[];
  readonly parts: readonly Part[];
}

/** Parts of open documents that share words with the lines around the cursor. */
export function createSimilarParts(): SimilarParts {
  const remembered = new WeakMap<IndexedDocument, Known>();
  const partOf = rememberedParts();
  let counts = new Int32Array(0);

  function windowsOf(document: IndexedDocument, scene: Scene): Known {
    const before = remembered.get(document);
    const words = scene.wordsKey;
    if (before?.words === words) return before;
    if (counts.length < scene.reference.has.length) counts = new Int32Array(scene.reference.has.length * 2);
    const found = similarWindows(document.numbered, scene.reference, SHAPE, counts);
    const windows = withoutOverlap(favouring(found, before?.windows ?? []), WINDOWS_PER_FILE);
    const now = { words, windows, parts: windows.flatMap((window) => partOf(document, window) ?? []) };
    remembered.set(document, now);
    return now;
  }

  return {
    name: 'open_file',
    weight: 1,
    recall(scene) {
      const ranked = scene.documents.flatMap((document) => {
        const { windows, parts } = windowsOf(document, scene);
        const sameLanguage = document.language === scene.document.language;
        return parts.map((part) => ({ part, sameLanguage, score: scoreOf(part, windows) }));
      });
      ranked.sort((a, b) => Number(b.sameLanguage) - Number(a.sameLanguage) || b.score - a.score);
      return ranked.map(({ part }) => part);
    },
    partsOf: (document, scene) => windowsOf(document, scene).parts,
  };
}

/** What was found before counts more, so that two windows that are nearly alike do not take turns. */
function favouring(windows: readonly ScoredWindow[], before: readonly ScoredWindow[]): ScoredWindow[] {
  const starts = new Set(before.map(({ start }) => start));
  return windows.map((window) =>
    starts.has(window.start) ? { ...window, score: window.score * CLEARLY_BETTER } : window,
  );
}

function scoreOf(part: Part, windows: readonly ScoredWindow[]): number {
  return windows.find(({ start }) => start === part.startLine)?.score ?? 0;
}

/** The same objects for the same windows, so that what is known of a part need not be found out again. */
function rememberedParts(): (document: IndexedDocument, window: ScoredWindow) => Part | undefined {
  const remembered = new WeakMap<IndexedDocument, Map<number, Part>>();
  return (document, { start, end }) => {
    const parts = remembered.get(document) ?? new Map<number, Part>();
    remembered.set(document, parts);
    const known = parts.get(start);
    if (known) return known;
    const { uri, path, lines, safeLines } = document;
    const text = lines.slice(start, end).join('\n');
    if (text.length > MAX_WINDOW_UNITS) return undefined;
    const safeText = safeLines === lines ? text : safeLines.slice(start, end).join('\n');
    const key = `${uri}#${start}`;
    const part: Part = { key, uri, path, source: 'open_file', startLine: start, endLine: end, text, safeText };
    parts.set(start, part);
    return part;
  };
}
