/**
 * What secrets are overwritten with, repeated to their length. ASCII, as unusual characters cost a model several tokens
 * each; no word of any code, so that an answer containing it is known to repeat a redaction. No rule matches secrets that
 * are shorter than it.
 */
const UNIT = '~redacted';
const PLACEHOLDERS = /(?:~redacted[~acdert]*\s*)+/g;

/** `secret` overwritten, its length and line breaks kept: offsets and line numbers in the text stay right. */
export function placeholderFor(secret: string): string {
  return secret.replace(/[^\r\n]+/g, (line) => UNIT.repeat(Math.ceil(line.length / UNIT.length)).slice(0, line.length));
}

/** True when `text` contains an overwritten secret. */
export function containsPlaceholder(text: string): boolean {
  return text.includes(UNIT);
}

/** How many overwritten secrets stand in `text`; one over several lines is one. */
export function countPlaceholders(text: string): number {
  return containsPlaceholder(text) ? text.match(PLACEHOLDERS)!.length : 0;
}
