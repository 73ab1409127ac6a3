/**
 * What changes how text looks or what it says without being seen: controls but tab and line breaks (with them the ANSI
 * escapes of terminals), the direction controls of Trojan Source (CVE-2021-42574), zero-width characters, tags and variation
 * selectors that can spell out hidden text. `\u{db40}` leads every tag and every supplementary variation selector.
 */
// The rule has it that controls in a pattern are mistakes; here they are what is looked for.
// oxlint-disable no-control-regex
const INVISIBLE =
  /[\0-\x08\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\udb40]/;
const EACH_INVISIBLE =
  /\x1b\[[0-?]{0,16}[ -/]{0,4}[@-~]|\x1b[@-Z\\-_]|[\0-\x08\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\uddff]/g;
// oxlint-enable no-control-regex
/** Joins letters of Persian and Indic scripts and the parts of an emoji: it belongs there, and never behind ASCII. */
const JOINERS = new Set(['\u200c', '\u200d']);

/** True when `text` has a character that is not seen. The two halves of one are found together only. */
export function hasInvisible(text: string): boolean {
  return INVISIBLE.test(text);
}

/** `text` without what is not seen; the same string when there is nothing of it. */
export function withoutInvisible(text: string): string {
  return replaceInvisible(text, () => '');
}

/** `text` with spaces for what is not seen, as long as before. */
export function invisibleAsSpaces(text: string): string {
  return replaceInvisible(text, (found) => ' '.repeat(found.length));
}

function replaceInvisible(text: string, by: (found: string) => string): string {
  if (!INVISIBLE.test(text)) return text;
  return text.replace(EACH_INVISIBLE, (found: string, at: number) =>
    JOINERS.has(found) && text.charCodeAt(at - 1) > 0x7f ? found : by(found),
  );
}
