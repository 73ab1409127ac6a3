import { LIMITS, fitUtf8 } from '@ghostline/protocol';
import { splitsPair } from '../text/lines.ts';
import type { DocumentSnapshot } from '../types.ts';

/** The part of a document that a model is shown: text right before and right after the cursor. */
export interface TextWindow {
  readonly prefix: string;
  readonly suffix: string;
}

/** 24 Ki code units before the cursor: some 600 lines of 40, and 20 ms of a 10 Mbit/s uplink. */
const PREFIX_UNITS = 24 * 1024;
/**
 * 4 Ki after the cursor. What follows matters less, and with templates that put the prefix first (Qwen, StarCoder,
 * DeepSeek) every keystroke makes the engine read the whole suffix again, as it stands behind what was typed: 4 Ki are some
 * 1,000 tokens of prefill, where 8 Ki would be more than the answer itself costs.
 */
const SUFFIX_UNITS = 4 * 1024;
/**
 * The left edge stands on multiples of this. An inference engine re-reads everything after the first changed token, so an
 * edge that slid with the cursor would cost a full prefill per keystroke; this one moves once in 8,192 typed characters
 * and leaves at least 16 Ki of prefix when it does.
 */
const STEP_UNITS = 8 * 1024;
/** Redaction may lengthen what it replaces, and a request beyond the limit is refused whole: a quarter stays free. */
const PREFIX_BYTES = (LIMITS.prefixBytes * 3) / 4;
const SUFFIX_BYTES = (LIMITS.suffixBytes * 3) / 4;

export function windowAround({ text, cursor }: Pick<DocumentSnapshot, 'text' | 'cursor'>): TextWindow {
  return { prefix: detached(prefixWindow(text, cursor)), suffix: detached(suffixWindow(text, cursor)) };
}

/**
 * A copy that does not keep the whole document alive: engines implement `slice` as a view into its parent, and the
 * completion cache would hold a hundred versions of a large file.
 */
function detached(slice: string): string {
  return ` ${slice}`.slice(1);
}

function prefixWindow(text: string, cursor: number): string {
  let edge = cursor <= PREFIX_UNITS ? 0 : Math.ceil((cursor - PREFIX_UNITS) / STEP_UNITS) * STEP_UNITS;
  for (;;) {
    const prefix = text.slice(lineStartAfter(text, edge), cursor);
    if (fitUtf8([prefix], PREFIX_BYTES)) return prefix;
    edge += STEP_UNITS;
  }
}

/** The next start of a line within half a step, or `edge` itself in the middle of a line longer than that. */
function lineStartAfter(text: string, edge: number): number {
  if (edge === 0) return 0;
  const lineBreak = text.slice(edge - 1, edge + STEP_UNITS / 2).indexOf('\n');
  if (lineBreak >= 0) return edge + lineBreak;
  return splitsPair(text, edge) ? edge + 1 : edge;
}

function suffixWindow(text: string, cursor: number): string {
  let end = cursor + SUFFIX_UNITS;
  if (end < text.length) {
    const lineEnd = text.lastIndexOf('\n', end - 1) + 1;
    end = lineEnd > cursor ? lineEnd : end;
  }
  while (!fitUtf8([text.slice(cursor, end)], SUFFIX_BYTES)) end -= SUFFIX_UNITS / 4;
  return text.slice(cursor, splitsPair(text, end) ? end - 1 : end);
}
