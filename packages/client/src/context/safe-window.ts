/** Room for what begins before a window or ends after it: the longest usual key, RSA of 8,192 bits, has 6.4 Ki as PEM. */
const MARGIN_UNITS = 8 * 1024;

/**
 * `text.slice(start, end)` without secrets, also without those of which the slice has only a part: what lies around it is
 * looked at too. As long as the slice.
 */
export function safeSlice(text: string, start: number, end: number, redact: (text: string) => string): string {
  const from = Math.max(0, start - MARGIN_UNITS);
  const around = redact(text.slice(from, end + MARGIN_UNITS));
  return around.slice(start - from, end - from);
}
