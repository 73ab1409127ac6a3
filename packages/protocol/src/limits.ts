/** Sizes are UTF-8 bytes; a request beyond one is answered 413. */
export const LIMITS = {
  prefixBytes: 64 * 1024,
  suffixBytes: 32 * 1024,
  snippets: 32,
  snippetsBytes: 64 * 1024,
  resumeBytes: 16 * 1024,
  /**
   * The whole body. The texts above add up to 176 KiB; JSON may need six bytes for one (`\u0000`), but code made of
   * control characters only is not worth a larger buffer, so twice the sum plus room for the small fields.
   */
  completionBodyBytes: 384 * 1024,
  candidates: 5,
  maxTokens: 1024,
  telemetryEvents: 500,
  telemetryBodyBytes: 256 * 1024,
  /** Events whose `time` is older are refused: the store's exact deduplication looks back no further. */
  telemetryMaxAgeMs: 7 * 24 * 60 * 60 * 1000,
} as const;

/** Length of `text` in UTF-8 bytes; a lone surrogate counts three (U+FFFD), as every encoder writes it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
    } else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2; // four bytes for two units
      i += 1;
    } else {
      bytes += 2;
    }
  }
  return bytes;
}

/** True when `texts` together have at most `limit` UTF-8 bytes. Counts only when the lengths alone cannot tell. */
export function fitUtf8(texts: readonly string[], limit: number): boolean {
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units * 3 <= limit) return true;
  return units <= limit && utf8LengthOf(texts) <= limit;
}

/** Length of all `texts` in UTF-8 bytes. */
export function utf8LengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + utf8Length(text), 0);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
