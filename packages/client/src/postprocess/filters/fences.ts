import { createCodeWalk } from '../../text/code-walk.ts';
import { isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, NO_LINES, endBefore, firstFilled } from '../draft.ts';
import type { Place } from '../place.ts';

const FENCE = /^\s*(?:`{3,}|~{3,})[\w+#.-]*\s*$/;

/** How models that were trained to chat begin. None of it is code in any language of the table. */
const PROSE =
  /^\s*(?:(?:sure|certainly|of course|absolutely|okay|great)\b.*[:.!,]|here(?:'s|’s| is| are)\s.*[:.]|(?:the|this|below) (?:is|following|completed?|missing|code|updated)\b.*:|(?:i(?:'ll| will|'ve| have)|you can|to complete|based on)\b.*[:.])\s*$/i;

/** Languages with a use of their own for a backtick. */
const BACKTICK = new Set([
  'shellscript',
  'ruby',
  'perl',
  'php',
  'sql',
  'kotlin',
  'scala',
  'swift',
  'r',
  'haskell',
  'julia',
  'clojure',
  'fsharp',
  'coffeescript',
  'dockerfile',
  'makefile',
  'powershell',
  'groovy',
]);

/**
 * Takes code out of what a chat model puts around it: the fence and the sentence before it go, and the text ends at the
 * closing fence. Fences are ordinary text in prose and within strings and comments.
 */
export const fences: Filter = {
  name: 'code fences',
  apply(draft, place) {
    if (place.isProse || place.brackets.within !== 'code') return draft;
    return withoutBackticks(withoutClosingFence(withoutOpening(draft, place), place), place);
  },
};

function withoutOpening(draft: Draft, { isFresh }: Place): Draft {
  const { lines, goesOn } = draft;
  const first = firstFilled(lines);
  if (first < 0) return draft;
  if (FENCE.test(lines[first]!)) return from(draft, first + 1);
  if (!isFresh && first === 0) return draft;
  if (!PROSE.test(lines[first]!)) return draft;
  const next = lines.findIndex((line, index) => index > first && !isBlank(line));
  // The sentence alone says nothing yet.
  if (next < 0) return { ...draft, lines: goesOn || /:\s*$/.test(lines[first]!) ? NO_LINES : lines };
  if (FENCE.test(lines[next]!)) return from(draft, next + 1);
  return /:\s*$/.test(lines[first]!) ? from(draft, next) : draft;
}

function from(draft: Draft, index: number): Draft {
  const lines = draft.lines.slice(index);
  return { ...draft, lines: lines.length === 0 ? NO_LINES : lines };
}

function withoutClosingFence(draft: Draft, { syntax, brackets, cursorLine }: Place): Draft {
  const { lines } = draft;
  if (!lines.some((line) => FENCE.test(line))) return draft;
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  for (const [index, line] of lines.entries()) {
    // In a language with templates three backticks alone on a line would be one and a half.
    if (index > 0 && FENCE.test(line) && walk.within() === 'code') return endBefore(draft, index);
    walk.feed(line, index === 0 ? cursorLine : '');
    walk.endLine();
  }
  return draft;
}

/** `code`, as it is set in a sentence, where it is all of the text. */
function withoutBackticks(draft: Draft, { syntax }: Place): Draft {
  const { lines, goesOn } = draft;
  if (syntax.multilineQuotes.includes('`') || BACKTICK.has(syntax.id) || syntax.brackets.length === 0) return draft;
  if (lines.length !== 1) return draft;
  const inner = /^\s*`([^`]+)`\s*$/.exec(lines[0]!)?.[1];
  if (inner === undefined) return draft;
  return { ...draft, lines: goesOn ? NO_LINES : [inner] };
}
