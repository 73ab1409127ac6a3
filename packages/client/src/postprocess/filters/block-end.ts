import { createStopRule } from '@ghostline/syntax';
import { indentOf, isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, firstFilled } from '../draft.ts';
import type { Place } from '../place.ts';

/**
 * Ends a text of several lines where the block ends that the cursor is in, by the rule the server stops a model with
 * (indentation, brackets, and words such as `end`; see `createStopRule`): what was generated, or kept, beyond it is not
 * shown. At least one line is.
 */
export const blockEnd: Filter = {
  name: 'block end',
  apply(draft, place) {
    const { lines, goesOn } = draft;
    const first = firstFilled(lines);
    if (place.extent === 'line' || first < 0 || isInLongString(place)) return draft;
    if (!goesOn && lines.length - 1 === first) return draft;
    // With code after the cursor there is no block to fill.
    if (place.restOfLine.slice(place.closers.length).trim() !== '' && place.closers === '') return draft;
    return upToBlockEnd(draft, place, first);
  },
};

/** Within a string of several lines nothing is a block. */
function isInLongString({ brackets: { within }, syntax }: Place): boolean {
  return /^["'`]/.test(within) && (within.length > 1 || syntax.multilineQuotes.includes(within));
}

function upToBlockEnd(draft: Draft, place: Place, first: number): Draft {
  const { lines, goesOn } = draft;
  const { prefix, suffix, closers, language } = place;
  const lead = startsParagraph(lines, first, place) ? first : 0;
  const rule = createStopRule({
    prefix: prefix + '\n'.repeat(lead),
    // What the text types again is as if it were not there.
    suffix: suffix.slice(closers.length),
    language,
    multiline: true,
  });
  const fed = rule.feed(lines.slice(lead).join('\n') + (goesOn ? '\n' : ''));
  const text = fed.emit + (fed.done || goesOn ? '' : rule.end());
  const kept = text === '' ? 0 : lead + text.split('\n').length;
  if (kept <= first) return { ...draft, lines: lines.slice(0, first + 1), goesOn: goesOn && !fed.done };
  if (!fed.done && kept === lines.length) return draft;
  const last = lines[kept - 1]!;
  const shown = text.slice(text.lastIndexOf('\n') + 1);
  // The rule shows white space only with what follows it.
  const isWhole = kept - 1 === first || shown === last.trimEnd();
  return { ...draft, lines: [...lines.slice(0, kept - 1), isWhole ? last : shown], goesOn: goesOn && !fed.done };
}

/** After a blank line, as deep as the cursor's line: what comes is a paragraph of its own, and not the end of the last. */
function startsParagraph(lines: readonly string[], first: number, { cursorLine, isFresh }: Place): boolean {
  return !isFresh && first >= 2 && !isBlank(cursorLine) && indentOf(lines[first]!) === indentOf(cursorLine);
}
