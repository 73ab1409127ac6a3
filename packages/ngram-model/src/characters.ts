/** Character classes by UTF-16 unit: rough on purpose, as they only decide where a token may begin or end. */

const WORD = 1;
const BLANK = 2;
const OPERATOR = 3;

const CLASSES = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$')
  CLASSES[char.charCodeAt(0)] = WORD;
for (const char of ' \t\v\f\r') CLASSES[char.charCodeAt(0)] = BLANK;
for (const char of '=<>!&|+-*/%^~?:.#@\\') CLASSES[char.charCodeAt(0)] = OPERATOR;

/** Part of an identifier in most languages. Everything beyond ASCII counts, so that surrogate pairs are never parted. */
export function isWordUnit(unit: number): boolean {
  return unit > 127 || CLASSES[unit] === WORD;
}

/** White space but the line feed, which is a token of its own. */
export function isBlankUnit(unit: number): boolean {
  return unit < 128 && CLASSES[unit] === BLANK;
}

/** What joins with its like to one token: `=>`, `!==`, `...`. Brackets, quotes and separators stand alone. */
export function isOperatorUnit(unit: number): boolean {
  return unit < 128 && CLASSES[unit] === OPERATOR;
}

export function isDigitUnit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
