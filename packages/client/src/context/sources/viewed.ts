import { partOfExcerpt } from '../excerpt-part.ts';
import { isSendablePath } from '../part.ts';
import type { Source } from '../source.ts';

/** Tabby's five; what was looked at before says little about the next line. */
const MAX_RANGES = 5;
/** A screen of 40 lines of 40 characters, rather than Tabby's 500 characters, which are seldom a whole function. */
const MAX_UNITS = 1600;

/** Parts of other documents that were on screen lately. */
export function createViewedParts(): Source {
  return {
    name: 'recent_view',
    // Looked at is less than being alike, edited or named: 0.9 of the weight puts the first seven places lower.
    weight: 0.9,
    recall(scene, { viewedRanges }) {
      return (viewedRanges?.() ?? [])
        .filter(({ uri, path }) => uri !== scene.document.uri && isSendablePath(path))
        .slice(0, MAX_RANGES)
        .flatMap((range) => (scene.admits(range) ? (partOfExcerpt(range, 'recent_view', MAX_UNITS, scene) ?? []) : []));
    },
  };
}
