import type { FinishReason } from '@ghostline/protocol';
import { containsPlaceholder } from '@ghostline/safety';
import { createStopRule } from '@ghostline/syntax';
import type { Prompt } from '../prompt/prompt.ts';
import type { AnswerFilter, FilterVerdict } from '../safety/answer-filter.ts';
import { createControlTokenGuard } from '../safety/control-tokens.ts';

export interface CandidateOptions {
  /** Beyond so much text the candidate ends with `length`. */
  readonly maxChars: number;
  /** What of the text is let through. */
  readonly filter: AnswerFilter;
  readonly emit: (text: string) => void;
  /** Called once; `spoke` says whether any text was emitted. */
  readonly finish: (reason: FinishReason, spoke: boolean) => void;
}

/** One alternative while it is generated. */
export interface Candidate {
  /** Text as the model says it. Ignored once the candidate has ended. */
  take(text: string): void;
  /** The model, or what limits it, ended it. */
  end(reason: FinishReason): void;
  endedUpstream(): boolean;
  /** All that came up to the end, shown or not: what was paid for. */
  text(): string;
  /** What was shown, and why it ended if it has. */
  outcome(): { readonly shown: string; readonly reason: FinishReason | undefined };
}

/**
 * Model text → up to a control token → up to the end of line or block → without what a broken stream has shown before →
 * up to what nobody may see → up to a line that repeats a redaction → out.
 */
export function createCandidate(prompt: Prompt, { maxChars, filter, emit, finish }: CandidateOptions): Candidate {
  const guard = createControlTokenGuard();
  const rule = createStopRule({ ...prompt, lineEnds: true });
  let received = '';
  let shown = '';
  let reason: FinishReason | undefined;
  let endedUpstream = false;
  /** Beginning of a line that must be whole before it may be shown. */
  let line = '';
  /** Characters that the reader of a resumed stream has, though the rule still held them back. */
  let skip = 0;

  function show(text: string): void {
    const rest = skip === 0 ? text : text.slice(skip);
    skip -= text.length - rest.length;
    if (rest !== '' && reason === undefined) showAllowed(filter.feed(rest));
  }

  function showAllowed({ kind, text }: FilterVerdict): void {
    if (prompt.redacted) showLines(text);
    else out(text);
    if (kind === 'clean') return;
    cut();
  }

  /** A redaction cannot be seen before it is complete, so of prompts that have one answers are shown by the line. */
  function showLines(text: string): void {
    line += text;
    for (;;) {
      const end = line.indexOf('\n', 1);
      if (end < 0 || !showLine(line.slice(0, end))) return;
      line = line.slice(end);
    }
  }

  function showLine(text: string): boolean {
    if (containsPlaceholder(text)) cut(text);
    else out(text);
    return reason === undefined;
  }

  function out(text: string): void {
    if (text === '') return;
    shown += text;
    emit(text);
  }

  /** Ends it before a line that nobody may see. What was shown of that line its reader takes for no whole one. */
  function cut(unseen = line): void {
    line = '';
    // Lines come with the break before them; a reader tells whole ones by the break after.
    if (unseen.startsWith('\n')) out('\n');
    close('filtered');
  }

  function close(why: FinishReason): void {
    if (reason !== undefined) return;
    reason = why;
    finish(why, shown !== '');
  }

  function flush(why: FinishReason): void {
    if (reason === undefined) showAllowed(filter.end());
    if (line !== '' && reason === undefined) showLine(line);
    close(why);
  }

  if (prompt.continuation !== '') {
    const verdict = rule.feed(prompt.continuation);
    skip = prompt.continuation.length - verdict.emit.length;
    if (verdict.done) close('block_end');
  }

  return {
    take(text) {
      if (reason !== undefined) return;
      received += text;
      const { text: spoken, ended } = guard.feed(text);
      const verdict = rule.feed(spoken);
      show(verdict.emit);
      if (verdict.done) {
        flush('block_end');
      } else if (ended) {
        show(rule.end());
        flush('stop');
      } else if (received.length > maxChars) {
        flush('length');
      }
    },
    end(why) {
      endedUpstream = true;
      if (reason !== undefined) return;
      const verdict = rule.feed(guard.end());
      show(verdict.emit);
      if (verdict.done) {
        flush('block_end');
      } else {
        show(rule.end());
        flush(why);
      }
    },
    endedUpstream: () => endedUpstream,
    text: () => received,
    outcome: () => ({ shown, reason }),
  };
}
