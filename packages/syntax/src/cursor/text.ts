/** Offset of the first character of the line that `offset` is on. */
export function lineStartAt(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line break that ends the line `offset` is on, or of the text's end. */
export function lineEndAt(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

export function isBlankBetween(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isBlankAt(text, at)) return false;
  return true;
}

/** Offset of the last character before `offset` that is not blank; -1 without one. */
export function lastFilledBefore(text: string, offset: number): number {
  let at = offset - 1;
  while (at >= 0 && isBlankAt(text, at)) at--;
  return at;
}

/** Offset of the first character from `offset` on that is not blank; the text's length without one. */
export function firstFilledFrom(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && isBlankAt(text, at)) at++;
  return at;
}

function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}
