import { LRUCache } from 'lru-cache';
import { flatCopy } from '../flat-text.ts';

/** A text, and what has been made of it: of those that come again with the next keystroke nothing is made twice. */
export class KnownText {
  readonly text: string;
  /** For the next keystrokes; false for a text that is done again sooner than found. */
  readonly kept: boolean;
  readonly #made = new Map<(text: string) => unknown, unknown>();
  #changed: Map<(text: string) => string, KnownText> | undefined;

  constructor(text: string, kept: boolean) {
    this.text = text;
    this.kept = kept;
  }

  /** What `make` gives for this text, made when it is first asked for. */
  once<Made extends string | number | boolean | object>(make: (text: string) => Made): Made {
    let made = this.#made.get(make) as Made | undefined;
    if (made === undefined) {
      made = make(this.text);
      this.#made.set(make, made);
    }
    return made;
  }

  /** The text that `change` makes of it; itself when that is the same. */
  changedBy(change: (text: string) => string): KnownText {
    const text = this.once(change);
    if (text === this.text) return this;
    let changed = this.#changed?.get(change);
    if (!changed) {
      changed = new KnownText(text, this.kept);
      (this.#changed ??= new Map()).set(change, changed);
    }
    return changed;
  }
}

/** A text that grows at its end while somebody types, at the beginning of a line in two: what stays as it is, and the rest. */
export interface Settled {
  /** Empty for a short text. */
  readonly head: KnownText;
  readonly tail: string;
}

export interface KnownTexts {
  /** The same for the same text as long as it is remembered. */
  of(text: string): KnownText;
  settle(text: string): Settled;
}

/** Shorter texts are done again sooner than they are found. */
const MIN_CHARS = 512;
/**
 * The texts of some hundred open editors. With what is made of it a character takes two to four bytes, of Chinese up to ten:
 * itself, what goes over the wire, seldom a changed copy.
 */
const MAX_CHARS = 16 * 1024 * 1024;
/** The head grows in such steps, and the tail has at least as much, so that a few lines that are deleted are in it. */
const STEP_CHARS = 512;

const NO_TEXT = new KnownText('', true);

/** Remembers texts of `maxChars` characters in all, and forgets those that were used least lately. */
export function createKnownTexts(maxChars = MAX_CHARS): KnownTexts {
  const known = new LRUCache<number, KnownText>({ maxSize: maxChars, sizeCalculation: ({ text }) => text.length });

  function find(text: string, keep: (text: string) => string): KnownText {
    const name = sampleOf(text);
    const found = known.get(name);
    if (found?.text === text) return found;
    const added = new KnownText(keep(text), true);
    known.set(name, added);
    return added;
  }

  return {
    of: (text) => (text.length < MIN_CHARS ? new KnownText(text, false) : find(text, asItIs)),
    settle(text) {
      const end = settledEnd(text);
      if (end === 0) return { head: NO_TEXT, tail: text };
      return { head: find(text.slice(0, end), flatCopy), tail: text.slice(end) };
    },
  };
}

/** Where the tail of `text` begins: decided by the text alone, so that names can be made of the two parts. */
export function settledEnd(text: string): number {
  const steps = Math.floor(text.length / STEP_CHARS) - 1;
  return steps <= 0 ? 0 : text.lastIndexOf('\n', steps * STEP_CHARS - 1) + 1;
}

function asItIs(text: string): string {
  return text;
}

/** Characters at each end, and as many in between. */
const SAMPLES = 8;

/**
 * Tells most texts apart; the texts themselves tell the others. By the whole text, V8 would hash each string that comes out of
 * a request anew: 30 µs for 16 KB, where comparing it with the one that is known takes 2.
 */
function sampleOf(text: string): number {
  const { length } = text;
  const step = Math.floor(length / SAMPLES);
  let sample = length;
  for (let at = 0; at < SAMPLES; at++) {
    sample = (sample * 31 + text.charCodeAt(at)) | 0;
    sample = (sample * 31 + text.charCodeAt(at * step)) | 0;
    sample = (sample * 31 + text.charCodeAt(length - 1 - at)) | 0;
  }
  return sample;
}
