import type { Excerpt } from '../../types.ts';
import { partOfExcerpt } from '../excerpt-part.ts';
import { isSendablePath } from '../part.ts';
import type { Source } from '../source.ts';

/** Tabby's figure for a declaration: a signature with its types, or a type with most of its members. */
const MAX_UNITS = 500;
/**
 * Definitions of what stood near the cursor a few lines ago: what is used once is used again, and a list that loses one at
 * each line would make the engine read everything behind it again. Twice as many as an editor gives at a time.
 */
const REMEMBERED = 10;
const REMEMBERED_MS = 2 * 60_000;

/** Definitions and types of the symbols near the cursor, by the editor's language features. */
export function createDefinitionParts(): Source {
  /** Last given first. */
  let known: { readonly excerpt: Excerpt; readonly at: number }[] = [];

  async function remember(asked: Promise<readonly Excerpt[]>, at: number): Promise<void> {
    const given = await asked;
    const places = new Set(given.map(placeOf));
    const others = known.filter(({ excerpt }) => !places.has(placeOf(excerpt)));
    known = [...given.map((excerpt) => ({ excerpt, at })), ...others].slice(0, REMEMBERED);
  }

  return {
    name: 'definition',
    // What a name means is what a model cannot guess: above similar text by six places or so.
    weight: 1.1,
    recall(scene) {
      return known
        .filter(({ excerpt, at }) => scene.at - at < REMEMBERED_MS && isSendablePath(excerpt.path))
        .flatMap(({ excerpt }) =>
          scene.admits(excerpt, 'signature') ? (partOfExcerpt(excerpt, 'definition', MAX_UNITS, scene) ?? []) : [],
        );
    },
    ask({ definitions }, scene, signal) {
      return definitions && remember(definitions(signal), scene.at);
    },
  };
}

function placeOf({ uri, startLine }: Excerpt): string {
  return `${uri}#${startLine}`;
}
