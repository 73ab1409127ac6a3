import { describe, expect, it } from 'vitest';
import { hasInvisible, invisibleAsSpaces, withoutInvisible } from './invisible.ts';

const hidden = [...'ignore'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('');

describe('what is not seen', () => {
  it.each([
    ['direction controls', 'if (a \u202e/* b \u2066) {', 'if (a /* b ) {'],
    ['zero-width characters', 'pass\u200bword\u2060 \ufeffx', 'password x'],
    ['text spelt in tags', `const a = 1;${hidden} // b`, 'const a = 1; // b'],
    ['variation selectors beyond the usual', 'a\u{e0100}b', 'ab'],
    ['escapes of terminals', 'a \u001b[31;1mred\u001b[0m \u001b[2J b', 'a red  b'],
    ['other controls', 'a\u0000b\u0008c\u009bd', 'abcd'],
  ])('is taken out: %s', (_what, text, seen) => {
    expect(hasInvisible(text)).toBe(true);
    expect(withoutInvisible(text)).toBe(seen);
    expect(hasInvisible(seen)).toBe(false);
    const spaced = invisibleAsSpaces(text);
    expect(spaced).toHaveLength(text.length);
    expect(hasInvisible(spaced)).toBe(false);
    expect(spaced.isWellFormed()).toBe(true);
  });

  it.each(['a\tb\r\nc\fd', 'é ü 語 😀 ❤️ 1️⃣', '👩‍👩‍👧', 'می‌خواهم', 'क्‍ष'])('is not part of %j', (text) => {
    expect(withoutInvisible(text)).toBe(text);
    expect(invisibleAsSpaces(text)).toBe(text);
  });
});
