import type { Snippet } from '@ghostline/protocol';
import { type Language, languageOf, languageOfPath } from '@ghostline/syntax';
import { LRUCache } from 'lru-cache';
import { flatCopy } from '../flat-text.ts';
import { type BudgetedText, type Measure, type Measures, measuresOf, shortenedTo } from '../tokens/token-budget.ts';
import { type Economised, NOTHING_SAVED, type Savings, economise } from './far-text.ts';
import { type Lines, isContained, linesOf } from './overlap.ts';

/** Why something was left out. `duplicates`: snippets that stand in the file, or in another snippet. */
export const SAVINGS = ['duplicates', 'licences', 'comments', 'blanks', 'blobs'] as const;
export type SavingReason = (typeof SAVINGS)[number];
export type SavedChars = Readonly<Record<SavingReason, number>>;

export function charsSaved(saved: SavedChars): number {
  return SAVINGS.reduce((sum, reason) => sum + saved[reason], 0);
}

export interface CompressedText {
  readonly text: BudgetedText;
  readonly measures: Measures;
  readonly savedChars: SavedChars;
}

export interface ContextCompression {
  /** `text` without what is worth least for its length. The same text gives the same, and typing moves nothing of it. */
  compress(text: BudgetedText, measures: Measures, language: string): CompressedText;
}

/** Never touched: about fifty lines before the cursor and twenty-five after it. */
const NEAR_BEFORE = 2_048;
const NEAR_AFTER = 1_024;
/** The far text grows in such steps, so that it is the same for all keystrokes of a while. */
const CHUNK_CHARS = 1_024;

/** A text by itself, done once. */
interface Known extends Economised {
  readonly lines: Lines;
}

/** The far part of a file before the cursor, whole, and what stands in it. */
interface Head {
  readonly original: string;
  readonly language: Language;
  readonly text: string;
  readonly saved: Savings;
  readonly lines: readonly Lines[];
  /** What became of the snippets that came with it last; they are the same with the next keystroke. */
  decision: Decision | undefined;
}

interface Decision {
  readonly rest: Known | undefined;
  readonly snippets: readonly Snippet[];
  /** Undefined for those that are left out. */
  readonly kept: readonly (Known | undefined)[];
  readonly saved: SavedChars;
}

/** Of each kind and language: the texts of a few hundred developers. */
const MAX_CHARS = 8 * 1024 * 1024;
/** Each keeps the snippets that came with it, up to 64 KiB. */
const MAX_HEADS = 300;
const PLACE_CHARS = 48;

