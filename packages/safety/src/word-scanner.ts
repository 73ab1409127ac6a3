/** Bits of what is remembered of three characters: a table of 32 KiB stays in the processor's nearest cache. */
const MASK = 0x7fff;
const SIZE = MASK + 1;

export interface WordScanner<Word extends string> {
  /**
   * Calls `found` for each place where one of the words begins, in order, with the words that do, the longest first.
   * What it returns is where the search goes on, so that nothing within a match is looked at again.
   */
  scan(text: string, from: number, found: (at: number, words: readonly Word[]) => number): void;
  /** Says of each next chunk of a stream whether it completes three characters with which a word begins. */
  watch(): (chunk: string) => boolean;
}

/**
 * Looks for many words in one pass: a word's first three characters are looked up in a table, and only where they are in it
 * is the text compared. `folded` words match in any case, and are given in small letters. About 1 ns for a character, where a
 * regular expression of a hundred alternatives takes 5.
 */
export function createWordScanner<Word extends string>(
  exact: readonly Word[],
  folded: readonly Word[],
): WordScanner<Word> {
  const table = new Uint8Array(SIZE);
  const byHash = new Map<number, Entry<Word>[]>();
  for (const [words, isFolded] of [
    [exact, false],
    [folded, true],
  ] as const) {
    for (const word of words) {
      if (word.length < 3) throw new Error(`"${word}" is too short to be looked for: give at least 3 characters`);
      const hash = hashOf(word);
      table[hash] = 1;
      const same = byHash.get(hash) ?? [];
      byHash.set(hash, [...same, { word, isFolded, alone: [word] }].toSorted(longestFirst));
    }
  }

  function wordsAt(text: string, at: number, hash: number): readonly Word[] {
    let words: readonly Word[] = NONE;
    for (const { word, isFolded, alone } of byHash.get(hash)!) {
      if (isFolded ? standsFolded(text, at, word) : text.startsWith(word, at))
        words = words.length === 0 ? alone : [...words, word];
    }
    return words;
  }

  return {
    scan(text, from, found) {
      let hash = 0;
      let since = from;
      for (let at = from; at < text.length; at++) {
        // A letter and its capital differ in this bit; that other characters fold, too, only means a comparison more.
        hash = ((hash << 5) ^ (text.charCodeAt(at) | 0x20)) & MASK;
        if (table[hash] === 0 || at < since + 2) continue;
        const words = wordsAt(text, at - 2, hash);
        if (words.length === 0) continue;
        const next = found(at - 2, words);
        if (next <= at - 1) continue;
        since = next;
        at = next - 1;
        hash = 0;
      }
    },
    watch() {
      let hash = 0;
      return (chunk) => {
        let begins = 0;
        for (let at = 0; at < chunk.length; at++) {
          hash = ((hash << 5) ^ (chunk.charCodeAt(at) | 0x20)) & MASK;
          begins |= table[hash]!;
        }
        return begins !== 0;
      };
    },
  };
}

interface Entry<Word extends string> {
  readonly word: Word;
  readonly isFolded: boolean;
  /** What is found, as a rule: made once. */
  readonly alone: readonly Word[];
}

const NONE: readonly never[] = [];

function longestFirst(a: Entry<string>, b: Entry<string>): number {
  return b.word.length - a.word.length;
}

/** Whether `word`, which has small letters only, stands there in any case. */
function standsFolded(text: string, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if ((text.charCodeAt(at + i) | 0x20) !== word.charCodeAt(i)) return false;
  return true;
}

function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < 3; at++) hash = ((hash << 5) ^ (word.charCodeAt(at) | 0x20)) & MASK;
  return hash;
}
