import { LRUCache } from 'lru-cache';
import { heapBytesOf, flatCopy } from '../flat-text.ts';
import type { Prompt } from '../prompt/prompt.ts';
import { estimateTokens } from '../tokens/token-estimate.ts';
import { type Answer, type Choice, textBytesOf } from './answer.ts';
import { type PromptKey, digestOfPrefix } from './cache-key.ts';
import { type SuffixDrift, beforeDrift, suffixDrift } from './suffix-drift.ts';

/** Half a minute of typing in one file, and every place in it that somebody comes back to within that. */
const ANSWERS_PER_FILE = 32;
/** The end of a prefix, kept as text: what it costs to look at an answer that does not fit is the comparison of this. */
const TAIL_CHARS = 64;
/** What an entry takes of the heap besides the texts, and what a file does: by test/bench/cache/heap.ts. */
const ENTRY_BYTES = 600;
const FILE_BYTES = 450;

/** Whose file it is: answers are reused for another text there, and nowhere else. */
export interface Owner {
  readonly org: string;
  readonly user: string;
  /** Without one nobody knows whether two files of one path are the same. */
  readonly workspace: string | undefined;
}

/**
 * Answers by the text they were made for, so that one prompt can be answered with the rest of what was said to another: when
 * what was typed between the two is how that answer begins.
 */
export interface Continuations {
  /** Keeps `answer`, which `owner` got for `prompt`, for `ttlMs` milliseconds. */
  note(owner: Owner, prompt: Prompt, key: PromptKey, answer: Answer, ttlMs: number): void;
  /** The rest of the answer for the longest beginning of the prompt's prefix. */
  find(owner: Owner, prompt: Prompt, key: PromptKey): Answer | undefined;
  stats(): { readonly continued: number; readonly bytes: number };
}

interface Entry {
  readonly answer: Answer;
  readonly context: string;
  readonly prefixLength: number;
  /** Digest of the whole prefix: texts of 20 KB for each keystroke would fill any memory. */
  readonly prefixDigest: string;
  readonly tail: string;
  readonly suffix: string;
  readonly multiline: boolean;
  readonly expiresAt: number;
  /** Of heap: what is its own, and what it may share with the entry after it. */
  readonly ownBytes: number;
  readonly sharedBytes: number;
}

/** Newest first. */
type File = readonly Entry[];

interface Found {
  readonly entry: Entry;
  readonly typed: string;
  readonly choices: readonly Choice[];
}

/** Holds at most `maxBytes` of heap. `now` is in milliseconds. */
export function createContinuations(maxBytes: number, now: () => number): Continuations {
  const files = new LRUCache<string, File>({ maxSize: maxBytes, sizeCalculation: sizeOfFile });
  let continued = 0;

  return {
    note(owner, prompt, key, answer, ttlMs) {
      const name = fileOf(owner, prompt);
      if (name === undefined || ttlMs <= 0 || answer.choices.length === 0) return;
      const time = now();
      const { prefix, suffix } = prompt;
      const prefixDigest = key.prefix();
      const kept = (files.peek(name) ?? []).filter(
        (entry) => entry.expiresAt > time && !(entry.prefixDigest === prefixDigest && entry.suffix === suffix),
      );
      const [newest] = kept;
      const entry: Entry = {
        answer,
        prefixLength: prefix.length,
        prefixDigest,
        tail: flatCopy(prefix.slice(-TAIL_CHARS)),
        // What stays from one keystroke to the next is kept once.
        context: newest?.context === key.context ? newest.context : key.context,
        suffix: newest?.suffix === suffix ? newest.suffix : flatCopy(suffix),
        multiline: prompt.multiline,
        expiresAt: time + ttlMs,
        ownBytes: ENTRY_BYTES + textBytesOf(answer),
        sharedBytes: heapBytesOf(suffix) + heapBytesOf(key.context),
      };
      files.set(name, [entry, ...kept.slice(0, ANSWERS_PER_FILE - 1)]);
    },
    find(owner, prompt, key) {
      const name = fileOf(owner, prompt);
      const file = name === undefined ? undefined : files.get(name);
      if (!file) return undefined;
      const time = now();
      const best = file.reduce<Found | undefined>((found, entry) => {
        if (entry.expiresAt <= time || entry.prefixLength <= (found?.entry.prefixLength ?? -1)) return found;
        return continuationOf(entry, prompt, key) ?? found;
      }, undefined);
      if (!best || !standsBefore(best, prompt, key)) return undefined;
      continued += 1;
      return { ...best.entry.answer, choices: best.choices };
    },
    stats: () => ({ continued, bytes: files.calculatedSize }),
  };
}

function fileOf({ org, user, workspace }: Owner, { path }: Prompt): string | undefined {
  return workspace === undefined ? undefined : JSON.stringify([org, user, workspace, path]);
}

/** As far as what is kept as text tells. The cheapest checks come first: most entries fail the first or second. */
function continuationOf(entry: Entry, prompt: Prompt, key: PromptKey): Found | undefined {
  const { prefix, multiline } = prompt;
  const typedLength = prefix.length - entry.prefixLength;
  if (typedLength < 0 || !isLongEnough(entry, typedLength)) return undefined;
  if (!prefix.startsWith(entry.tail, entry.prefixLength - entry.tail.length)) return undefined;
  if ((multiline && !entry.multiline) || entry.context !== key.context) return undefined;
  const typed = prefix.slice(entry.prefixLength);
  const drift = suffixDrift(entry.tail, entry.suffix, typed, prompt.suffix);
  if (!drift) return undefined;
  const choices = entry.answer.choices.flatMap((choice) => restOf(choice, typed, drift, prompt) ?? []);
  return choices.length > 0 ? { entry, typed, choices } : undefined;
}

function isLongEnough({ answer }: Entry, typedLength: number): boolean {
  return answer.choices.some(({ text }) => text.length > typedLength);
}

function restOf({ text, reason }: Choice, typed: string, drift: SuffixDrift, prompt: Prompt): Choice | undefined {
  if (!text.startsWith(typed)) return undefined;
  const rest = text.slice(typed.length);
  // Within a line the model would have been asked for the rest of it only.
  const wanted = prompt.multiline ? rest : firstLine(rest);
  const kept = beforeDrift(wanted, drift);
  if (kept === undefined || estimateTokens(kept) > prompt.sampling.maxTokens) return undefined;
  return { text: kept, reason: kept.length < rest.length ? 'block_end' : reason };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

/** The rest of the prefix, by its digest: ten microseconds, for what is as good as found. */
function standsBefore({ entry, typed }: Found, { prefix }: Prompt, key: PromptKey): boolean {
  const digest = typed === '' ? key.prefix() : digestOfPrefix(prefix.slice(0, entry.prefixLength));
  return digest === entry.prefixDigest;
}

function sizeOfFile(file: File): number {
  return file.reduce((bytes, { ownBytes, sharedBytes, suffix, context }, index) => {
    const newer = file[index - 1];
    const isShared = newer?.suffix === suffix && newer.context === context;
    return bytes + ownBytes + (isShared ? 0 : sharedBytes);
  }, FILE_BYTES);
}
