import type { DocumentSnapshot } from '../types.ts';
import { commonPrefix, commonSuffix } from './text-change.ts';

/** What follows the cursor as it is sent. */
export interface SentSuffix {
  readonly text: string;
  /** The same without secrets. */
  readonly safeText: string;
}

/** Remembers the suffixes of the last documents that were sent. */
export interface SentSuffixes {
  /** `exact` is what the document has after its cursor now, cut at the right. */
  next(document: DocumentSnapshot, exact: SentSuffix): SentSuffix;
}

/**
 * The far part of a suffix is sent as it was sent before while it barely differs; the near one, the line of the cursor and
 * the eight after it, is always as it stands. Copilot freezes all of it, compares the first 50 tokens, and so can send text
 * at the cursor that is no longer there (microsoft/vscode#295450).
 *
 * What it saves: templates that put the suffix first (Codestral, CodeLlama's SPM) read suffix and prefix again from the first
 * difference on, so an edit further below, or a right edge that moves by a line, would cost the whole prompt; with the prefix
 * first, engines that reuse shifted chunks (llama.cpp's `--cache-reuse`) find this one whole, and others lose nothing.
 * What it costs: a model may see up to 10 % of the text from nine lines below on as it was some edits ago.
 */
const NEAR_LINES = 9;
const MAX_DIFFERENCE = 0.1;
/** The length of a window may vary by a quarter around what it is anew, until its right edge moves on. */
const MAX_GROWTH = 1.25;
const MIN_SHARE = 0.75;
/** By this much text the place is found where the far part went on: three lines of 40. It must stand there just once. */
const PROBE_UNITS = 120;
const MAX_DOCUMENTS = 20;

interface Far extends SentSuffix {
  /** Whether it went to the end of the document. */
  readonly endsDocument: boolean;
}

export function createSentSuffixes(): SentSuffixes {
  const sent = new Map<string, Far>();

  return {
    next(document, exact) {
      const { uri } = document;
      const before = sent.get(uri);
      const joined = before && joinedWith(before, document, exact);
      const suffix = joined ?? exact;
      sent.delete(uri);
      sent.set(uri, joined ? before : farPartOf(document, exact));
      const [oldest] = sent.keys();
      if (sent.size > MAX_DOCUMENTS && oldest !== undefined) sent.delete(oldest);
      return suffix;
    },
  };
}

function farPartOf({ text, cursor }: DocumentSnapshot, exact: SentSuffix): Far {
  const start = nearEnd(exact.text);
  return {
    text: exact.text.slice(start),
    safeText: exact.safeText.slice(start),
    endsDocument: cursor + exact.text.length === text.length,
  };
}

/** The live near part with the far part as it was; undefined when they do not belong together any more. */
function joinedWith(before: Far, { text, cursor }: DocumentSnapshot, exact: SentSuffix): SentSuffix | undefined {
  const live = exact.text;
  const near = nearEnd(live);
  // The cursor has come nearer, and part of what was far is near; or it has gone away from it.
  const cut = onlyPlace(live.slice(near, near + PROBE_UNITS), before.text);
  const join = cut === undefined ? onlyPlace(before.text.slice(0, PROBE_UNITS), live) : near;
  if (join === undefined || join < near || (join > 0 && live[join - 1] !== '\n')) return undefined;
  const far = { text: before.text.slice(cut ?? 0), safeText: before.safeText.slice(cut ?? 0) };
  const length = join + far.text.length;
  if (length > live.length * MAX_GROWTH || length < live.length * MIN_SHARE) return undefined;
  const changed = difference({ ...far, endsDocument: before.endsDocument }, text.slice(cursor + join));
  if (changed > far.text.length * MAX_DIFFERENCE) return undefined;
  return { text: live.slice(0, join) + far.text, safeText: exact.safeText.slice(0, join) + far.safeText };
}

/** Where `probe` stands in `text`, if it is long enough to tell and stands there once. */
function onlyPlace(probe: string, text: string): number | undefined {
  if (probe.length < PROBE_UNITS) return undefined;
  const at = text.indexOf(probe);
  return at < 0 || text.includes(probe, at + 1) ? undefined : at;
}

/** How many code units differ between the far part and what stands there now; `rest` is all of the document from there on. */
function difference({ text, endsDocument }: Far, rest: string): number {
  if (rest.startsWith(text) && (!endsDocument || rest.length === text.length)) return 0;
  const ending = text.slice(-PROBE_UNITS);
  const found = rest.slice(0, text.length + ending.length).lastIndexOf(ending);
  const now = found < 0 ? rest.slice(0, text.length) : rest.slice(0, found + ending.length);
  const same = commonPrefix(text, now);
  const sameAtEnd = commonSuffix(text, now, Math.min(text.length, now.length) - same);
  const behind = endsDocument ? rest.length - now.length : 0;
  return Math.max(text.length, now.length) - same - sameAtEnd + behind;
}

/** Where the near lines end: after the line of the cursor and those behind it; the end of a text with fewer. */
function nearEnd(text: string): number {
  let at = 0;
  for (let line = 0; line < NEAR_LINES; line++) {
    const lineBreak = text.indexOf('\n', at);
    if (lineBreak < 0) return text.length;
    at = lineBreak + 1;
  }
  return at;
}
