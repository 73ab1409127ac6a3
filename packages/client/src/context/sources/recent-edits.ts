import { changedWithin } from '../changed-within.ts';
import { type EditHistory, type EditedDocument, type Hunk } from '../edit-history.ts';
import { type Part, isSendablePath } from '../part.ts';
import type { Scene } from '../scene.ts';
import type { Source } from '../source.ts';

/** Copilot's figures: 8 edits, 3 lines around each, at most 10 lines and 2,000 characters. */
const MAX_EDITS = 8;
const CONTEXT_LINES = 3;
const MAX_LINES = 10;
const MAX_UNITS = 2000;
/** What was edited this near to the cursor stands in the prefix or suffix, and changes with the next key. */
const NEAR_LINES = 100;
/** Half an hour: what was edited before belongs to another task. */
const RECENT_MS = 30 * 60_000;
/** Lines around an edit that tell whether it lies in a secret: the longest key, of 8,192 bits, has 100 lines. */
const MARGIN_LINES = 100;

/** What was changed elsewhere lately, as unified diffs: the next change is often of the same kind. */
export function createRecentEdits(history: Pick<EditHistory, 'edited'>): Source {
  /** Written once for each state of an edit: what is typed above or below it must not change its text. */
  const written = new WeakMap<Hunk['before'], { readonly at: number; readonly part: Part | undefined }>();

  function partOf(document: EditedDocument, hunk: Hunk, scene: Scene): Part | undefined {
    const known = written.get(hunk.before);
    if (known?.at === hunk.at) return known.part;
    const part = write(document, hunk, scene);
    written.set(hunk.before, { at: hunk.at, part });
    return part;
  }

  return {
    name: 'recent_edit',
    // Copilot's weight is the highest but for the file itself; a few places above what is only alike.
    weight: 1.05,
    recall(scene) {
      const cursorLine = cursorLineIn(scene);
      return history
        .edited()
        .filter(({ path }) => isSendablePath(path))
        .flatMap((document) => document.hunks.map((hunk) => ({ document, hunk })))
        .filter(({ hunk }) => scene.at - hunk.at < RECENT_MS)
        .filter(({ document, hunk }) => document.uri !== scene.document.uri || isFar(hunk, cursorLine()))
        .toSorted((a, b) => b.hunk.at - a.hunk.at)
        .filter(({ document }) => scene.admits(document))
        .flatMap(({ document, hunk }) => partOf(document, hunk, scene) ?? [])
        .slice(0, MAX_EDITS);
    },
  };
}

function cursorLineIn({ document }: Scene): () => number {
  let line: number | undefined;
  return () => {
    if (line !== undefined) return line;
    line = 0;
    for (
      let at = document.text.indexOf('\n');
      at >= 0 && at < document.cursor;
      at = document.text.indexOf('\n', at + 1)
    )
      line += 1;
    return line;
  };
}

function isFar({ start, end }: Hunk, line: number): boolean {
  return end < line - NEAR_LINES || start > line + NEAR_LINES;
}

/** Undefined for what says nothing: other blanks only, or too much for a diff. */
function write({ uri, path, lines }: EditedDocument, hunk: Hunk, { rules }: Scene): Part | undefined {
  const { id, start, end } = hunk;
  const now = lines.slice(start, end);
  const core = changedWithin(hunk.before, now);
  const [removed, added] = [core.before.length, core.after.length];
  if (removed > MAX_LINES || added > MAX_LINES) return undefined;
  if (core.before.join('').replace(/\s+/g, '') === core.after.join('').replace(/\s+/g, '')) return undefined;

  const marginAbove = lines.slice(Math.max(0, start - MARGIN_LINES), start);
  const marginBelow = lines.slice(end, end + MARGIN_LINES);
  const diff = (before: readonly string[], after: readonly string[]) => {
    const top = marginAbove.length + core.above;
    const above = after.slice(Math.max(0, top - CONTEXT_LINES), top);
    const below = after.slice(top + added, top + added + CONTEXT_LINES);
    return [
      // Without line numbers: they tell a model nothing, and would change with each line typed above.
      '@@',
      ...above.map((line) => ` ${line}`),
      ...before.slice(top, top + removed).map((line) => `-${line}`),
      ...after.slice(top, top + added).map((line) => `+${line}`),
      ...below.map((line) => ` ${line}`),
    ].join('\n');
  };
  const wasThere = [...marginAbove, ...hunk.before, ...marginBelow];
  const isThere = [...marginAbove, ...now, ...marginBelow];
  const text = diff(wasThere, isThere);
  if (text.length > MAX_UNITS || text.includes('\0')) return undefined;
  // Redacted as the two texts it is made of: in the diff itself a secret may be cut by signs and by the other's lines.
  const safe = (all: readonly string[]) => rules.redact(all.join('\n')).split('\n');
  const safeText = diff(safe(wasThere), safe(isThere));
  return { key: `${uri}#edit:${id}`, uri, path, source: 'recent_edit', startLine: start, endLine: end, text, safeText };
}
