import { isBlankUnit, isLetterUnit, isWordUnit } from './characters.ts';

/** How much text before the cursor an earlier place must share before its continuation is worth showing; in UTF-16 units. */
export interface Evidence {
  /** At least this much, ending at the cursor and beginning with a whole token. */
  readonly minimum: number;
  /** From here on more than the word under the cursor matches; below, only the rest of that word is known. */
  readonly beyondWord: number;
}

/** `foo` can be told from other names; two letters stand at the head of half of them. */
const WORD_LETTERS = 3;
/** `user.` or `return next`, but not `const ` or `if (`: a keyword alone precedes anything. */
const LINE_LETTERS = 4;
const LINE_TOKENS = 2;
/** At the start of a line the line before must be recognised: `} else {` must not be enough. */
const NEW_LINE_LETTERS = 8;

/** What a match for this prefix must show, or undefined when the text before the cursor says too little. */
export function evidenceFor(prefix: string): Evidence | undefined {
  const end = prefix.length;
  let at = end;
  while (at > 0 && isWordUnit(prefix.charCodeAt(at - 1))) at -= 1;
  const word = end - at;
  while (at > 0 && isBlankUnit(prefix.charCodeAt(at - 1)) && prefix[at - 1] !== '\n') at -= 1;
  const lineStart = word === 0 && prefix[at - 1] === '\n';
  const beyondWord = end - Math.max(0, at - 1);

  const [letters, tokens] =
    word > 0 ? [WORD_LETTERS, 1] : lineStart ? [NEW_LINE_LETTERS, 1] : [LINE_LETTERS, LINE_TOKENS];
  const minimum = lengthWith(prefix, letters, tokens);
  return minimum === undefined ? undefined : { minimum, beyondWord };
}

/** The shortest tail of `text` that begins with a whole token and has that many letters and tokens. */
function lengthWith(text: string, letters: number, tokens: number): number | undefined {
  let foundLetters = 0;
  let foundTokens = 0;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const unit = text.charCodeAt(at);
    if (isBlankUnit(unit)) continue;
    if (isLetterUnit(unit)) foundLetters += 1;
    if (isWordUnit(unit) && at > 0 && isWordUnit(text.charCodeAt(at - 1))) continue;
    foundTokens += 1;
    if (foundLetters >= letters && foundTokens >= tokens) return text.length - at;
  }
  return undefined;
}
