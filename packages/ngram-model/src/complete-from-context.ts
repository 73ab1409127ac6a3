import { isHighSurrogate, isLowSurrogate, isOperatorUnit, isWordUnit } from './characters.ts';
import { choose } from './choose.ts';
import { surroundingsOf } from './confidence.ts';
import { search } from './search.ts';
import { readTexts } from './stream.ts';

export interface NgramRequest {
  readonly prefix: string;
  readonly suffix: string;
  /** Texts that may help, most relevant first. */
  readonly snippets: readonly string[];
  /** Longest candidate in UTF-16 units. */
  readonly maxChars: number;
  /** How many different candidates are wanted at most. */
  readonly candidates: number;
  /** End at the end of the line, rather than of the block that the line opens. */
  readonly singleLine: boolean;
  /** What is not found within this time, in ms, is left. Default 30. */
  readonly deadlineMs?: number;
}

export interface NgramCandidate {
  readonly text: string;
  /** The probability, 0 to 1, that the whole text is what comes next: of those said with 0.8, 8 in 10 are right. */
  readonly confidence: number;
  /** `maxChars` ended it, not the line or the block. */
  readonly cut: boolean;
}

const DEFAULT_DEADLINE_MS = 30;
/** Of the deadline: with the farther texts unread there is still an answer, without a search there is none. */
const READING_SHARE = 0.5;
/** As much as the protocol takes: what is farther from the cursor is not read. */
const LONGEST_PREFIX = 64 * 1024;
const LONGEST_SUFFIX = 32 * 1024;
const LONGEST_SNIPPETS = 64 * 1024;

/**
 * What most likely stands between `prefix` and `suffix`, best expected saving first; empty when nothing is sure enough. A
 * pure function of the request as long as the deadline is kept; `now` is in ms.
 */
export function completeFromContext(
  request: NgramRequest,
  now: () => number = () => performance.now(),
): readonly NgramCandidate[] {
  const start = now();
  const { deadlineMs = DEFAULT_DEADLINE_MS } = request;
  const isLate = (share: number) => now() - start > share * deadlineMs;
  const texts = nearest(request);
  if (isInsideToken(texts.prefix, texts.suffix)) return [];
  const stream = readTexts(texts, () => isLate(READING_SHARE));
  const found = search(stream, { ...request, isLate: () => isLate(1) });
  return choose(found, stream, surroundingsOf(texts, stream)).slice(0, request.candidates);
}

/** In the middle of a word, of an operator or of a character there is nothing whole to insert. */
function isInsideToken(prefix: string, suffix: string): boolean {
  const before = prefix.charCodeAt(prefix.length - 1);
  const after = suffix.charCodeAt(0);
  return isWordUnit(after) || (isOperatorUnit(before) && isOperatorUnit(after)) || isHighSurrogate(before);
}

/** As much of each text as is read, the ends nearest the cursor, never parting a surrogate pair. */
function nearest({ prefix, suffix, snippets }: NgramRequest): Pick<NgramRequest, 'prefix' | 'suffix' | 'snippets'> {
  let left = LONGEST_SNIPPETS;
  const kept: string[] = [];
  for (const snippet of snippets) {
    if (left === 0) break;
    kept.push(upTo(snippet, left));
    left -= Math.min(left, snippet.length);
  }
  let start = Math.max(0, prefix.length - LONGEST_PREFIX);
  if (isLowSurrogate(prefix.charCodeAt(start))) start += 1;
  return { prefix: prefix.slice(start), suffix: upTo(suffix, LONGEST_SUFFIX), snippets: kept };
}

function upTo(text: string, length: number): string {
  return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}
