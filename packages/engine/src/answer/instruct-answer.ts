import type { AnswerCleaner } from '@ghostline/inference';

export interface CleanerInput {
  /** All text before the cursor: models repeat its end before they go on. */
  readonly before: string;
  /** The answer begins inside of a fence that the prompt opened. */
  readonly prefilled: boolean;
}

/** Models start over at the beginning of the function at most, not of the file. */
const MAX_REPEATED_LINES = 40;
/** An introduction longer than this without code after it is an essay. */
const MAX_INTRODUCTION_CHARS = 600;

/** How models introduce their answers. Code that begins so waits for its end, and is not lost. */
const OPENINGS =
  "Here is|Here are|Here's|Here’s|Sure,|Sure!|Sure.|Certainly|Of course|Okay,|Based on|To complete|To fill|The missing|The complete|The code|The following|The completion|This code|This completes|I will|I have|I'll|I’ll|I've".split(
    '|',
  );
const FENCE = /^[ \t]*(?:```|~~~)[^\n]*\n/m;
const THOUGHT = '<think>';
const THOUGHT_END = '</think>';

/**
 * `beginning`: nothing is decided. `open`: what comes is code, up to a closing fence. `over`: the code has ended.
 */
type Phase = 'beginning' | 'open' | 'over';

/**
 * The code in a chat model's answer, while it comes: without fences, thoughts, an introduction and what it repeats of the
 * text before the cursor. Holds back only what may still turn out to be one of these.
 */
export function createAnswerCleaner({ before, prefilled }: CleanerInput): AnswerCleaner {
  const starts = repeatable(before);
  const indentation = /[^\S\n]*$/.exec(before.slice(before.lastIndexOf('\n') + 1))![0];
  const onBlankLine = before.endsWith(`\n${indentation}`);
  let phase: Phase = 'beginning';
  let held = '';
  /** Whether the repetition has been dealt with. */
  let atStart = true;
  let spoke = false;

  /** What may be decided of the beginning; undefined when more must come. */
  function beginning(last: boolean): string | undefined {
    const text = withoutThought(held);
    if (text === undefined) return last ? (held.trimStart().startsWith(THOUGHT) ? '' : held) : undefined;
    const trimmed = text.trimStart();
    if (trimmed === '' || '```'.startsWith(trimmed) || '~~~'.startsWith(trimmed)) return last ? text : undefined;
    const fence = FENCE.exec(text);
    const introduced = !prefilled && OPENINGS.some((opening) => trimmed.startsWith(opening));
    if (fence && (introduced || text.slice(0, fence.index).trim() === ''))
      return text.slice(fence.index + fence[0].length);
    if (/^(?:```|~~~)/.test(trimmed)) return last ? '' : undefined;
    const undecided = !last && !prefilled && OPENINGS.some((opening) => opening.startsWith(trimmed));
    if (!introduced) return undecided ? undefined : text;
    if (!last && text.length <= MAX_INTRODUCTION_CHARS) return undefined;
    // One line that only looked like an introduction is code; sentences without code are not.
    if (!trimmed.includes('\n') && !/[.!:]\s*$/.test(trimmed)) return text;
    phase = 'over';
    return undefined;
  }

  /** The text after what it repeats; undefined when it may still turn out to repeat something. */
  function afterRepetition(text: string, last: boolean): string | undefined {
    const said = text.trimStart();
    if (!last && starts.some((start) => start.length > said.length && start.startsWith(said))) return undefined;
    if (!last && onBlankLine && text.length < indentation.length && indentation.startsWith(text)) return undefined;
    const whole = starts.find((start) => said.startsWith(start));
    if (whole !== undefined) return said.slice(whole.length);
    return onBlankLine && text.startsWith(indentation) ? text.slice(indentation.length) : text;
  }

  /** Up to a closing fence; from `text` what may become one is held. */
  function untilFence(text: string, last: boolean): string {
    const fence = (spoke ? /\n[ \t]*(?:```|~~~)/ : /(?:^|\n)[ \t]*(?:```|~~~)/).exec(text);
    if (fence) {
      phase = 'over';
      return text.slice(0, fence.index);
    }
    if (last) return text.replace(/\n[ \t]*`{0,2}$/, '');
    const from = text.search(spoke ? /\n[ \t]*[`~]{0,2}$/ : /(?:^|\n)[ \t]*[`~]{0,2}$/);
    held = from < 0 ? '' : text.slice(from);
    return from < 0 ? text : text.slice(0, from);
  }

  function take(chunk: string, last: boolean): string {
    if (phase === 'over') return '';
    let text = held + chunk;
    held = text;
    if (phase === 'beginning') {
      const code = beginning(last);
      if (code === undefined) return '';
      phase = 'open';
      text = code;
    }
    if (atStart) {
      const rest = afterRepetition(text, last);
      if (rest === undefined) {
        held = text;
        return '';
      }
      atStart = false;
      text = rest;
    }
    held = '';
    const code = untilFence(text, last);
    spoke ||= code !== '';
    return code;
  }

  return {
    feed(chunk) {
      const text = take(chunk, false);
      return { text, ended: phase === 'over' };
    },
    end: () => take('', true),
  };
}

/** The ends of `before` that an answer may begin with, the longest first: whole lines, or the word that is being typed. */
function repeatable(before: string): string[] {
  const starts: string[] = [];
  let at = before.length;
  for (let lines = 0; lines < MAX_REPEATED_LINES && at > 0; lines++) {
    at = before.lastIndexOf('\n', at - 1);
    const text = before.slice(at + 1).trimStart();
    // A lone bracket may well come twice.
    if (/\w/.test(text)) starts.unshift(text);
    if (at < 0) break;
  }
  const word = /\w{2,}$/.exec(before.slice(-64))?.[0];
  if (word !== undefined && !starts.includes(word)) starts.push(word);
  return starts;
}

/** `text` after a thought at its beginning; undefined while that goes on. */
function withoutThought(text: string): string | undefined {
  const trimmed = text.trimStart();
  if (trimmed !== '' && trimmed.length < THOUGHT.length && THOUGHT.startsWith(trimmed)) return undefined;
  if (!trimmed.startsWith(THOUGHT)) return text;
  const end = trimmed.indexOf(THOUGHT_END);
  return end < 0 ? undefined : trimmed.slice(end + THOUGHT_END.length).replace(/^\s*\n/, '');
}
