/** Words of one letter (`i`, `x`) say nothing about relatedness. */
const IDENTIFIER = /[\p{L}_$][\p{L}\p{N}_$]+/gu;

/** The identifiers of one line; keywords are among them, equally in every file of a language. */
export function identifiersOf(line: string): readonly string[] {
  return line.match(IDENTIFIER) ?? [];
}

/** Some twenty files of their own words each; beyond it numbers are given anew, which costs one indexing of them. */
const MAX_WORDS = 100_000;

/** Numbers for words, so that whole files can be compared without touching a string. */
export interface Vocabulary {
  readonly size: number;
  /** Another number each time everything was forgotten: what was numbered before is void. */
  readonly edition: number;
  idOf(word: string): number;
  /** Forgets all words when there are too many. Not while numbers are in use. */
  tidy(): void;
}

export function createVocabulary(): Vocabulary {
  const ids = new Map<string, number>();
  let edition = 0;
  return {
    get size() {
      return ids.size;
    },
    get edition() {
      return edition;
    },
    idOf(word) {
      const known = ids.get(word);
      if (known !== undefined) return known;
      ids.set(word, ids.size);
      return ids.size - 1;
    },
    tidy() {
      if (ids.size <= MAX_WORDS) return;
      ids.clear();
      edition += 1;
    },
  };
}