/** Remembers texts by their content: what comes again with the next keystroke is done once. */
export function createContextCompression(): ContextCompression {
  const texts = new Map<Language, LRUCache<string, Known>>();
  const chunks = new Map<Language, LRUCache<string, Known>>();
  const tails = new Map<Language, LRUCache<string, Known>>();
  const heads = new LRUCache<string, Head>({
    max: MAX_HEADS,
    maxSize: MAX_CHARS,
    sizeCalculation: ({ original, text }) => original.length + text.length + 1,
  });

  function known(text: string, language: Language): Known {
    const cache = cacheOf(texts, language);
    let found = cache.get(text);
    if (!found) {
      found = { ...economise(text, language, true), lines: linesOf(text) };
      cache.set(text, found);
    }
    return found;
  }

  /** The whole text after the cursor, of which the near part is left alone. */
  function tail(suffix: string, language: Language): Known {
    const cache = cacheOf(tails, language);
    let found = cache.get(suffix);
    if (!found) {
      const start = farStart(suffix);
      const far = economise(suffix.slice(start), language, false);
      const text = far.saved === NOTHING_SAVED ? suffix : suffix.slice(0, start) + far.text;
      found = { text, saved: far.saved, lines: linesOf(suffix) };
      cache.set(suffix, found);
    }
    return found;
  }

  function chunk(text: string, language: Language, isFirst: boolean): Known {
    const cache = cacheOf(chunks, language);
    // A chunk that is the first of one file is hardly ever another's middle.
    let found = cache.get(text);
    if (!found) {
      const own = flatCopy(text);
      found = { ...economise(own, language, isFirst), lines: linesOf(own) };
      cache.set(own, found);
    }
    return found;
  }

  /**
   * The text before `end`. Found by its length and end and then compared, which takes a fiftieth of the time of hashing
   * it; files that differ elsewhere share the place.
   */
  function headOf(prefix: string, end: number, language: Language): Head {
    const original = prefix.slice(0, end);
    const place = `${end} ${original.slice(-PLACE_CHARS)}`;
    const found = heads.get(place);
    if (found?.original === original && found.language === language) return found;
    const head = newHead(flatCopy(original), language);
    heads.set(place, head);
    return head;
  }

  /** In chunks that begin at lines: when the text has grown, only the last of them is new. */
  function newHead(original: string, language: Language): Head {
    const parts: Known[] = [];
    for (let from = 0; from < original.length;) {
      const line = original.indexOf('\n', from + CHUNK_CHARS - 1) + 1;
      const to = line > 0 ? line : original.length;
      parts.push(chunk(original.slice(from, to), language, from === 0));
      from = to;
    }
    return {
      original,
      language,
      text: parts.map(({ text }) => text).join(''),
      saved: parts.reduce((sum, { saved }) => add(sum, saved), NOTHING_SAVED),
      lines: parts.map(({ lines }) => lines),
      decision: undefined,
    };
  }

  function decide(head: Head, rest: Known | undefined, snippets: readonly Snippet[]): Decision {
    const last = head.decision;
    if (last && last.rest === rest && areSame(last.snippets, snippets)) return last;
    const saved = { duplicates: 0, ...head.saved };
    if (rest) addTo(saved, rest.saved);
    const kept: (Known | undefined)[] = snippets.map(() => undefined);
    const file = rest ? [...head.lines, rest.lines] : head.lines;
    // The best first: of two that say the same it stays.
    for (const index of byScore(snippets)) {
      const { text, path } = snippets[index]!;
      const snippet = known(text, languageOfPath(path));
      const isTwice = kept.some((other) => other && isContained(snippet.lines, [other.lines]));
      if (isTwice || isContained(snippet.lines, file)) {
        saved.duplicates += text.length;
        continue;
      }
      kept[index] = snippet;
      addTo(saved, snippet.saved);
    }
    return { rest, snippets, kept, saved };
  }

  return {
    compress({ prefix, suffix, snippets }, measures, languageId) {
      const language = knownLanguage(languageId);
      const end = farEnd(prefix);
      const head = headOf(prefix, end, language);
      const rest = suffix.length > NEAR_AFTER ? tail(suffix, language) : undefined;
      const { kept, saved } = (head.decision = decide(head, rest, snippets));
      const texts: Snippet[] = [];
      const sizes: Measure[] = [];
      for (let index = 0; index < kept.length; index++) {
        const text = kept[index]?.text;
        if (text === undefined) continue;
        const whole = snippets[index]!;
        texts.push(text === whole.text ? whole : { ...whole, text });
        sizes.push(shortenedTo(text.length, measures.snippets[index]!));
      }
      const text = { prefix: head.text + prefix.slice(end), suffix: rest?.text ?? suffix, snippets: texts };
      return {
        text,
        measures: measuresOf(
          shortenedTo(text.prefix.length, measures.prefix),
          shortenedTo(text.suffix.length, measures.suffix),
          sizes,
        ),
        savedChars: saved,
      };
    },
  };
}

/** Of the languages that clients invent there is no end: those that `languageOf` makes anew each time share one. */
function knownLanguage(id: string): Language {
  const language = languageOf(id);
  return language === languageOf(id) ? language : languageOf('plaintext');
}

function areSame(some: readonly Snippet[], others: readonly Snippet[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ text, path, score }, index) => {
      const other = others[index]!;
      return text === other.text && path === other.path && score === other.score;
    })
  );
}

/** Where the text that is near the cursor begins, at a line and in coarse steps from the left, which stays where it is. */
function farEnd(prefix: string): number {
  const steps = Math.floor((prefix.length - NEAR_BEFORE) / CHUNK_CHARS);
  if (steps <= 0) return 0;
  const line = prefix.lastIndexOf('\n', steps * CHUNK_CHARS - 1) + 1;
  return Math.max(0, line);
}

/** Where the text that is near the cursor ends, at a line. */
function farStart(suffix: string): number {
  const line = suffix.indexOf('\n', NEAR_AFTER);
  return line < 0 ? suffix.length : line + 1;
}

function byScore(snippets: readonly Snippet[]): number[] {
  return snippets.map((_, index) => index).toSorted((a, b) => (snippets[b]!.score ?? 0) - (snippets[a]!.score ?? 0));
}

function cacheOf<Value>(caches: Map<Language, LRUCache<string, Value & {}>>, language: Language) {
  let cache = caches.get(language);
  if (!cache) {
    cache = new LRUCache<string, Value & {}>({ maxSize: MAX_CHARS, sizeCalculation: (_, text) => text.length + 1 });
    caches.set(language, cache);
  }
  return cache;
}

function add(a: Savings, b: Savings): Savings {
  return {
    licences: a.licences + b.licences,
    comments: a.comments + b.comments,
    blanks: a.blanks + b.blanks,
    blobs: a.blobs + b.blobs,
  };
}

function addTo(sum: { -readonly [Key in keyof Savings]: number }, more: Savings): void {
  sum.licences += more.licences;
  sum.comments += more.comments;
  sum.blanks += more.blanks;
  sum.blobs += more.blobs;
}
